"""Who asks: session cookies for people, bearer tokens for services, and the throttle on guessing."""

import hashlib
import secrets
from datetime import timedelta

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from spike.models import SignInTry, User
from spike.workflow import Refused

TRIES = 10
WINDOW = timedelta(minutes=15)


def sign_in(request: HttpRequest, username: str, password: str) -> User:
    """The person with this name and password. Raises `Refused`: bad_credentials, too_many_tries.

    A try is counted before the password is looked at, so that parallel tries cannot slip past, for
    the name and address together. Behind a proxy the address is the proxy's, so the name decides.
    """
    recent = SignInTry.objects.filter(
        username=username, address=request.META["REMOTE_ADDR"], at__gt=timezone.now() - WINDOW
    )
    this_try = SignInTry.objects.create(username=username, address=request.META["REMOTE_ADDR"])
    if recent.filter(pk__lte=this_try.pk).count() > TRIES:
        this_try.delete()
        raise Refused("too_many_tries", "Too many failed tries. Try again in 15 minutes.")
    user = authenticate(request, username=username, password=password)
    if user is None or user.is_service:
        raise Refused("bad_credentials", "The username or the password is wrong.")
    recent.delete()
    SignInTry.objects.filter(at__lt=timezone.now() - WINDOW).delete()
    return user


class SignInForm(AuthenticationForm):
    """The sign-in form of the staff screens, throttled like the API's."""

    def clean(self) -> dict[str, object]:
        """The cleaned data. Raises ValidationError whose code is that of the refusal."""
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = sign_in(self.request, username, password)
            except Refused as refused:
                raise forms.ValidationError(refused.detail, code=refused.code) from None
        return self.cleaned_data


class TokenAuthentication(BaseAuthentication):
    """Services: `Authorization: Bearer TOKEN`. Only a token's SHA-256 is stored."""

    keyword = "bearer"

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        """The service of the token, or None without one. Raises AuthenticationFailed."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword:
            return None
        user = User.objects.filter(token_hash=hash_of(token.strip()), is_active=True).first()
        if user is None:
            raise AuthenticationFailed("This token is not valid.", code="not_signed_in")
        return user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class CookieAuthentication(SessionAuthentication):
    """People: the session cookie, with the CSRF token and no foreign origin on changing requests."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise PermissionDenied (csrf) when the request may come from another site."""
        if request.method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            refuse_foreign(request)
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(str(error.detail), code="csrf") from None


def refuse_foreign(request: Request | HttpRequest) -> None:
    """Raise PermissionDenied (csrf) when a browser says that another site sent the request."""
    here = f"{request.scheme}://{request.get_host()}"
    foreign = request.headers.get("Origin", here) != here
    if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise PermissionDenied("The request comes from another site.", code="csrf")


def new_token(user: User) -> str:
    """A new token for the service, in place of the one it had."""
    token = secrets.token_urlsafe(32)
    set_token(user, token)
    return token


def set_token(user: User, token: str) -> None:
    """Let the service sign in with this token."""
    user.token_hash = hash_of(token)
    user.save(update_fields=["token_hash"])


def hash_of(token: str) -> str:
    """The SHA-256 of a token. Tokens are long and random, so a fast hash without salt is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
