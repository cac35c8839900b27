"""With what somebody signs in, and which of it may go.

A passkey is enough by itself. A code comes after a password or a work account. Whoever has neither gets in no more, and
nobody but an access manager could help: the last such way stays.
"""

from dataclasses import dataclass
from datetime import datetime

from services.directory.domain.errors import RuleBroken


class LastWayIn(RuleBroken):
    """Without it the person could not sign in any more."""

    slug = "last-way-in"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class WayIn:
    """One passkey or one code; `label` is what its owner called it, or nothing."""

    id: str
    is_passkey: bool
    label: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class WaysIn:
    """All that somebody has. `first_step`: a password or a work account, after which a code is asked for."""

    first_step: bool
    items: tuple[WayIn, ...]

    def passkey(self, passkey_id: str) -> WayIn | None:
        """Return one of the passkeys, None for anything else."""
        return next((one for one in self.items if one.is_passkey and one.id == passkey_id), None)

    def get_in_without(self, passkey_id: str) -> bool:
        """Tell whether a passkey or a code that can be used is left when this one is gone."""
        return any(one.is_passkey or self.first_step for one in self.items if one.id != passkey_id)


def check_may_remove(ways: WaysIn, passkey_id: str) -> None:
    """Raises LastWayIn unless the person can still sign in strongly without this passkey."""
    if not ways.get_in_without(passkey_id):
        raise LastWayIn("This passkey is the only way you can sign in. Set up another one first, then remove it.")
