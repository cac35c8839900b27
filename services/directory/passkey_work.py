"""Taking one passkey away at the identity provider, as its owner asked, and signing the owner out everywhere.

Looked at once more just before: what else was taken away meanwhile may have left it the last way to sign in.
"""

from dataclasses import dataclass
from typing import Protocol

from services.directory.domain.ways_in import LastWayIn, check_may_remove
from services.directory.identity_provider import ways_in
from shared.database import UnitOfWork
from shared.identity_admin import SignIn
from shared.scheduler import WillNeverWork, Work


class Passkeys(Protocol):
    """The verbs of the identity provider that are needed here."""

    def sign_in_of(self, person_id: str) -> SignIn | None:
        """Return what a person has to sign in with."""

    def remove_passkey(self, person_id: str, passkey_id: str) -> None:
        """Take one passkey away and end the sessions."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Whose passkey goes, and which."""

    person_id: str
    passkey_id: str


class RemovePasskey:
    """Due work `remove-passkey`: one person."""

    def __init__(self, passkeys: Passkeys) -> None:
        self._passkeys = passkeys

    def prepare(self, uow: UnitOfWork, work: Work) -> Removal:
        """Return whose, and which."""
        return Removal(work.object_id, str(work.data["passkey_id"]))

    def act(self, prepared: Removal) -> None:
        """Take it away; raises WillNeverWork when it has become the last way to sign in."""
        found = self._passkeys.sign_in_of(prepared.person_id)
        if found is None:
            return
        held = ways_in(found)
        if held.passkey(prepared.passkey_id):
            try:
                check_may_remove(held, prepared.passkey_id)
            except LastWayIn as last:
                raise WillNeverWork("This passkey has become the only way to sign in.") from last
        self._passkeys.remove_passkey(prepared.person_id, prepared.passkey_id)

    def record(self, uow: UnitOfWork, work: Work, prepared: Removal, result: None) -> None:
        """Nothing to write down: who asked for it stands in the audit trail."""
