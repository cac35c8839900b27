"""The identity provider's accounts, as the one service that provisions them needs to see them.

`IdentityAdmin` is all that anybody outside this folder calls. Every verb may be repeated: it looks first, and takes
"is already so" for success, so work that broke off half-way is simply done again.

Keycloak tells the portal nothing when somebody is disabled or loses a membership. Every verb that takes something away
therefore ends the person's sessions as its last step.
"""

from shared.identity_admin.accounts import Account, AccountMissing, Accounts, AddressTaken
from shared.identity_admin.admin_api import (
    AdminApi,
    IdentityAdminConfig,
    IdentityProviderError,
    IdentityProviderRefused,
    IdentityProviderUnavailable,
)
from shared.identity_admin.places import Place, Places
from shared.identity_admin.ways_in import SecondFactor, SignIn, WaysIn, WorkAccountTaken

__all__ = [
    "Account",
    "AccountMissing",
    "AddressTaken",
    "IdentityAdmin",
    "IdentityAdminConfig",
    "IdentityProviderError",
    "IdentityProviderRefused",
    "IdentityProviderUnavailable",
    "Place",
    "SecondFactor",
    "SignIn",
    "WorkAccountTaken",
]


class IdentityAdmin:
    """Verbs on accounts by person. All raise IdentityProviderUnavailable or IdentityProviderRefused."""

    def __init__(self, config: IdentityAdminConfig) -> None:
        api = AdminApi(config)
        accounts = Accounts(api)
        places, ways_in = Places(api, accounts), WaysIn(api, accounts)
        self.find_account = accounts.find
        self.create_account = accounts.create
        self.enable_account = accounts.enable
        self.disable_account = accounts.disable
        self.remove_account = accounts.remove
        self.ensure_organization = places.ensure_organization
        self.ensure_group = places.ensure_group
        self.add_to_organization = places.add
        self.remove_role = places.remove
        self.places_of = places.held_by
        self.send_setup_mail = ways_in.send_setup_mail
        self.link_work_account = ways_in.link_work_account
        self.unlink_work_account = ways_in.unlink_work_account
        self.reset_second_factor = ways_in.reset
        self.sign_in_of = ways_in.held_by
        self.remove_passkey = ways_in.remove_passkey
        self._accounts = accounts

    def end_sessions(self, person_id: str) -> None:
        """Sign a person out everywhere."""
        self._accounts.sign_out(self._accounts.id_of(person_id))
