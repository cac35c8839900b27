"""Errors as RFC 9457 problems: one place that turns what went wrong into what the caller reads.

Domain errors are plain exceptions with a `slug` and a `kind`; domain code imports nothing of ours, so they are
recognised by shape.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import orjson
from flask import Flask, Response, g
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from shared.driver import is_away

log = logging.getLogger(__name__)

STATUS_OF_KIND = {"invalid": 422, "conflict": 409, "missing": 404, "forbidden": 403}
SLUG_OF_STATUS = {
    400: "malformed-request",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    412: "stale-version",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid-input",
    428: "version-required",
    429: "too-many-requests",
    500: "unexpected-error",
    503: "temporarily-unavailable",
}


@runtime_checkable
class DomainError(Protocol):
    """The shape of an error raised by a `domain/` package."""

    slug: str
    kind: str


class Problem(Exception):
    """A refusal with a stable type.

    `slug` ends the problem's `type`, `detail` is a sentence for the person, `errors` names the fields, `extra` are
    further members of the problem document (RFC 9457 section 3.2).
    """

    def __init__(
        self,
        slug: str,
        status: int,
        title: str,
        detail: str = "",
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or title)
        self.slug, self.status, self.title, self.detail = slug, status, title, detail
        self.errors, self.headers, self.extra = errors or [], dict(headers or {}), extra


class NotFound(Problem):
    """What is asked for does not exist, or is not visible to whoever asks: the two look the same."""

    def __init__(self) -> None:
        super().__init__("not-found", 404, "Not found", "There is nothing here that you can see.")


class Forbidden(Problem):
    """Visible, but the role that may do this is missing."""

    def __init__(self, detail: str = "Your role does not allow this.") -> None:
        super().__init__("forbidden", 403, "Not allowed", detail)


class Conflict(Problem):
    """The thing is in a state in which this cannot be done."""

    def __init__(self, slug: str, detail: str, **extra: Any) -> None:
        super().__init__(slug, 409, "Not possible at the moment", detail, **extra)


class Invalid(Problem):
    """A value is wrong; `message` says what would be right."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(
            "invalid-input", 422, "Check what you entered", message, errors=[{"field": field, "message": message}]
        )


class StaleVersion(Problem):
    """Somebody else saved first; `current` is what they saved, so that both texts can be shown."""

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__(
            "stale-version",
            412,
            "Somebody else saved first",
            "This was changed after you opened it. Compare both versions and save again.",
            current=dict(current),
        )


class VersionRequired(Problem):
    """The request did not say which version it changes (RFC 6585)."""

    def __init__(self) -> None:
        super().__init__(
            "version-required", 428, "Version needed", 'Send the version you read as If-Match: "<version>".'
        )


class StepUpRequired(Problem):
    """The act needs a stronger or fresher sign-in."""

    def __init__(self) -> None:
        super().__init__(
            "step-up-required",
            401,
            "Confirm that it is you",
            "This needs a sign-in with your second factor within the last 10 minutes.",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_user_authentication", acr_values="strong"'},
        )


class NotSignedIn(Problem):
    """No token, or one that this service does not accept; the reason goes to the log only."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "not-signed-in",
            401,
            "Sign in",
            "Sign in and try again.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
        self.reason = reason


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return the members of the problem document."""
    document: dict[str, Any] = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "request_id": g.get("request_id", ""),
    }
    if problem.errors:
        document["errors"] = problem.errors
    return document | problem.extra


def problem_response(problem: Problem) -> Response:
    """Return the answer for a problem, as application/problem+json."""
    response = Response(
        orjson.dumps(problem_document(problem), default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS),
        status=problem.status,
        content_type="application/problem+json",
    )
    response.headers.update(problem.headers)
    return response


def from_domain(error: Exception) -> Problem | None:
    """Return the problem for a domain error, or None when `error` is not one."""
    if not isinstance(error, DomainError):
        return None
    status = STATUS_OF_KIND[error.kind]
    titles = {422: "Check what you entered", 409: "Not possible at the moment", 404: "Not found", 403: "Not allowed"}
    field = getattr(error, "field", None)
    errors = [{"field": str(field), "message": str(error)}] if field else []
    extra = getattr(error, "extra", None) or {}
    return Problem(error.slug, status, titles[status], str(error), errors=errors, **extra)


def from_http(error: HTTPException) -> Problem:
    """Return the problem for an error of the web framework, with the fields named where validation found them."""
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    errors = list(_field_errors(data.get("messages", {})))
    detail = errors[0]["message"] if errors else (error.description or "")
    headers = data.get("headers") or {}
    return Problem(SLUG_OF_STATUS.get(status, "error"), status, error.name, detail, errors=errors, headers=headers)


def _field_errors(messages: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(messages, Mapping):
        found: list[dict[str, str]] = []
        for key, value in messages.items():
            inside = path if (not path and key in {"json", "query", "files", "form", "headers"}) else f"{path}.{key}"
            found += _field_errors(value, inside.strip("."))
        return found
    if isinstance(messages, list):
        return [found for value in messages for found in _field_errors(value, path)]
    return [{"field": path, "message": str(messages)}]


class StatementRefused(Exception):
    """Stands for an error of the database in the log: its own words hold values of the row, which are somebody's."""


def _without_values(error: Exception) -> StatementRefused:
    refused = getattr(error, "orig", None) or error
    place = getattr(getattr(refused, "diag", None), "constraint_name", None) or "no constraint"
    kept = StatementRefused(f"{type(refused).__name__} {getattr(refused, 'sqlstate', None)} ({place})")
    return kept.with_traceback(error.__traceback__)


def from_database(error: Exception) -> Problem:
    """Return the problem for a database that is away, busy or broken."""
    away = is_away(error) or isinstance(error, OperationalError)
    if not away:
        log.error("The database refused a statement", exc_info=_without_values(error))
        return Problem("unexpected-error", 500, "Something went wrong", "The error was recorded.")
    log.warning("The database did not answer", extra={"error": type(error).__name__})
    return Problem(
        "temporarily-unavailable",
        503,
        "Temporarily unavailable",
        "Nothing was lost. Try again in a moment.",
        headers={"Retry-After": "2"},
    )


def install(app: Flask, *, on_refusal: Callable[[Problem], None]) -> None:
    """Answer every error of `app` as a problem; the last handler answers what nobody foresaw.

    `on_refusal` is told of each problem before it is answered, so that a refusal of access is audited.
    """

    @app.errorhandler(Problem)
    def _problem(error: Problem) -> Response:
        on_refusal(error)
        return problem_response(error)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        return problem_response(from_http(error))

    @app.errorhandler(DBAPIError)
    @app.errorhandler(PoolTimeout)
    def _database(error: Exception) -> Response:
        return problem_response(from_database(error))

    @app.errorhandler(Exception)
    def _last(error: Exception) -> Response:
        known = from_domain(error)
        if known is None:
            log.error("Unexpected error", exc_info=error)
            known = Problem("unexpected-error", 500, "Something went wrong", "The error was recorded.")
        on_refusal(known)
        return problem_response(known)
