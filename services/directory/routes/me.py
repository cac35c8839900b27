"""Who has signed in, and for whom they may act: asked before anybody is chosen."""

from flask import Response
from flask_smorest import Blueprint

from services.directory.queries.own_account import own_account
from services.directory.queries.people import whoever_signed_in
from services.directory.schemas.own_account import AccountView
from services.directory.schemas.people import MeView
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("me", __name__, url_prefix="/v1/me", description="Oneself")


@blp.route("")
@requires(audit=None, acting_for=False)
@blp.response(200, MeView)
def me() -> Response:
    """Return name, memberships and national roles of whoever holds the token."""
    with unit_of_work() as uow:
        answer = whoever_signed_in(uow)
    return reply(answer)


@blp.route("/account")
@requires(audit=None, acting_for=False)
@blp.response(200, AccountView)
def account() -> Response:
    """Return what is held about whoever holds the token: roles with their dates, work accounts linked."""
    with unit_of_work() as uow:
        answer = own_account(uow)
    return reply(answer)
