"""One's own e-mail address: asked to be changed, and confirmed by a link that works for nobody else."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.directory.commands.address_changes import ask_for_change, confirm_change, stop_change
from services.directory.queries.address_changes import change_behind_link
from services.directory.schemas.corrections import (
    AddressChangedView,
    AddressChangeView,
    ChangeStoppedView,
    NewAddress,
)
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.standard_routes import ANYBODY

blp = Blueprint("address", __name__, url_prefix="/v1/me/address", description="One's own e-mail address")


@blp.route("", methods=["POST"])
@requires(*ANYBODY, audit="account.address-change-asked", strong=True)
@blp.arguments(NewAddress)
@blp.response(200, AddressChangeView)
def ask(data: dict[str, Any]) -> Response:
    """Mail a link to the new address; the answer is the same whether or not the address is somebody's."""
    with unit_of_work() as uow:
        answer = ask_for_change(uow, email=data["email"])
        uow.commit(answer)
    return reply(answer)


@blp.route("/stop", methods=["POST"])
@requires(*ANYBODY, audit="account.address-change-stopped")
@blp.response(200, ChangeStoppedView)
def stop() -> Response:
    """Let the link stop working; the address stays as it is."""
    with unit_of_work() as uow:
        answer = stop_change(uow)
        uow.commit(answer)
    return reply(answer)


@blp.route("/by-token/<token>")
@requires(*ANYBODY, audit=None)
@blp.response(200, AddressChangeView)
def get_by_token(token: str) -> Response:
    """Return what the page behind the link shows; opening it changes nothing, since mail scanners open links."""
    with unit_of_work() as uow:
        answer = change_behind_link(uow, token)
    return reply(answer)


@blp.route("/by-token/<token>/confirm", methods=["POST"])
@requires(*ANYBODY, audit="account.address-changed")
@blp.response(200, AddressChangedView)
def confirm(token: str) -> Response:
    """Change the address of whoever asked for this link."""
    with unit_of_work() as uow:
        answer = confirm_change(uow, token)
        uow.commit(answer)
    return reply(answer)
