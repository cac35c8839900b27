"""The board's discussion: ranges of views, and what is agreed."""

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint

from services.assessment.commands import agreements, coming_back
from services.assessment.queries.discussion import discussion
from services.assessment.routes.rounds import view_for
from services.assessment.routes.who import BOARD, RUNNERS
from services.assessment.schemas.discussion import (
    AgreedTogether,
    AgreementView,
    Aside,
    DiscussionView,
    PracticeLevelView,
)
from services.assessment.schemas.requests import AgreeTogether, RecordAgreement, RecordPracticeLevel
from services.assessment.schemas.rounds import RoundView
from shared.access import requires
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of the discussion."""
    blp = Blueprint("agreements", __name__, url_prefix="/v1/rounds", description="The board's discussion")

    @blp.route("/<uuid:round_id>/discussion")
    @requires(*BOARD, audit=None)
    @blp.response(200, DiscussionView)
    def show_discussion(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = discussion(uow, round_id, runs=uow.principal.holds(*RUNNERS))
        return reply(answer)

    _recording(blp)
    _coming_back(blp)
    _putting_forward(blp)
    return blp


def _recording(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/agreements/<item_id>", methods=["PUT"])
    @requires(*RUNNERS, audit="agreement.recorded")
    @blp.arguments(RecordAgreement)
    @blp.response(200, AgreementView)
    def record(data: dict[str, Any], round_id: UUID, item_id: str) -> Response:
        with unit_of_work() as uow:
            answer = agreements.record_agreement(uow, round_id, item_id, if_match(), **data)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])

    @blp.route("/<uuid:round_id>/agreements", methods=["POST"])
    @requires(*RUNNERS, audit="agreements.recorded-together")
    @blp.arguments(AgreeTogether)
    @blp.response(200, AgreedTogether)
    def record_together(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = agreements.agree_together(uow, round_id, **data)
            uow.commit(answer)
        return reply(answer)

    @blp.route("/<uuid:round_id>/practice-levels/<practice_id>", methods=["PUT"])
    @requires(*RUNNERS, audit="practice-level.recorded")
    @blp.arguments(RecordPracticeLevel)
    @blp.response(200, PracticeLevelView)
    def record_practice_level(data: dict[str, Any], round_id: UUID, practice_id: str) -> Response:
        version = if_match() if "If-Match" in request.headers else None
        with unit_of_work() as uow:
            answer = agreements.record_practice_level(uow, round_id, practice_id, version, **data)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])


def _coming_back(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/come-back/<item_id>", methods=["PUT"])
    @requires(*RUNNERS, audit="item.put-aside")
    @blp.response(200, Aside)
    def park(round_id: UUID, item_id: str) -> Response:
        with unit_of_work() as uow:
            coming_back.park(uow, round_id, item_id)
            answer = {"item_id": item_id, "parked": True}
            uow.commit(answer)
        return reply(answer)

    @blp.route("/<uuid:round_id>/come-back/<item_id>", methods=["DELETE"])
    @requires(*RUNNERS, audit="item.taken-up")
    @blp.response(200, Aside)
    def take_up(round_id: UUID, item_id: str) -> Response:
        with unit_of_work() as uow:
            coming_back.take_up(uow, round_id, item_id)
            answer = {"item_id": item_id, "parked": False}
            uow.commit(answer)
        return reply(answer)

    @blp.route("/<uuid:round_id>/show-ranges", methods=["POST"])
    @requires(*RUNNERS, audit="ranges.shown")
    @blp.response(200, RoundView)
    def show_ranges(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            coming_back.show_ranges(uow, round_id)
            answer = view_for(uow, round_id)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])


def _putting_forward(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/agree", methods=["POST"])
    @requires(*RUNNERS, audit="round.agreed")
    @blp.response(200, RoundView)
    def put_forward(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            agreements.put_forward(uow, round_id)
            answer = view_for(uow, round_id)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])
