"""The web role of a service: one application factory, one way to open a transaction, one way to answer."""

import hashlib
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Flask, Response, current_app, g, request
from flask.json.provider import JSONProvider
from flask_smorest import Api, Blueprint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from shared import audit, crashpoints, idempotency, problems, replica
from shared.access import STRONG, Access, acts_for_another, check_declarations, check_role, check_strength
from shared.clock import Clock, SystemClock, local_day
from shared.config import ServiceConfig
from shared.database import Database, UnitOfWork
from shared.ids import new_id
from shared.metrics import REQUEST_SECONDS
from shared.observability import configure_logging, span_from
from shared.principal import Principal, Scope
from shared.problems import Forbidden, Invalid, NotSignedIn, Problem, StepUpRequired, VersionRequired
from shared.rate_limits import RateLimiter
from shared.security_headers import with_security_headers
from shared.tokens import TokenVerifier, principal_of

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request body, unless a route that takes files says otherwise."""
VERSION = re.compile(r"[0-9]{1,9}")
"""Not `isdigit`: that lets superscripts through, and numbers that no column of ours could hold."""
log = logging.getLogger(__name__)

Blueprint.ARGUMENTS_PARSER.unknown = None
"""The parser drops unknown query arguments unless told to leave that to the schema, and ours refuse them."""


def encode(value: Any) -> bytes:
    """Return `value` as JSON bytes: ids as text, dates and instants in ISO 8601, instants in UTC ending in Z."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson: a third faster on every answer."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Return `obj` as JSON text."""
        return encode(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Return what JSON text holds."""
        return orjson.loads(s)


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest, answering its own errors as problems too (by itself it does not)."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer an error of the web framework."""
        return problems.problem_response(problems.from_http(error))


def create_service_app(
    config: ServiceConfig,
    *,
    title: str,
    blueprints: Sequence[Blueprint],
    database: Database | None = None,
    verifier: TokenVerifier | None = None,
    clock: Clock | None = None,
    largest_body: int = LARGEST_BODY,
) -> Flask:
    """Build a service's web application; raises UndeclaredRoute when a route forgets its role or audit action."""
    from shared.standard_routes import standard_blueprints

    crashpoints.arm(config.crash_folder)
    app = Flask(config.service)
    app.json = OrjsonProvider(app)
    app.config.update(_openapi_settings(title), MAX_CONTENT_LENGTH=largest_body)
    app.extensions["service"] = ServiceState(config, database, verifier, clock)
    api = ProblemApi(app)
    for blueprint in (*blueprints, *standard_blueprints()):
        api.register_blueprint(blueprint)
    problems.install(app, on_refusal=record_refusal)
    install_replay(app)
    app.before_request(_begin)
    app.after_request(_finish)
    app.wsgi_app = with_security_headers(app.wsgi_app)  # type: ignore[assignment, method-assign]
    state_of(app).access = check_declarations(app)
    if config.writes_logs:
        configure_logging(config.service, config.role, config.log_level)
    return app


class ServiceState:
    """What a service's application holds: configuration, database, verifier, clock, declared access."""

    def __init__(
        self,
        config: ServiceConfig,
        database: Database | None,
        verifier: TokenVerifier | None,
        clock: Clock | None,
    ) -> None:
        self.config = config
        self.database = database or Database(
            config.database_url, pool_size=config.pool_size, wake_channel=f"outbox_{config.service}"
        )
        if verifier is None and config.oidc is not None:
            verifier = TokenVerifier(config.oidc)
        self.verifier = verifier
        self.clock = clock or SystemClock()
        self.access: dict[str, Access] = {}
        self.limiter = RateLimiter(config.database_url, self.clock)


def _openapi_settings(title: str) -> dict[str, Any]:
    return {
        "API_TITLE": title,
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": None,
    }


def state_of(app: Flask) -> ServiceState:
    """Return the state that `create_service_app` put into `app`."""
    state = app.extensions["service"]
    assert isinstance(state, ServiceState)  # noqa: S101 - put there by the factory above
    return state


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or str(new_id())
    if not g.request_id.isprintable():
        g.request_id = str(new_id())
    g.span = span_from(request.endpoint or "unknown", request.headers.get("traceparent"))
    g.span.__enter__()
    state = state_of(current_app)
    g.now = state.clock.now()
    access = state.access.get(request.endpoint or "")
    if access is None:
        return
    g.access = access
    if access.largest_body is not None:
        request.max_content_length = access.largest_body
    g.principal = _counted(state, access)
    check_role(access, g.principal)
    check_strength(access, g.principal, g.now)


def _counted(state: ServiceState, access: Access) -> Principal:
    """Return who asks, counting what they ask; guesses at tokens count for the address they come from."""
    limits = state.config.rate_limits
    try:
        principal = _principal(state, access)
    except NotSignedIn:
        state.limiter.count(f"address {request.remote_addr}", limits.per_address)
        raise
    if principal.person_id is not None:
        state.limiter.count(f"person {principal.person_id}", limits.per_person)
    return principal


def _principal(state: ServiceState, access: Access) -> Principal:
    if access.public:
        return Principal.public()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or state.verifier is None:
        raise NotSignedIn("no bearer token")
    claims = state.verifier.claims(token.strip())
    g.claims = claims
    if claims.get("person_id") and claims.get("acr") != STRONG:
        raise StepUpRequired  # a password alone, or the word of an outside issuer, opens nothing
    if not access.acting_for:
        return _person_only(claims)
    return principal_of(claims, request.headers.get("Acting-For"))


def _person_only(claims: Mapping[str, Any]) -> Principal:
    """Return the principal of a person before they chose whom to act for: a tenant that owns nothing."""
    if not claims.get("person_id"):
        raise NotSignedIn("no person in the token")
    public = Principal.public()
    return Principal(str(claims["person_id"]), public.tenant_id, public.org_id, scope=Scope.PUBLIC)


def _finish(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
        route = request.url_rule.rule if request.url_rule else "(no route)"
        elapsed = time.perf_counter() - g.started
        REQUEST_SECONDS.labels(request.method, route, response.status_code).observe(elapsed)
        log.info(
            "%s %s",
            request.method,
            route,
            extra={"status": response.status_code, "endpoint": request.endpoint},
        )
    if span := g.pop("span", None):
        span.__exit__(None, None, None)
    crashpoints.crash_point("request_before_answer")
    return response


@contextmanager
def unit_of_work(*, prepares: bool = False) -> Iterator[UnitOfWork]:
    """Open the transaction of this request: who asks is checked first, commit is the caller's visible line.

    Raises Forbidden when the membership replica does not hold what the token says, and Replay when the request's
    idempotency key was used before. The route's audit row is written by `commit()`. `prepares` is for a transaction
    before the one that does what is asked (a file is stored between the two): no key is claimed, nothing audited.
    """
    state = state_of(current_app)
    principal: Principal = g.principal
    crashpoints.crash_point("request_before_transaction")
    with UnitOfWork(state.database, principal, clock=state.clock) as uow:
        if principal.scope not in {Scope.PUBLIC, Scope.SERVICE}:
            _check_membership(uow, principal)
        if prepares:
            yield uow
            return
        _claim_key(uow)
        access: Access = g.access
        if access.audit is not None:
            uow.before_commit.append(lambda _: _write_audit(uow, access))
        yield uow


def _check_membership(uow: UnitOfWork, principal: Principal) -> None:
    held = replica.current_roles(uow) & principal.roles
    if not held:
        raise Forbidden("You have no role in that organisation today.")
    access: Access = g.access
    if access.roles and not (access.roles & held):
        raise Forbidden
    # From here on a role counts only where token and membership agree: a right that a command looks up as well.
    g.principal = uow.principal = replace(principal, roles=held)


def _write_audit(uow: UnitOfWork, access: Access) -> None:
    outcome = audit.ACTING_FOR if acts_for_another(access, uow.principal) else audit.DONE
    action, private = str(access.audit), access.private
    if uow.object_type and len(uow.object_ids) > 1:
        audit.record_each(uow, action, uow.object_type, uow.object_ids, outcome=outcome, private=private)
    else:
        only = next(iter(uow.object_ids), None)
        audit.record(uow, action, uow.object_type, only, outcome=outcome, private=private)


def _claim_key(uow: UnitOfWork) -> None:
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or not key:
        return
    route = str(request.endpoint)
    idempotency.claim(uow, route, key, idempotency.fingerprint(uow.principal.org_id, request.full_path, _content()))
    uow.before_commit.append(lambda answer: idempotency.remember(uow, route, key, g.get("answer_status", 200), answer))


def _content() -> bytes:
    """Return what the request says; a form with files was parsed by now, and its body cannot be had again."""
    if request.mimetype != "multipart/form-data":
        return request.get_data()
    parts: list[tuple[str, str]] = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)
        digest = hashlib.file_digest(file.stream, "sha256")  # type: ignore[arg-type]  # has `readinto`, unlike IO
        parts.append((name, digest.hexdigest()))
        file.stream.seek(0)
    return orjson.dumps(sorted(parts))


def reply(payload: Any, status: int = 200, *, etag: int | None = None) -> Response:
    """Answer with JSON; `etag` is the version of the one resource in the payload."""
    response = Response(encode(payload), status=status, content_type="application/json")
    if etag is not None:
        response.headers["ETag"] = f'"{etag}"'
    return response


def if_match() -> int:
    """Return the version the request says it changes; raises VersionRequired (428) when it says none."""
    value = request.headers.get("If-Match", "").strip().strip('"')
    if not VERSION.fullmatch(value):
        raise VersionRequired
    return int(value)


def cursor_after(items: Sequence[Mapping[str, Any]], limit: int, field: str) -> str | None:
    """Return the cursor of the next page: the last row's `field`, when the page is full."""
    return str(items[-1][field]) if len(items) == limit else None


def last_shown(cursor: str) -> UUID:
    """Return the id after which a list goes on, from a cursor that is one; raises Invalid for one that is none."""
    try:
        return UUID(cursor)
    except ValueError as error:
        raise Invalid("cursor", "Go on with the cursor that the page before gave.") from error


def now() -> datetime:
    """Return the instant at which this request began."""
    instant: datetime = g.now
    return instant


def today() -> date:
    """Return the day on which this request began, where its people are."""
    return local_day(now())


def install_replay(app: Flask) -> None:
    """Answer a repeated request with the answer it got before."""

    @app.errorhandler(idempotency.Replay)
    def _replay(error: idempotency.Replay) -> Response:
        response = reply(error.answer, error.status)
        response.headers["Idempotent-Replay"] = "true"
        return response


def record_refusal(error: Problem) -> None:
    """Write one audit row for a request that was refused; its own transaction, since the request has none."""
    if error.status not in {401, 403} or error.slug == "step-up-required":
        return
    state = state_of(current_app)
    principal = g.get("principal") or Principal.service("NATIONAL", "NATIONAL")
    try:
        with UnitOfWork(state.database, principal, clock=state.clock) as uow:
            audit.record(uow, "access.refused", "route", request.endpoint, outcome=error.slug)
            uow.commit()
    except (DBAPIError, PoolTimeout) as away:
        log.warning("A refusal was not audited", extra={"slug": error.slug, "error": type(away).__name__})
