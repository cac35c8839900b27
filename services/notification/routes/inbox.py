"""One's own inbox, in the organisation one acts for."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.notification import commands, queries
from services.notification.schemas import InboxQuery, InboxView, MessageView, ReadView
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of the inbox."""
    blp = Blueprint("inbox", __name__, url_prefix="/v1/inbox", description="What happened that concerns me")

    @blp.route("")
    @requires(audit=None)
    @blp.arguments(InboxQuery, location="query")
    @blp.response(200, InboxView)
    def show_inbox(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = queries.inbox(uow, **query)
        return reply(answer)

    @blp.route("/<uuid:message_id>")
    @requires(audit=None)
    @blp.response(200, MessageView)
    def show_message(message_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = queries.one_message(uow, message_id)
        return reply(answer)

    @blp.route("/<uuid:message_id>/read", methods=["POST"])
    @requires(audit="message.read", private=True)
    @blp.response(200, ReadView)
    def read(message_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = commands.mark_read(uow, message_id)
            uow.commit(answer)
        return reply(answer)

    return blp
