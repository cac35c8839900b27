"""An identity provider in memory that behaves as the real one does where the directory can tell.

`test_account_provisioning.py` holds this one and Keycloak to the same expectations.
"""

from dataclasses import dataclass, field, replace

from shared.identity_admin import (
    Account,
    AccountMissing,
    AddressTaken,
    IdentityProviderUnavailable,
    Place,
    WorkAccountTaken,
)
from shared.ids import new_id


@dataclass
class AccountsInMemory:
    """Accounts, organizations and roles; `breaks_before` names the verb that does not answer the next time."""

    accounts: dict[str, Account] = field(default_factory=dict)
    places: dict[str, set[Place]] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    work: dict[str, str] = field(default_factory=dict)
    passkeys: dict[str, bool] = field(default_factory=dict)
    """Who chose a passkey, and who a password and a code."""
    breaks_before: str | None = None

    def find_account(self, person_id: str) -> Account | None:
        """Return a person's account."""
        self._may_break("find_account")
        return self.accounts.get(person_id)

    def create_account(self, person_id: str, email: str, first_name: str, last_name: str) -> Account:
        """Make it, or bring its address in line."""
        self._may_break("create_account")
        if any(a.email == email.lower() and a.person_id != person_id for a in self.accounts.values()):
            raise AddressTaken("Another account has this address.", 409)
        known = self.accounts.get(person_id)
        made = replace(known, email=email.lower()) if known else Account(str(new_id()), person_id, email, True, False)
        self.accounts[person_id] = made
        return made

    def enable_account(self, person_id: str) -> None:
        """Let a person in again."""
        self._may_break("enable_account")
        self.accounts[person_id] = replace(self._account(person_id), enabled=True)

    def disable_account(self, person_id: str) -> None:
        """Let a person in no more."""
        if person_id in self.accounts:
            self.accounts[person_id] = replace(self.accounts[person_id], enabled=False)

    def remove_account(self, person_id: str) -> None:
        """Take it away; the address is free."""
        self._may_break("remove_account")
        self.accounts.pop(person_id, None)
        self.work.pop(person_id, None)

    def unlink_work_account(self, person_id: str) -> None:
        """Let a person sign in with a work account no more."""
        self._may_break("unlink_work_account")
        self.work.pop(self._account(person_id).person_id, None)

    def reset_second_factor(self, person_id: str) -> bool:
        """Take away what was set up; with a work account only the second factor, which nothing here looks at."""
        self._may_break("reset_second_factor")
        if person_id not in self.work:
            self.accounts[person_id] = replace(self._account(person_id), ready=False)
            self.passkeys.pop(person_id, None)
        return person_id not in self.work

    def send_setup_mail(self, person_id: str, lifespan: int, *, passkey: bool | None = None) -> None:
        """Note the mail and what is to be set up; an account that has been set up stays as it is."""
        self._may_break("send_setup_mail")
        account = self._account(person_id)
        if passkey is not None and not account.ready:
            self.passkeys[person_id] = passkey
        self.mails.append(account.email)

    def link_work_account(self, person_id: str, subject: str, shown_name: str) -> None:
        """Link it; an account that has one has nothing left to set up by mail."""
        self._may_break("link_work_account")
        if any(held == subject and other != person_id for other, held in self.work.items()):
            raise WorkAccountTaken("This work account is somebody else's.", 409)
        if self.work.setdefault(person_id, subject) != subject:
            raise WorkAccountTaken("This account has another work account.", 409)

    def ensure_organization(self, tenant: str, name: str) -> str:
        """Make a tenant's organization where it is missing."""
        self.organizations[tenant] = name
        return tenant

    def places_of(self, person_id: str) -> set[Place]:
        """Return every role held."""
        return set(self.places.get(self._account(person_id).person_id, set()))

    def add_to_organization(self, person_id: str, place: Place) -> None:
        """Give a role."""
        self._may_break("add_to_organization")
        if place.tenant not in self.organizations:
            raise AccountMissing(f"There is no organization for the tenant {place.tenant}.", 404)
        self.places.setdefault(self._account(person_id).person_id, set()).add(place)

    def remove_role(self, person_id: str, place: Place) -> None:
        """Take a role away."""
        self._may_break("remove_role")
        self.places.get(self._account(person_id).person_id, set()).discard(place)

    def _account(self, person_id: str) -> Account:
        if person_id not in self.accounts:
            raise AccountMissing("There is no account for this person.", 404)
        return self.accounts[person_id]

    def _may_break(self, verb: str) -> None:
        if self.breaks_before == verb:
            self.breaks_before = None
            raise IdentityProviderUnavailable("The identity provider does not answer.")
