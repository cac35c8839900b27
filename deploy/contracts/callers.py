"""What a caller sends beside path and body, written into an OpenAPI document from what each route declares and does.

Who may call comes from the route's own declaration (`shared.access`); a version is asked for by a route that calls
`shared.request_and_reply.if_match`, always or only where one was sent; a key is honoured on every POST
(`shared.request_transaction.unit_of_work`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from flask import Flask

from shared.access import FRAMEWORK_ENDPOINTS, Access, access_of
from shared.config import audience_of
from shared.request_and_reply import if_match

CONVERTER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
VERSION_HEADER = "If-Match"
PROBLEM = {"$ref": "#/components/responses/DEFAULT_ERROR"}
SERVERS = [{"url": "/", "description": "The address of this service in the installation; only the portal reaches it."}]


def _header(name: str, words: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": words,
        "required": required,
        "schema": {"type": "string", **schema},
    }


VERSION = {"pattern": '^"?[0-9]{1,9}"?$', "examples": ['"3"']}
PARAMETERS = {
    "ActingFor": _header(
        "Acting-For",
        "The code of the organisation that the person acts for. Whoever has roles in more than one must send it: 403.",
        {},
    ),
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "A key of the caller's own. The same request with the same key has one effect and gets the first answer, with"
        " the header Idempotent-Replay; another request with that key is refused: 422.",
        {"maxLength": 255},
    ),
    "IfMatch": _header(
        VERSION_HEADER,
        "The version that was read, as its ETag gave it. Without one: 428; when somebody else saved since: 412.",
        VERSION,
        required=True,
    ),
    "IfMatchWhereRead": _header(
        VERSION_HEADER,
        "The version that was read, as its ETag gave it, where there was one. When somebody else saved since: 412.",
        VERSION,
    ),
}


def describe_callers(document: dict[str, Any], app: Flask, service: str) -> None:
    """Add to a service's document how one signs in, and which headers each route takes."""
    components = document.setdefault("components", {})
    components["parameters"] = {**components.get("parameters", {}), **PARAMETERS}
    components["securitySchemes"] = {
        "person": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"An access token of the realm for the audience {audience_of(service)}.",
        }
    }
    document["servers"] = SERVERS
    for path, method, endpoint in _routes(app):
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            _describe(operation, method, access_of(app, endpoint), app.view_functions[endpoint])


def _routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in FRAMEWORK_ENDPOINTS:
            for method in rule.methods or ():
                yield CONVERTER.sub(r"{\1}", rule.rule), method.lower(), rule.endpoint


def _describe(operation: dict[str, Any], method: str, access: Access, view: Callable[..., Any]) -> None:
    operation["security"] = [] if access.public else [{"person": []}]
    always = asks_for_version(view)
    names = [
        *(["ActingFor"] if access.acting_for and not access.public else []),
        *(["IdempotencyKey"] if method == "post" else []),
        *([] if always is None else ["IfMatch" if always else "IfMatchWhereRead"]),
    ]
    own = operation.get("parameters", [])
    operation["parameters"] = [*own, *({"$ref": f"#/components/parameters/{name}"} for name in names)]
    refusals = [
        *([] if access.public else ["401", "403"]),
        *([] if always is None else ["412"]),
        *(["428"] * bool(always)),
    ]
    operation["responses"] = {**dict.fromkeys(refusals, PROBLEM), **operation["responses"]}


def asks_for_version(view: Callable[..., Any]) -> bool | None:
    """Tell whether a route needs the version that was read: always, only where one was sent, or (None) never."""
    found = [VERSION_HEADER not in _texts(each.__code__) for each in _functions(view) if _calls(each, if_match)]
    return any(found) if found else None


def _functions(view: Callable[..., Any]) -> Iterator[FunctionType]:
    """Return the route's own function and those beside it, in the services' routes, that it calls."""
    waiting, seen = [inspect.unwrap(view)], set[object]()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, FunctionType) or one in seen:
            continue
        seen.add(one)
        yield one
        called = (one.__globals__.get(name) for name in _names(one.__code__))
        waiting += [each for each in called if ".routes" in str(getattr(each, "__module__", ""))]


def _calls(function: FunctionType, wanted: Callable[..., Any]) -> bool:
    return any(function.__globals__.get(name) is wanted for name in _names(function.__code__))


def _names(code: CodeType) -> set[str]:
    return {*code.co_names, *(name for inner in _inner(code) for name in _names(inner))}


def _texts(code: CodeType) -> set[object]:
    return {*code.co_consts, *(text for inner in _inner(code) for text in _texts(inner))}


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))
