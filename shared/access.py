"""Who may call a route, said on the route itself; an application with an undeclared route does not start."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask

from shared.principal import Principal
from shared.problems import Forbidden, StepUpRequired

STRONG_FOR = timedelta(seconds=600)
"""How old a strong sign-in may be for an act that binds the organisation."""
STRONG = "strong"
"""The level of a sign-in with a second factor of ours; a person with less gets nowhere."""
FRAMEWORK_ENDPOINTS = frozenset({"static"})
F = TypeVar("F", bound=Callable[..., Any])


class UndeclaredRoute(Exception):
    """A route says neither which roles may call it nor that it is public, or changes things without an audit action."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: roles (empty: anybody who signed in), its audit action, and whether it is public."""

    roles: frozenset[str]
    audit: str | None
    strong: bool = False
    public: bool = False
    private: bool = False
    acting_for: bool = True
    largest_body: int | None = None
    delegates: frozenset[str] = frozenset()


def requires(
    *roles: str,
    audit: str | None,
    strong: bool = False,
    private: bool = False,
    acting_for: bool = True,
    largest_body: int | None = None,
    delegates: Collection[str] = (),
) -> Callable[[F], F]:
    """Let only holders of one of `roles` call this route; no role named: anybody who signed in.

    `audit` names the action in the audit trail (None only for plain reads); `strong` asks for a second factor within
    10 minutes; `private` makes the audit row visible to its author alone; `acting_for=False` is for routes about the
    person rather than an organisation. `largest_body` is how many bytes a route that takes files reads.
    `delegates` are roles that do this for somebody else: the audit trail says so.
    """
    access = Access(
        frozenset(roles),
        audit,
        strong=strong,
        private=private,
        acting_for=acting_for,
        largest_body=largest_body,
        delegates=frozenset(delegates),
    )

    def declare(route: F) -> F:
        route.access = access  # type: ignore[attr-defined]
        return route

    return declare


def public(*, audit: str | None) -> Callable[[F], F]:
    """Let anybody call this route, signed in or not."""

    def declare(route: F) -> F:
        route.access = Access(frozenset(), audit, public=True)  # type: ignore[attr-defined]
        return route

    return declare


def access_of(app: Flask, endpoint: str) -> Access:
    """Return what the route declares; raises UndeclaredRoute when it declares nothing."""
    view = app.view_functions[endpoint]
    while view is not None:
        access = getattr(view, "access", None)
        if isinstance(access, Access):
            return access
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment]
    raise UndeclaredRoute(endpoint)


def check_declarations(app: Flask) -> dict[str, Access]:
    """Return the access of every endpoint of `app`; raises UndeclaredRoute for the first that forgot."""
    declared = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FRAMEWORK_ENDPOINTS:
            continue
        access = access_of(app, rule.endpoint)
        if access.audit is None and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            raise UndeclaredRoute(f"{rule.endpoint} changes something but names no audit action")
        declared[rule.endpoint] = access
    return declared


def check_role(access: Access, principal: Principal) -> None:
    """Raise Forbidden unless `principal` holds one of the roles the route asks for."""
    if access.roles and not principal.holds(*access.roles):
        raise Forbidden


def acts_for_another(access: Access, principal: Principal) -> bool:
    """Tell whether `principal` may call the route only because it lets delegates in."""
    admitted = access.roles & principal.roles
    return bool(admitted) and admitted <= access.delegates


def check_strength(access: Access, principal: Principal, now: datetime) -> None:
    """Raise StepUpRequired unless the sign-in is as strong and as fresh as the route asks for."""
    if not access.strong:
        return
    fresh = principal.auth_time is not None and now - principal.auth_time <= STRONG_FOR
    if principal.acr != STRONG or not fresh:
        raise StepUpRequired
