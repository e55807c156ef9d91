"""What each answer of the console tells the browser: nothing of others, no frames, no copies."""

from __future__ import annotations

from flask import Response, request

from ivr_app.switch import board

POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "font", "media")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
A_YEAR = 31_536_000


def seal(answer: Response) -> Response:
    """Add them; files of ours may be kept, as their address changes with them."""
    answer.headers.update(HEADERS)
    if request.endpoint != "static" or answer.status_code != 200:
        answer.headers["Cache-Control"] = "no-store"
    if board().settings.public_url.startswith("https://"):
        answer.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return answer
