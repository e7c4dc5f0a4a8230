"""What every request is asked, and what every answer gets."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Keep answers, which are for one person at one moment, out of caches; confine pages.

    Pages load from here alone, and nobody frames them; the admin needs no more.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        return response

    return middleware


def no_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Find nothing at an address of the admin with a NUL, which PostgreSQL refuses to look for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/") and "%00" in request.get_full_path():
            raise Http404
        return get_response(request)

    return middleware
