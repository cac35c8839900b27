"""How whoever asks signs in, as the identity provider keeps it at this moment.

Asked for the person of the token alone, with no transaction open. It is the one thing the web process asks the identity
provider; what takes something away is the scheduler's (passkey_work.py).
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, g

from services.directory.domain.ways_in import WayIn, WaysIn
from shared.problems import Problem

EXTENSION = "ways_in"
Reader = Callable[[str], WaysIn | None]


class SignInServiceAway(Exception):
    """The identity provider did not say; worth asking again later."""


def own_ways_in() -> WaysIn | None:
    """Return with what whoever asks signs in; None where an operator looks after the account. Raises a 503 problem."""
    read: Reader | None = current_app.extensions.get(EXTENSION)
    if read is None:
        return None
    try:
        return read(str(g.principal.person_id))
    except SignInServiceAway as away:
        raise Problem(
            "sign-in-service-away",
            503,
            "The sign-in service does not answer",
            "Nothing was changed. Try again in a few minutes.",
            headers={"Retry-After": "60"},
        ) from away


def shown(ways: WaysIn | None) -> dict[str, Any]:
    """Return them as their owner sees them, with what may be removed."""
    return {"kept_here": ways is not None, "items": [_shown(ways, one) for one in ways.items] if ways else []}


def _shown(ways: WaysIn, one: WayIn) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": "passkey" if one.is_passkey else "code",
        "label": one.label,
        "added_at": one.added_at,
        "removable": one.is_passkey and ways.get_in_without(one.id),
    }
