"""Security headers of every answer (OWASP ASVS 5.0, 3.4)."""

from flask import Flask, Response, g, request

from services.portal.config import PortalConfig

ONE_YEAR = 31_536_000


def register(app: Flask, config: PortalConfig) -> None:
    """Add the headers to every answer, pages of errors included."""

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy(config, g.get("nonce", ""))
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        if config.over_https:
            answer.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        if not request.path.startswith("/assets/"):
            answer.headers["Cache-Control"] = "no-store"
            answer.vary.add("Cookie")  # for whoever keeps an answer all the same: it is for this session alone
        return answer


def policy(config: PortalConfig, nonce: str) -> str:
    """Return the Content-Security-Policy; forms may end at the identity provider, where signing in and out happens."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action 'self' {' '.join(config.form_targets)}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )
