"""The identity provider as this service reaches it: one way to sign in there, one way to read how somebody signs in."""

from services.directory.config import AccountsConfig
from services.directory.domain.ways_in import WayIn, WaysIn
from services.directory.own_ways_in import Reader, SignInServiceAway
from shared.identity_admin import IdentityAdmin, IdentityAdminConfig, IdentityProviderError, SignIn


def identity_admin(accounts: AccountsConfig, portal_url: str) -> IdentityAdmin:
    """Return the verbs of the provisioning account."""
    return IdentityAdmin(
        IdentityAdminConfig(
            server_url=accounts.url,
            realm=accounts.realm,
            client_id=accounts.client_id,
            client_secret=accounts.client_secret,
            portal_client="portal",
            redirect_uri=f"{portal_url.rstrip('/')}/auth/callback",
        )
    )


def reader_of(admin: IdentityAdmin) -> Reader:
    """Return what reads how a person signs in, and can do nothing else."""

    def read(person_id: str) -> WaysIn | None:
        try:
            found = admin.sign_in_of(person_id)
        except IdentityProviderError as error:
            raise SignInServiceAway from error
        return ways_in(found) if found else None

    return read


def ways_in(found: SignIn) -> WaysIn:
    """Return what the provider keeps, in our words."""
    items = tuple(WayIn(one.id, one.is_passkey, one.label, one.added_at) for one in found.second_factors)
    return WaysIn(found.has_password or found.has_work_account, items)
