"""Words shared by everything that builds a part of the realm: the JSON shape, fixed ids, claim mappers."""

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
