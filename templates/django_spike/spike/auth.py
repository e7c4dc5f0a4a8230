"""Who asks: session cookies for people, bearer tokens for services, and the throttle on guessing."""

import hashlib
import re
import secrets
from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.csrf import csrf_failure
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from spike.models import SignInTry, User
from spike.workflow import Refused

TRIES = 10
WINDOW = timedelta(minutes=15)
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
SECRET = re.compile("password|csrf|^_")  # not to be sent again


def sign_in(request: Request, username: str, password: str) -> User:
    """The person, with a new session. Raises `Refused`: bad_credentials, too_many_tries."""
    user = check_password(request, username, password)
    request.session.flush()
    login(request, user)
    return user


def sign_out(request: Request) -> None:
    """End the session."""
    logout(request)


def check_password(request: Request | HttpRequest, username: str, password: str) -> User:
    """The person with this password. Raises `Refused`: bad_credentials, too_many_tries."""
    count_try(username)
    user = authenticate(request, username=username, password=password)
    if user is None or user.is_service:
        raise Refused("bad_credentials", "The username or the password is wrong.")
    outdated = Q(username=username) | Q(since__lt=timezone.now() - WINDOW)
    SignInTry.objects.filter(outdated).delete()
    return user


def count_try(username: str) -> None:
    """Count a try before the slow hash, so that a burst cannot slip past.

    Raises `Refused` (too_many_tries) after the tenth within 15 minutes.
    """
    with transaction.atomic():
        old = SignInTry.objects.filter(username=username, since__lt=timezone.now() - WINDOW)
        old.delete()
        counted, _ = SignInTry.objects.select_for_update().get_or_create(username=username)
        counted.tries += 1
        counted.save(update_fields=["tries"])
    if counted.tries > TRIES:
        raise Refused("too_many_tries", "Too many failed tries. Try again in 15 minutes.")


class SignInForm(AuthenticationForm):
    """The sign-in form of the staff screens, throttled like the API's."""

    def clean(self) -> dict[str, object]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = check_password(self.request, username, password)
            except Refused as refused:
                raise forms.ValidationError(refused.detail, code=refused.code) from None
            if self.data.get("unsent"):
                self.request.session["unsent"] = [self.data.get("next"), self.data["unsent"]]
                messages.warning(self.request, "What you typed is still here. It is not saved yet.")
        return self.cleaned_data


def session_ended(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The sign-in, which takes along what was typed into a form whose session has ended."""
    if request.user.is_authenticated or "checking failed" in reason:  # of the page it came from
        return csrf_failure(request, reason)
    typed = urlencode({n: text for n, text in request.POST.items() if not SECRET.search(n)})
    sign_in_page = reverse("admin:login")
    before = request.POST if request.path == sign_in_page else {}
    context = {
        "app_path": sign_in_page,
        "next": before.get("next", request.get_full_path() if typed else reverse("home")),
        "unsent": before.get("unsent", typed),
    }
    request.method = "GET"  # the form of the sign-in has not been sent yet
    response = admin.site.login(request, context)
    response.status_code = 403
    return response


def typed_before(request: HttpRequest) -> QueryDict | None:
    """What was typed into this form before the session ended; it is given once."""
    address, typed = request.session.get("unsent", ("", ""))
    if request.method != "GET" or address != request.get_full_path():
        return None
    del request.session["unsent"]
    return QueryDict(typed)


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id at the first of the costs that OWASP advises, the same in both spikes."""

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1


class TokenAuthentication(authentication.TokenAuthentication):
    """Services: `Authorization: Bearer TOKEN`. Only a token's SHA-256 is stored."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        """The service of the token. Raises AuthenticationFailed."""
        user = User.objects.filter(token_hash=token_hash(key), is_active=True).first()
        if user is None:
            raise AuthenticationFailed("This token is not valid.")
        return user, key


class CookieAuthentication(authentication.SessionAuthentication):
    """People: the session cookie, with the CSRF token and no foreign origin on changing requests."""

    def enforce_csrf(self, request: Request) -> None:
        """Raise PermissionDenied (csrf) when the request may come from another site."""
        if request.method not in SAFE:
            refuse_foreign(request)
        # Without this Django would ask clients behind TLS for a Referer, which only browsers send.
        request.META.setdefault("HTTP_ORIGIN", origin(request))
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(str(error.detail), code="csrf") from None


def origin(request: Request) -> str:
    """The scheme, host and port under which the spike is asked."""
    return f"{request.scheme}://{request.get_host()}"


def refuse_foreign(request: Request) -> None:
    """Raise PermissionDenied (csrf) when a browser says that another site sent the request."""
    foreign = request.headers.get("Origin", origin(request)) != origin(request)
    if foreign or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise PermissionDenied("The request comes from another site.", code="csrf")


def new_token(user: User) -> str:
    """A new token for the service, in place of the one it had."""
    token = secrets.token_urlsafe(32)
    set_token(user, token)
    return token


def set_token(user: User, token: str) -> None:
    """Let the service sign in with this token."""
    user.token_hash = token_hash(token)
    user.save(update_fields=["token_hash"])


def token_hash(token: str) -> str:
    """The SHA-256 of a token. Tokens are long and random, so a fast hash without salt is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
