"""What people may be asked to set up: a password, a code, a passkey. Nothing else of what Keycloak brings along.

Each can be asked for from outside a sign-in as well: the portal sends a person who wants a passkey straight to it. An
action that changes names or addresses, which are the directory's, must therefore not be in the list.
"""

from infra.keycloak.representation import Representation
from shared.config import PASSKEY_ACTION

PASSKEY_SECONDS = 600
"""How old a sign-in may be that sets up a passkey; the portal lets it be confirmed first. With an older one Keycloak
asks for everything anew, and who signs in with a work account has no password to give."""

_IN_ORDER = {
    "CONFIGURE_TOTP": "Set up a code",
    "UPDATE_PASSWORD": "Choose a password",
    PASSKEY_ACTION: "Set up a passkey",
}


def required_actions() -> list[Representation]:
    """Return the actions in the order in which they are asked for."""
    return [
        {
            "alias": action,
            "providerId": action,
            "name": name,
            "enabled": True,
            "defaultAction": False,
            "priority": place * 10,
            "config": {"max_auth_age": str(PASSKEY_SECONDS)} if action == PASSKEY_ACTION else {},
        }
        for place, (action, name) in enumerate(_IN_ORDER.items(), start=1)
    ]
