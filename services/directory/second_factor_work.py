"""Taking an old second factor away at the identity provider.

Passkeys go like codes. Somebody who signs in with a work account sets up a new one at the next sign-in. Everybody else
sets up the sign-in anew from a mailed link: the old password is taken away too, or whoever knows it could set up a
second factor of their own in the meantime.
"""

from dataclasses import dataclass
from typing import Protocol

from services.directory.account_work import SETUP_SECONDS
from shared.database import UnitOfWork
from shared.scheduler import Work


class SecondFactors(Protocol):
    """The verbs of the identity provider that are needed here."""

    def reset_second_factor(self, person_id: str, *, passkey: bool = False) -> bool:
        """Take it away; tell whether the person needs a link to set up the sign-in."""

    def unlink_work_account(self, person_id: str) -> None:
        """Let a person sign in with a work account no more."""

    def send_setup_mail(self, person_id: str, lifespan: int) -> None:
        """Mail that link."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Whose second factor goes, whether a passkey takes its place, and whether the link to a work account goes too."""

    person_id: str
    passkey: bool
    unlink: bool


class ResetSecondFactor:
    """Due work `reset-second-factor`: one person."""

    def __init__(self, accounts: SecondFactors) -> None:
        self._accounts = accounts

    def prepare(self, uow: UnitOfWork, work: Work) -> Reset:
        """Return whose, and what is to be set up in its place."""
        return Reset(work.object_id, passkey=bool(work.data.get("passkey")), unlink=bool(work.data.get("unlink")))

    def act(self, prepared: Reset) -> None:
        """Take it away and end the sessions."""
        if prepared.unlink:  # first: without a work account the reset takes the password away, and a link is mailed
            self._accounts.unlink_work_account(prepared.person_id)
        if self._accounts.reset_second_factor(prepared.person_id, passkey=prepared.passkey):
            self._accounts.send_setup_mail(prepared.person_id, SETUP_SECONDS)

    def record(self, uow: UnitOfWork, work: Work, prepared: Reset, result: None) -> None:
        """Nothing to write down: who asked for it stands in the audit trail."""
