"""Published figures: ask for a set, look at it, publish it, take it away as CSV."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.insight import commands, published
from services.insight.schemas import AskForFigures, FigureSet, FigureSets, FigureSetWithRows
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("published_figures", __name__, url_prefix="/v1", description="National figures that passed the check")
READERS = (
    Role.NATIONAL_ANALYST,
    Role.NATIONAL_ADMINISTRATOR,
    Role.NATIONAL_EDITOR,
    Role.NATIONAL_APPROVER,
    Role.REGIONAL_LEAD,
)


@blp.route("/published-figures")
@requires(*READERS, audit=None)
@blp.response(200, FigureSets)
def list_sets() -> Response:
    """All sets, newest first, with what the check said."""
    with unit_of_work() as uow:
        items = published.sets_shown(uow)
    return reply({"items": items, "next": None, "count": len(items)})


@blp.route("/published-figures", methods=["POST"])
@requires(Role.NATIONAL_ANALYST, audit="figures.asked-for")
@blp.arguments(AskForFigures)
@blp.response(201, FigureSet)
def ask(data: dict[str, Any]) -> Response:
    """Ask for a set as at today; it is made and checked in the background."""
    g.answer_status = 201
    with unit_of_work() as uow:
        answer = commands.ask_for_figures(uow, **data)
        uow.commit(answer)
    return reply(answer, 201)


@blp.route("/published-figures/<uuid:set_id>")
@requires(*READERS, audit=None)
@blp.response(200, FigureSetWithRows)
def one_set(set_id: UUID) -> Response:
    """One set with its rows."""
    with unit_of_work() as uow:
        answer = published.set_shown(uow, str(set_id))
    return reply(answer)


@blp.route("/published-figures/<uuid:set_id>.csv")
@requires(*READERS, audit=None)
@blp.response(200, content_type="text/csv")
def one_set_as_csv(set_id: UUID) -> Response:
    """The same rows as CSV, every line with its definition and dates."""
    with unit_of_work() as uow:
        answer = published.set_shown(uow, str(set_id))
    name = f"national-figures-{answer['number']}-as-at-{answer['as_at']}.csv"
    response = Response(published.as_csv(answer), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blp.route("/published-figures/<uuid:set_id>/publish", methods=["POST"])
@requires(Role.NATIONAL_ANALYST, audit="figures.published", strong=True)
@blp.response(200, FigureSet)
def publish(set_id: UUID) -> Response:
    """Publish a prepared set; it cannot be changed afterwards."""
    with unit_of_work() as uow:
        answer = commands.publish_figures(uow, str(set_id))
        uow.commit(answer)
    return reply(answer)
