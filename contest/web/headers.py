"""What every answer tells the browser: whom to trust (us alone) and what to keep (little)."""

from __future__ import annotations

from flask import Response, request

from contest.web.house import house

PAGE_POLICY = "; ".join(  # noqa: FLY002  # one rule a line
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src {senders}",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def page_policy() -> str:
    """What a page may do. Where films go to a bucket, scripts may speak to it besides us."""
    return PAGE_POLICY.format(senders=f"'self' {house().storage.browser_origin}".strip())


def add_headers(response: Response) -> Response:
    """Fill in each header the view has not set itself; private pages stay out of caches."""
    response.headers.setdefault("Content-Security-Policy", page_policy())
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cache-Control", "no-store")
    if request.blueprint != "public" or response.status_code >= 400:
        response.headers.setdefault("X-Robots-Tag", "noindex, noarchive")
    return response
