"""How somebody signs in: what is set up by mail, the linked work account, codes and passkeys."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.config import PASSKEY_ACTION, WORK_ACCOUNT
from shared.identity_admin.accounts import CODE_ACTION, PASSWORD_ACTION, SETUP_ACTIONS, Accounts
from shared.identity_admin.admin_api import AdminApi, IdentityProviderRefused, Query

PASSWORD = "password"  # noqa: S105 - a kind of credential
PASSKEY, CODE = "webauthn-passwordless", "otp"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One code or passkey; `label` is what its owner called it, or nothing."""

    id: str
    is_passkey: bool
    label: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody has to sign in with."""

    has_password: bool
    has_work_account: bool
    second_factors: tuple[SecondFactor, ...]


class WorkAccountTaken(IdentityProviderRefused):
    """The work account is linked to another account, or this account to another work account."""


class WaysIn:
    """Verbs on how an account is signed in to."""

    def __init__(self, api: AdminApi, accounts: Accounts) -> None:
        self._api = api
        self._accounts = accounts

    def send_setup_mail(self, person_id: str, lifespan: int, *, passkey: bool | None = None) -> None:
        """Mail the link with which a person sets up what is left to set up; it lives for `lifespan` seconds.

        `passkey` asks for a passkey alone, or for a password and a code. Each call sends a mail, but to nobody who has
        set up everything: whoever reads their mails could add a second factor with it.
        """
        user = self._accounts.read(person_id)
        actions = user.get("requiredActions")
        if not actions:
            return
        if passkey is not None:
            actions = [PASSKEY_ACTION] if passkey else SETUP_ACTIONS
            self._accounts.require(user, actions)
        config = self._api.config
        query: Query = {
            "client_id": config.portal_client,
            "redirect_uri": config.redirect_uri,
            "lifespan": lifespan,
        }
        self._api.call("put", f"/users/{user['id']}/execute-actions-email", actions, query=query)

    def link_work_account(self, person_id: str, subject: str, shown_name: str) -> None:
        """Let a person sign in as `subject` of the issuer of work accounts; raises WorkAccountTaken.

        A password is no longer needed, so a new account is not asked to set one. The identity provider itself would
        link one subject to two accounts and then let neither in.
        """
        user = self._accounts.read(person_id)
        holders = self._api.get("/users", {"idpAlias": WORK_ACCOUNT, "idpUserId": subject})
        if any(holder["id"] != user["id"] for holder in holders):
            raise WorkAccountTaken("This work account is somebody else's.", 409)
        if not holders:
            self._link(user["id"], {"identityProvider": WORK_ACCOUNT, "userId": subject, "userName": shown_name})
        required = user.get("requiredActions", ())
        if PASSWORD_ACTION in required:
            self._accounts.require(user, [action for action in required if action != PASSWORD_ACTION])

    def unlink_work_account(self, person_id: str) -> None:
        """Let a person sign in with a work account no more, and end the sessions; without one nothing is taken away."""
        account_id = self._accounts.id_of(person_id)
        self._api.call("delete", f"/users/{account_id}/federated-identity/{WORK_ACCOUNT}", accept=404)
        self._accounts.sign_out(account_id)

    def reset(self, person_id: str, *, passkey: bool = False) -> bool:
        """Take every code and passkey away and end the sessions; tell whether a set-up link is needed to come in again.

        Without a work account the password goes as well: known to somebody else, it would let them set up a second
        factor before the person does. A passkey, or a code, is asked for from then on.
        """
        user = self._accounts.read(person_id)
        has_work_account = self._has_work_account(user["id"])
        with_code = [CODE_ACTION] if has_work_account else SETUP_ACTIONS
        self._accounts.require(user, [PASSKEY_ACTION] if passkey else with_code)
        for credential in self._credentials(user["id"]):
            if credential["type"] != PASSWORD or not has_work_account:
                self._take_away(user["id"], credential["id"])
        self._accounts.sign_out(user["id"])
        return not has_work_account

    def held_by(self, person_id: str) -> SignIn | None:
        """Return what a person has to sign in with; None for an account that is not within our rights."""
        account = self._accounts.find(person_id)
        if account is None:
            return None
        credentials = self._credentials(account.id)
        return SignIn(
            has_password=any(credential["type"] == PASSWORD for credential in credentials),
            has_work_account=self._has_work_account(account.id),
            second_factors=tuple(_factor(each) for each in credentials if each["type"] in (PASSKEY, CODE)),
        )

    def remove_passkey(self, person_id: str, passkey_id: str) -> None:
        """Take one passkey of a person's away and end the sessions; anything else that has this id stays."""
        account_id = self._accounts.id_of(person_id)
        if any(each["id"] == passkey_id and each["type"] == PASSKEY for each in self._credentials(account_id)):
            self._take_away(account_id, passkey_id)
        self._accounts.sign_out(account_id)

    def _credentials(self, account_id: str) -> list[dict[str, Any]]:
        return list(self._api.get(f"/users/{account_id}/credentials"))

    def _has_work_account(self, account_id: str) -> bool:
        return bool(self._api.get(f"/users/{account_id}/federated-identity"))

    def _take_away(self, account_id: str, credential_id: str) -> None:
        self._api.call("delete", f"/users/{account_id}/credentials/{credential_id}", accept=404)

    def _link(self, account_id: str, link: dict[str, str]) -> None:
        try:
            self._api.call("post", f"/users/{account_id}/federated-identity/{WORK_ACCOUNT}", link)
        except IdentityProviderRefused as refused:
            if refused.status == 409:
                raise WorkAccountTaken("This account has another work account.", 409) from refused
            raise


def _factor(credential: dict[str, Any]) -> SecondFactor:
    return SecondFactor(
        id=str(credential["id"]),
        is_passkey=credential["type"] == PASSKEY,
        label=str(credential.get("userLabel") or ""),
        added_at=datetime.fromtimestamp(credential["createdDate"] / 1000, UTC),
    )
