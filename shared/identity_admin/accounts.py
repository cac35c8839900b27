"""Accounts at the identity provider: found by person, made, renamed, closed and opened again, signed out."""

from dataclasses import dataclass
from typing import Any

from shared.identity_admin.admin_api import AdminApi, IdentityProviderRefused

ACCOUNTS_GROUP = "/tenant-users"
"""The realm group that bounds our rights; an account outside it could never be changed again."""

CODE_ACTION = "CONFIGURE_TOTP"
PASSWORD_ACTION = "UPDATE_PASSWORD"  # noqa: S105 - the provider's word for setting one
SETUP_ACTIONS = [PASSWORD_ACTION, CODE_ACTION]
"""What a new account is asked for, unless a passkey is wanted: that alone is enough."""

ATTRIBUTE = "person_id"


class AccountMissing(IdentityProviderRefused):
    """Nobody we may see has this person id."""


class AddressTaken(IdentityProviderRefused):
    """The e-mail address belongs to another account, perhaps to one we may not see."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is. `ready` says that nothing is left to be set up before its owner can sign in."""

    id: str
    person_id: str
    email: str
    enabled: bool
    ready: bool


class Accounts:
    """Verbs on accounts as such."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def find(self, person_id: str) -> Account | None:
        """Return the account of a person, or None when there is none within our rights."""
        user = self._user(person_id)
        return _account(user) if user else None

    def create(self, person_id: str, email: str, first_name: str, last_name: str) -> Account:
        """Make the account, or bring names and address of an existing one in line; raises AddressTaken."""
        names = {"username": email.lower(), "email": email.lower(), "firstName": first_name, "lastName": last_name}
        user = self._user(person_id)
        if user is None:
            self._make({**names, "enabled": True, "attributes": {ATTRIBUTE: [person_id]}}, person_id)
            return _account(self.read(person_id))
        return _account(self._renamed(user, names))

    def disable(self, person_id: str) -> None:
        """Let a person in no more, and end the sessions; a person without an account is as good as disabled."""
        account = self.find(person_id)
        if account:
            # `enabled` alone: a body with attributes and without names would empty the names and the address.
            self._api.call("put", f"/users/{account.id}", {"enabled": False})
            self.sign_out(account.id)

    def enable(self, person_id: str) -> None:
        """Let a person in again."""
        self._api.call("put", f"/users/{self.id_of(person_id)}", {"enabled": True})

    def remove(self, person_id: str) -> None:
        """Take an account away with all it was signed in with; its address is free. Nothing happens without one."""
        account = self.find(person_id)
        if account:
            self.sign_out(account.id)
            self._api.call("delete", f"/users/{account.id}", accept=404)

    def sign_out(self, account_id: str) -> None:
        """End every session of an account; the portal is told by the identity provider."""
        self._api.call("post", f"/users/{account_id}/logout", {})

    def read(self, person_id: str) -> dict[str, Any]:
        """Return the whole account as the provider keeps it; raises AccountMissing."""
        user = self._user(person_id)
        if user is None:
            raise AccountMissing(f"There is no account for the person {person_id}.", 404)
        return user

    def id_of(self, person_id: str) -> str:
        """Return the provider's id of a person's account; raises AccountMissing."""
        return str(self.read(person_id)["id"])

    def require(self, user: dict[str, Any], actions: list[str]) -> None:
        """Say what has to be set up at the next sign-in, and change nothing else of the account as it was read."""
        self._api.call("put", f"/users/{user['id']}", {**user, "requiredActions": actions})

    def _user(self, person_id: str) -> dict[str, Any] | None:
        found = self._api.get("/users", {"q": f"{ATTRIBUTE}:{person_id}", "briefRepresentation": "false"})
        return next((dict(user) for user in found if _person_of(user) == person_id), None)

    def _make(self, user: dict[str, Any], person_id: str) -> None:
        try:
            self._api.call("post", "/users", {**user, "groups": [ACCOUNTS_GROUP], "requiredActions": SETUP_ACTIONS})
        except IdentityProviderRefused as refused:
            # A repeat of a call whose answer was lost finds its own account; anybody else's keeps the address.
            if refused.status == 409 and self._user(person_id) is None:
                raise AddressTaken("Another account has this address.", 409) from refused
            if refused.status != 409:
                raise

    def _renamed(self, user: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        """Write back what was read with these names: whatever is left out of the body would be emptied."""
        # A user name that is an address follows it, or the old one would go on opening the account and could be nobody
        # else's; the release before may have changed the e-mail alone. Any other user name stays.
        by_address = "@" in user["username"]
        changed = {**user, **names, "username": names["username"] if by_address else user["username"]}
        if changed == user:
            return user
        try:
            self._api.call("put", f"/users/{user['id']}", changed)
        except IdentityProviderRefused as refused:
            if refused.status == 409:
                raise AddressTaken("Another account has this address.", 409) from refused
            raise
        return changed


def _account(user: dict[str, Any]) -> Account:
    return Account(
        id=user["id"],
        person_id=_person_of(user) or "",
        email=user.get("email", ""),
        enabled=bool(user["enabled"]),
        ready=not user.get("requiredActions"),
    )


def _person_of(user: dict[str, Any]) -> str | None:
    values = user.get("attributes", {}).get(ATTRIBUTE, [])
    return str(values[0]) if values else None
