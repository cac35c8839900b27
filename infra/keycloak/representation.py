"""Words shared by everything that builds a part of the realm: the JSON shape, fixed ids, claim mappers, flows."""

from typing import Any, TypeAlias
from uuid import UUID, uuid5

Representation: TypeAlias = dict[str, Any]
"""A Keycloak object as its Admin API and its import files spell it."""

_NAMESPACE = UUID("0d5e3b1c-5b0f-4c1a-9d57-2f6b1f0c7a11")


def fixed_id(*parts: str) -> str:
    """Return the id of an object that other objects refer to: the same at every rendering, other for every realm."""
    return str(uuid5(_NAMESPACE, "/".join(parts)))


def mapper(name: str, kind: str, config: dict[str, str]) -> Representation:
    """Return a protocol mapper: how one claim gets into a token."""
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}


def flow(alias: str, *executions: Representation, top: bool = False) -> Representation:
    """Return one flow of signing in, its steps in the order given."""
    return {
        "alias": alias,
        "providerId": "basic-flow",
        "topLevel": top,
        "builtIn": False,
        "authenticationExecutions": [
            {**execution, "priority": place * 10, "userSetupAllowed": False}
            for place, execution in enumerate(executions, start=1)
        ],
    }


def step(authenticator: str, requirement: str, config: str | None = None) -> Representation:
    """Return one step of a flow, with its configuration where it has one."""
    made: Representation = {"authenticator": authenticator, "authenticatorFlow": False, "requirement": requirement}
    return {**made, "authenticatorConfig": config} if config else made


def sub_flow(alias: str, requirement: str) -> Representation:
    """Return a step that is a flow of its own."""
    return {"flowAlias": alias, "authenticatorFlow": True, "requirement": requirement}
