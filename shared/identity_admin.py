"""The identity provider's accounts, as the one service that provisions them needs to see them.

The only module that knows python-keycloak. It signs in with a service account whose rights end at one group of accounts
and the organizations (infra/keycloak/permissions.py). Every verb may be repeated: it looks first, and takes "is already
so" for success, so work that broke off half-way is simply done again.

Keycloak tells the portal nothing when somebody is disabled or loses a membership. Every verb that takes something away
therefore ends the person's sessions as its last step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from keycloak import KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakConnectionError, KeycloakError

from shared.config import PASSKEY_ACTION, WORK_ACCOUNT

TIMEOUT_SECONDS = 8
"""For each call. More than the 5 s that Keycloak itself waits for a portal which does not answer a logout."""

ACCOUNTS_GROUP = "/tenant-users"
"""The realm group that bounds our rights; an account outside it could never be changed again."""

CODE_ACTION = "CONFIGURE_TOTP"
SETUP_ACTIONS = ["UPDATE_PASSWORD", CODE_ACTION]
"""What a new account is asked for, unless a passkey is wanted: that alone is enough."""

ATTRIBUTE = "person_id"
CODE_ATTRIBUTE = "ods"

_Method = Literal["get", "post", "put", "delete"]
_Query = Mapping[str, str | int]
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class IdentityProviderError(Exception):
    """A call to the identity provider did not do what was asked."""


class IdentityProviderUnavailable(IdentityProviderError):
    """It did not answer, or could not just now: worth repeating later."""


class IdentityProviderRefused(IdentityProviderError):
    """It said no and will say so again; `status` is its HTTP answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class AccountMissing(IdentityProviderRefused):
    """Nobody we may see has this person id."""


class WorkAccountTaken(IdentityProviderRefused):
    """The work account is linked to another account, or this account to another work account."""


class AddressTaken(IdentityProviderRefused):
    """The e-mail address belongs to another account, perhaps to one we may not see."""


@dataclass(frozen=True, slots=True)
class IdentityAdminConfig:
    """Where the realm is and who we are there. `redirect_uri` is where a set-up link leads back to."""

    server_url: str
    realm: str
    client_id: str
    client_secret: str
    portal_client: str
    redirect_uri: str
    timeout: int = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is. `ready` says that nothing is left to be set up before its owner can sign in."""

    id: str
    person_id: str
    email: str
    enabled: bool
    ready: bool


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A role held in an organization of a tenant; codes as in the register."""

    tenant: str
    organization: str
    role: str

    @property
    def path(self) -> str:
        """The group that stands for it."""
        return f"/{self.organization}/{self.role}"


class IdentityAdmin:
    """Verbs on accounts. All raise IdentityProviderUnavailable or IdentityProviderRefused."""

    def __init__(self, config: IdentityAdminConfig) -> None:
        self._config = config
        self._connection = KeycloakOpenIDConnection(
            server_url=config.server_url.rstrip("/") + "/",
            realm_name=config.realm,
            client_id=config.client_id,
            client_secret_key=config.client_secret,
            timeout=config.timeout,
            # Repeating is the caller's business, who also knows when to give up.
            max_retries=0,
        )

    def find_account(self, person_id: str) -> Account | None:
        """Return the account of a person, or None when there is none within our rights."""
        found = self._get("/users", {"q": f"{ATTRIBUTE}:{person_id}", "briefRepresentation": "false"})
        return next((_account(user) for user in found if _person_of(user) == person_id), None)

    def create_account(self, person_id: str, email: str, first_name: str, last_name: str) -> Account:
        """Make the account, or bring names and address of an existing one in line; raises AddressTaken.

        The person still has to set up how to sign in: send_setup_mail.
        """
        names = {"username": email.lower(), "email": email.lower(), "firstName": first_name, "lastName": last_name}
        account = self.find_account(person_id)
        if account is None:
            self._create({**names, "enabled": True, "attributes": {ATTRIBUTE: [person_id]}}, person_id)
        else:
            self._update(account.id, names)
        return self._account(person_id)

    def choose_setup(self, person_id: str, *, passkey: bool) -> None:
        """Ask for a passkey alone, or for a password and a code; an account that has been set up stays as it is."""
        account = self._account(person_id)
        if not account.ready:
            self._require(self._get(f"/users/{account.id}"), [PASSKEY_ACTION] if passkey else SETUP_ACTIONS)

    def send_setup_mail(self, person_id: str, lifespan: int) -> None:
        """Mail the link with which a person sets up what is left to set up; it lives for `lifespan` seconds.

        Each call sends a mail, but to nobody who has set up everything: whoever reads their mails could add a second
        factor with it.
        """
        account = self._account(person_id)
        actions = self._get(f"/users/{account.id}").get("requiredActions", [])
        if not actions:
            return
        query: _Query = {
            "client_id": self._config.portal_client,
            "redirect_uri": self._config.redirect_uri,
            "lifespan": lifespan,
        }
        self._call("put", f"/users/{account.id}/execute-actions-email", actions, query=query)

    def link_work_account(self, person_id: str, subject: str, shown_name: str) -> None:
        """Let a person sign in as `subject` of the issuer of work accounts; raises WorkAccountTaken.

        A password is no longer needed, so a new account is not asked to set one. The identity provider itself would
        link one subject to two accounts and then let neither in.
        """
        account = self._account(person_id)
        holders = self._get("/users", {"idpAlias": WORK_ACCOUNT, "idpUserId": subject})
        if any(holder["id"] != account.id for holder in holders):
            raise WorkAccountTaken("This work account is somebody else's.", 409)
        if not holders:
            self._link(account.id, {"identityProvider": WORK_ACCOUNT, "userId": subject, "userName": shown_name})
        user = self._get(f"/users/{account.id}")
        required = user.get("requiredActions", ())
        if "UPDATE_PASSWORD" in required:
            self._require(user, [action for action in required if action != "UPDATE_PASSWORD"])

    def reset_second_factor(self, person_id: str, *, passkey: bool = False) -> bool:
        """Take every code and passkey away and end the sessions; tell whether a set-up link is needed to come in again.

        Without a work account the password goes as well: known to somebody else, it would let them set up a second
        factor before the person does. A passkey, or a code, is asked for from then on.
        """
        account = self._account(person_id)
        has_work_account = bool(self._get(f"/users/{account.id}/federated-identity"))
        with_code = [CODE_ACTION] if has_work_account else SETUP_ACTIONS
        self._require(self._get(f"/users/{account.id}"), [PASSKEY_ACTION] if passkey else with_code)
        for credential in self._get(f"/users/{account.id}/credentials"):
            if credential["type"] != "password" or not has_work_account:
                self._call("delete", f"/users/{account.id}/credentials/{credential['id']}", accept=404)
        self._end_sessions(account.id)
        return not has_work_account

    def ensure_organization(self, tenant: str, name: str) -> str:
        """Return the id of a tenant's organization; make it, or give it its present name."""
        found = self._organization(tenant)
        if found is None:
            wanted = {"name": name, "alias": tenant.lower(), "enabled": True, "attributes": {CODE_ATTRIBUTE: [tenant]}}
            self._call("post", "/organizations", {**wanted, "domains": []}, accept=409)
            return self._organization_id(tenant)
        if found["name"] != name:
            # Without attributes in the body they would be lost, and with them the way to find it.
            whole = self._get(f"/organizations/{found['id']}")
            self._call("put", f"/organizations/{found['id']}", {**whole, "name": name})
        return str(found["id"])

    def ensure_group(self, place: Place) -> str:
        """Return the id of the group for a role; make it and the one above it where missing."""
        groups = f"/organizations/{self._organization_id(place.tenant)}/groups"
        known = self._group(groups, place.path)
        if known:
            return known
        top = f"/{place.organization}"
        if not self._group(groups, top):
            self._call("post", groups, {"name": place.organization}, accept=409)
        self._call("post", f"{groups}/{self._group(groups, top)}/children", {"name": place.role}, accept=409)
        made = self._group(groups, place.path)
        if not made:
            raise IdentityProviderUnavailable(f"The group {place.path} is not there yet.")
        return made

    def add_to_organization(self, person_id: str, place: Place) -> None:
        """Give a person a role; the tenant's organization must exist."""
        account = self._account(person_id)
        group = self.ensure_group(place)
        organization = f"/organizations/{self._organization_id(place.tenant)}"
        # The body is the bare id; 409 says that the person is in already.
        self._call("post", f"{organization}/members", account.id, accept=409)
        self._call("put", f"{organization}/groups/{group}/members/{account.id}", accept=409)

    def remove_role(self, person_id: str, place: Place) -> None:
        """Take a role away, and the membership of the tenant with the last one; then end the sessions."""
        account = self._account(person_id)
        found = self._organization(place.tenant)
        if found:
            self._leave(f"/organizations/{found['id']}", account.id, place.path)
        self._end_sessions(account.id)

    def places_of(self, person_id: str) -> set[Place]:
        """Return every role the person holds, to compare with what should be."""
        account = self._account(person_id)
        places = set()
        for organization in self._get(f"/organizations/members/{account.id}/organizations"):
            tenant = str(organization["alias"]).upper()
            for group in self._get(f"/organizations/{organization['id']}/members/{account.id}/groups"):
                code, separator, role = str(group["path"]).strip("/").partition("/")
                if separator:
                    places.add(Place(tenant, code, role))
        return places

    def disable_account(self, person_id: str) -> None:
        """Let a person in no more, and end the sessions; a person without an account is as good as disabled."""
        account = self.find_account(person_id)
        if account:
            # `enabled` alone: a body with attributes and without names would empty the names and the address.
            self._call("put", f"/users/{account.id}", {"enabled": False})
            self._end_sessions(account.id)

    def enable_account(self, person_id: str) -> None:
        """Let a person in again."""
        self._call("put", f"/users/{self._account(person_id).id}", {"enabled": True})

    def end_sessions(self, person_id: str) -> None:
        """Sign a person out everywhere; the portal is told by the identity provider."""
        self._end_sessions(self._account(person_id).id)

    def _create(self, user: dict[str, Any], person_id: str) -> None:
        try:
            self._call("post", "/users", {**user, "groups": [ACCOUNTS_GROUP], "requiredActions": SETUP_ACTIONS})
        except IdentityProviderRefused as refused:
            # A repeat of a call whose answer was lost finds its own account; anybody else's keeps the address.
            if refused.status == 409 and self.find_account(person_id) is None:
                raise AddressTaken("Another account has this address.", 409) from refused
            if refused.status != 409:
                raise

    def _update(self, account_id: str, names: dict[str, str]) -> None:
        """Read, change, write back: whatever is left out of the body would be emptied."""
        user = self._get(f"/users/{account_id}")
        if all(user.get(key) == value for key, value in names.items() if key != "username"):
            return
        # The user name stays: the realm does not allow it to change, and people sign in by address.
        changed = {**user, **names, "username": user["username"]}
        try:
            self._call("put", f"/users/{account_id}", changed)
        except IdentityProviderRefused as refused:
            if refused.status == 409:
                raise AddressTaken("Another account has this address.", 409) from refused
            raise

    def _require(self, user: dict[str, Any], actions: list[str]) -> None:
        """Say what has to be set up at the next sign-in, and change nothing else of the account as it was read."""
        self._call("put", f"/users/{user['id']}", {**user, "requiredActions": actions})

    def _link(self, account_id: str, link: dict[str, str]) -> None:
        try:
            self._call("post", f"/users/{account_id}/federated-identity/{WORK_ACCOUNT}", link)
        except IdentityProviderRefused as refused:
            if refused.status == 409:
                raise WorkAccountTaken("This account has another work account.", 409) from refused
            raise

    def _account(self, person_id: str) -> Account:
        account = self.find_account(person_id)
        if account is None:
            raise AccountMissing(f"There is no account for the person {person_id}.", 404)
        return account

    def _organization(self, tenant: str) -> dict[str, Any] | None:
        found = self._get("/organizations", {"q": f"{CODE_ATTRIBUTE}:{tenant}"})
        return next((dict(one) for one in found if one["alias"] == tenant.lower()), None)

    def _organization_id(self, tenant: str) -> str:
        found = self._organization(tenant)
        if found is None:
            raise IdentityProviderRefused(f"There is no organization for the tenant {tenant}.", 404)
        return str(found["id"])

    def _group(self, groups: str, path: str) -> str | None:
        answer = self._call("get", f"{groups}/group-by-path{path}", accept=404)
        return str(answer["id"]) if answer else None

    def _leave(self, organization: str, account_id: str, path: str) -> None:
        group = self._group(f"{organization}/groups", path)
        if group:
            self._call("delete", f"{organization}/groups/{group}/members/{account_id}", accept=404)
        member = self._call("get", f"{organization}/members/{account_id}", accept=404)
        if member and not self._get(f"{organization}/members/{account_id}/groups"):
            self._call("delete", f"{organization}/members/{account_id}", accept=404)

    def _end_sessions(self, account_id: str) -> None:
        self._call("post", f"/users/{account_id}/logout", {})

    def _get(self, path: str, query: _Query | None = None) -> Any:
        return self._call("get", path, query=query)

    def _call(
        self, method: _Method, path: str, body: object = None, *, accept: int | None = None, query: _Query | None = None
    ) -> Any:
        """Call the Admin API; return what it answered, or None for an empty answer or the `accept`ed status."""
        address = f"admin/realms/{self._config.realm}{path}"
        try:
            answer = self._send(method, address, body, query or {})
        except KeycloakError as error:
            raise _translated(error) from error
        if answer.status_code == accept:
            return None
        if not answer.ok:
            # The answer's own words may hold an address: the status has to do.
            raise _refusal(
                f"{method} {path.partition('?')[0]} was answered with {answer.status_code}", answer.status_code
            )
        return answer.json() if answer.content else None

    def _send(self, method: _Method, address: str, body: object, query: _Query) -> Any:
        if method == "get":
            return self._connection.raw_get(address, **query)
        data = "" if body is None else orjson.dumps(body).decode()
        return getattr(self._connection, f"raw_{method}")(address, data=data, **query)


def _translated(error: KeycloakError) -> IdentityProviderError:
    """Sort what the library raises: no connection and a server in trouble pass, everything else stays."""
    if isinstance(error, KeycloakConnectionError) or error.response_code in _RETRYABLE:
        return IdentityProviderUnavailable("The identity provider does not answer.")
    return IdentityProviderRefused("The identity provider refuses our credentials.", error.response_code)


def _refusal(message: str, status: int) -> IdentityProviderError:
    return IdentityProviderUnavailable(message) if status in _RETRYABLE else IdentityProviderRefused(message, status)


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
