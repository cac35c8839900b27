"""Sign-off: the board's decision recorded, signed, or sent back."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands import sign_off
from services.assessment.routes.rounds import view_for
from services.assessment.routes.who import DELEGATES, SIGNERS
from services.assessment.schemas.requests import RecordDecision, SignOff, WithNote
from services.assessment.schemas.results import SignedView
from services.assessment.schemas.rounds import RoundView
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of sign-off."""
    blp = Blueprint("sign-off", __name__, url_prefix="/v1/rounds", description="Sign-off")
    _deciding(blp)
    _signing(blp)
    return blp


def _deciding(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/decision", methods=["POST"])
    @requires(Role.COMPANY_SECRETARY, audit="round.decision-recorded", delegates=DELEGATES)
    @blp.arguments(RecordDecision)
    @blp.response(200, RoundView)
    def record_decision(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            sign_off.record_decision(uow, round_id, **data)
            answer = view_for(uow, round_id)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])


def _signing(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/sign-off", methods=["POST"])
    @requires(*SIGNERS, audit="round.signed-off", strong=True)
    @blp.arguments(SignOff)
    @blp.response(200, SignedView)
    def sign(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = sign_off.sign_off(uow, round_id, if_match(), **data)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])

    @blp.route("/<uuid:round_id>/send-back", methods=["POST"])
    @requires(*SIGNERS, audit="round.sent-back")
    @blp.arguments(WithNote)
    @blp.response(200, RoundView)
    def send_back(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            sign_off.send_back(uow, round_id, if_match(), **data)
            answer = view_for(uow, round_id)
            uow.commit(answer)
        return reply(answer, etag=answer["version"])
