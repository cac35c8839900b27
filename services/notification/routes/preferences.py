"""Which mails one gets, in the organisation one acts for."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.notification import commands, queries
from services.notification.schemas import ChangePreferences, PreferencesView
from shared.access import requires
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of preferences."""
    blp = Blueprint("preferences", __name__, url_prefix="/v1/preferences", description="Which mails I get")

    @blp.route("")
    @requires(audit=None)
    @blp.response(200, PreferencesView)
    def show() -> Response:
        with unit_of_work() as uow:
            answer = queries.preferences(uow)
        return reply(answer)

    @blp.route("", methods=["PUT"])
    @requires(audit="preferences.changed", private=True)
    @blp.arguments(ChangePreferences)
    @blp.response(200, PreferencesView)
    def change(data: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = commands.set_preferences(uow, **data)
            uow.commit(answer)
        return reply(answer)

    return blp
