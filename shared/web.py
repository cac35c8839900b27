"""The web role of a service: one application factory, and what happens before and after every request."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException

from shared import crashpoints, idempotency, problems
from shared.access import STRONG, Access, check_declarations, check_role, check_strength
from shared.clock import Clock
from shared.config import ServiceConfig
from shared.database import Database
from shared.ids import new_id
from shared.metrics import REQUEST_SECONDS
from shared.observability import configure_logging, span_from
from shared.principal import Principal, Scope
from shared.problems import NotSignedIn, StepUpRequired
from shared.request_and_reply import OrjsonProvider, reply
from shared.request_transaction import record_refusal
from shared.security_headers import with_security_headers
from shared.service_state import ServiceState, state_of
from shared.tokens import TokenVerifier, principal_of

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request body, unless a route that takes files says otherwise."""
log = logging.getLogger(__name__)

Blueprint.ARGUMENTS_PARSER.unknown = None
"""The parser drops unknown query arguments unless told to leave that to the schema, and ours refuse them."""


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


def _openapi_settings(title: str) -> dict[str, Any]:
    return {
        "API_TITLE": title,
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": None,
    }


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


def install_replay(app: Flask) -> None:
    """Answer a repeated request with the answer it got before."""

    @app.errorhandler(idempotency.Replay)
    def _replay(error: idempotency.Replay) -> Response:
        response = reply(error.answer, error.status)
        response.headers["Idempotent-Replay"] = "true"
        return response
