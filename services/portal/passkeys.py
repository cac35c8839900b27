"""Setting up a passkey: done on the identity provider's pages, begun and ended on ours.

First the person confirms that it is them, in a request of its own: what is a second factor from then on must not be set
up by whoever found the browser open, and a request that does both would ask who signs in with a work account for a
password. Which passkeys there are is known at the identity provider alone.
"""

from services.portal.sessions import PortalSession

CONFIRMING, SETTING_UP = "confirm-for-passkey", "passkey"
READY = "Your passkey is ready. From now on you can sign in with it alone."
CANCELLED = "No passkey was set up. You sign in as before."


def say(session: PortalSession, status: str | None) -> None:
    """Let the next page say how it went; anything but success leaves everything as it was."""
    if status == "success":
        session["done"] = READY
    else:
        session["not_done"] = CANCELLED
