"""Rounds: open, invite, change dates, close, reopen, abandon."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.assessment.commands import reminding, respondents, rounds
from services.assessment.queries.rounds import all_rounds, round_view
from services.assessment.routes.who import BOARD, DELEGATES, INVITABLE, ORGANISERS, RUNNERS
from services.assessment.schemas.requests import ChangeRound, Extend, Invite, OpenRound, Reopen, WithReason
from services.assessment.schemas.rounds import RoundCreated, RoundPage, RoundView
from shared.access import requires
from shared.database import UnitOfWork
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work
from shared.schema import PageQuery


def view_for(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    """The round as the principal may see it."""
    return round_view(
        uow,
        round_id,
        names_people=uow.principal.holds(*ORGANISERS),
        names_who_has_not_finished=uow.principal.holds(*RUNNERS),
        only_asked=not uow.principal.holds(*BOARD),
    )


def blueprint() -> Blueprint:
    """Return the routes of rounds."""
    blp = Blueprint("rounds", __name__, url_prefix="/v1/rounds", description="Self-assessments")
    _reading(blp)
    _opening(blp)
    _people(blp)
    _dates(blp)
    _endings(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("")
    @requires(*INVITABLE, audit=None)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, RoundPage)
    def list_rounds(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = all_rounds(uow, **query, only_asked=not uow.principal.holds(*BOARD))
        return reply(answer)

    @blp.route("/<uuid:round_id>")
    @requires(*INVITABLE, audit=None)
    @blp.response(200, RoundView)
    def show_round(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = view_for(uow, round_id)
        return reply(answer, etag=answer["version"])


def _opening(blp: Blueprint) -> None:
    @blp.route("", methods=["POST"])
    @requires(*ORGANISERS, audit="round.opened", delegates=DELEGATES)
    @blp.arguments(OpenRound)
    @blp.response(201, RoundCreated)
    def open_round(data: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = rounds.open_round(uow, **_with_texts(data))
            g.answer_status = 201
            uow.commit(answer)
        return reply(answer, 201, etag=answer["version"])

    @blp.route("/<uuid:round_id>/open", methods=["POST"])
    @requires(*ORGANISERS, audit="round.opened", delegates=DELEGATES)
    @blp.response(200, RoundView)
    def open_draft(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.open_draft(uow, round_id)
            return _committed(uow, round_id)


def _people(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/respondents", methods=["POST"])
    @requires(*ORGANISERS, audit="round.people-invited", delegates=DELEGATES)
    @blp.arguments(Invite)
    @blp.response(200, RoundView)
    def invite(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            respondents.invite(uow, round_id, **_with_texts(data))
            return _committed(uow, round_id)

    @blp.route("/<uuid:round_id>/respondents/<uuid:person_id>", methods=["DELETE"])
    @requires(*ORGANISERS, audit="round.person-removed", delegates=DELEGATES)
    @blp.response(200, RoundView)
    def remove(round_id: UUID, person_id: UUID) -> Response:
        with unit_of_work() as uow:
            respondents.remove(uow, round_id, str(person_id))
            return _committed(uow, round_id)

    @blp.route("/<uuid:round_id>/remind", methods=["POST"])
    @requires(*ORGANISERS, audit="round.people-reminded", delegates=DELEGATES)
    @blp.response(200, RoundView)
    def remind(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            reminding.remind_now(uow, round_id)
            return _committed(uow, round_id)


def _dates(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>", methods=["PATCH"])
    @requires(*ORGANISERS, audit="round.changed", delegates=DELEGATES)
    @blp.arguments(ChangeRound)
    @blp.response(200, RoundView)
    def change(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.change_details(uow, round_id, if_match(), **data)
            return _committed(uow, round_id)

    @blp.route("/<uuid:round_id>/extend", methods=["POST"])
    @requires(*ORGANISERS, audit="round.extended", delegates=DELEGATES)
    @blp.arguments(Extend)
    @blp.response(200, RoundView)
    def extend(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.extend(uow, round_id, **data)
            return _committed(uow, round_id)


def _endings(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/close", methods=["POST"])
    @requires(*RUNNERS, audit="round.closed")
    @blp.response(200, RoundView)
    def close(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.close(uow, round_id)
            return _committed(uow, round_id)

    @blp.route("/<uuid:round_id>/reopen", methods=["POST"])
    @requires(*RUNNERS, audit="round.reopened")
    @blp.arguments(Reopen)
    @blp.response(200, RoundView)
    def reopen(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.reopen(uow, round_id, **data)
            return _committed(uow, round_id)

    @blp.route("/<uuid:round_id>/abandon", methods=["POST"])
    @requires(*RUNNERS, audit="round.abandoned")
    @blp.arguments(WithReason)
    @blp.response(200, RoundView)
    def abandon(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            rounds.abandon(uow, round_id, **data)
            return _committed(uow, round_id)


def _committed(uow: UnitOfWork, round_id: UUID) -> Response:
    """Commit and answer with the round as it is now."""
    answer = view_for(uow, round_id)
    uow.commit(answer)
    return reply(answer, etag=answer["version"])


def _with_texts(data: dict[str, Any]) -> dict[str, Any]:
    """Person ids as text, as rows, events and tokens hold them."""
    people = [person | {"person_id": str(person["person_id"])} for person in data["respondents"]]
    return data | {"respondents": people}
