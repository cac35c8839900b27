"""With what whoever asks signs in; whose account it is, the token alone says."""

from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.directory.commands.passkeys import remove_own_passkey
from services.directory.own_ways_in import own_ways_in, shown
from services.directory.schemas.ways_in import PasskeyRemovalView, WaysInView
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.standard_routes import ANYBODY

blp = Blueprint("ways-in", __name__, url_prefix="/v1/me", description="How one signs in")


@blp.route("/ways-in")
@requires(audit=None, acting_for=False)
@blp.response(200, WaysInView)
def list_ways_in() -> Response:
    """Return the passkeys and codes of whoever holds the token."""
    return reply(shown(own_ways_in()))


@blp.route("/passkeys/<uuid:passkey_id>/remove", methods=["POST"])
@requires(*ANYBODY, audit="account.passkey-removed", strong=True)
@blp.response(200, PasskeyRemovalView)
def remove_passkey(passkey_id: UUID) -> Response:
    """Remove one of one's own passkeys and sign out everywhere; the last way to sign in stays."""
    with unit_of_work(prepares=True):
        pass  # who asks is checked before the identity provider is asked anything
    ways = own_ways_in()
    with unit_of_work() as uow:
        answer = remove_own_passkey(uow, ways, str(passkey_id))
        uow.commit(answer)
    return reply(answer)
