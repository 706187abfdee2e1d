"""What every response tells a browser about how far to trust it."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{what}-src 'self'" for what in ("connect", "img", "media", "script", "style", "worker")),
        *(f"{what} 'none'" for what in ("base-uri", "form-action", "frame-ancestors")),
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer, be it of an application or not.

Strict-Transport-Security is for the TLS proxy to set: only it knows that there is TLS.
"""


def harden(app: Flask, *shared: str) -> None:
    """Put them on every response of `app`. What says nothing of caching is not stored.

    shared: blueprints whose answers the pages of others may show or play.
    """

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.blueprint in shared:
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response
