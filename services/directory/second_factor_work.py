"""Taking an old second factor away at the identity provider.

Somebody who signs in with a work account sets up a new one at the next sign-in. Somebody with a password chooses both
anew from a mailed link: the old password is taken away too, or whoever knows it could set up a second factor of their
own in the meantime.
"""

from typing import Protocol

from services.directory.account_work import SETUP_SECONDS
from shared.database import UnitOfWork
from shared.scheduler import Work


class SecondFactors(Protocol):
    """The verbs of the identity provider that are needed here."""

    def reset_second_factor(self, person_id: str) -> bool:
        """Take it away; tell whether the person needs a link to set up the sign-in."""

    def send_setup_mail(self, person_id: str, lifespan: int) -> None:
        """Mail that link."""


class ResetSecondFactor:
    """Due work `reset-second-factor`: one person."""

    def __init__(self, accounts: SecondFactors) -> None:
        self._accounts = accounts

    def prepare(self, uow: UnitOfWork, work: Work) -> str:
        """Return whose."""
        return work.object_id

    def act(self, prepared: str) -> None:
        """Take it away and end the sessions."""
        if self._accounts.reset_second_factor(prepared):
            self._accounts.send_setup_mail(prepared, SETUP_SECONDS)

    def record(self, uow: UnitOfWork, work: Work, prepared: str, result: None) -> None:
        """Nothing to write down: who asked for it stands in the audit trail."""
