"""What the organisation shares, and stopping it."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands import sharing
from services.assessment.domain.sharing import Terms
from services.assessment.queries.sharing import everything_shared, progress_is_visible, sharing_view
from services.assessment.routes.who import DECIDERS, RUNNERS, SEES_SHARING
from services.assessment.schemas.requests import DecideSharing, ProgressVisibility, ProposeSharing, WhichDepth
from services.assessment.schemas.sharing import SharingPage, SharingView
from shared.access import requires
from shared.database import UnitOfWork
from shared.request_and_reply import if_match, reply
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of sharing."""
    blp = Blueprint("sharing", __name__, url_prefix="/v1", description="What leaves the organisation")
    _reading(blp)
    _deciding(blp)
    _stopping(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("/sharing")
    @requires(*SEES_SHARING, audit=None)
    @blp.response(200, SharingPage)
    def list_sharing() -> Response:
        with unit_of_work() as uow:
            answer = everything_shared(uow)
        return reply(answer)

    @blp.route("/rounds/<uuid:round_id>/sharing")
    @requires(*SEES_SHARING, audit=None)
    @blp.arguments(WhichDepth, location="query")
    @blp.response(200, SharingView)
    def show_sharing(query: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = sharing_view(uow, round_id, **query)
        return reply(answer, etag=answer["version"])


def _deciding(blp: Blueprint) -> None:
    @blp.route("/rounds/<uuid:round_id>/sharing", methods=["PUT"])
    @requires(*RUNNERS, audit="sharing.proposed")
    @blp.arguments(ProposeSharing)
    @blp.response(200, SharingView)
    def propose(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            sharing.propose(uow, round_id, _terms(data), **data)
            return _committed(uow, round_id)

    @blp.route("/rounds/<uuid:round_id>/sharing/decide", methods=["POST"])
    @requires(*DECIDERS, audit="sharing.decided", strong=True)
    @blp.arguments(DecideSharing)
    @blp.response(200, SharingView)
    def decide(data: dict[str, Any], round_id: UUID) -> Response:
        with unit_of_work() as uow:
            sharing.decide(uow, round_id, if_match(), _terms(data), **data)
            return _committed(uow, round_id)


def _stopping(blp: Blueprint) -> None:
    @blp.route("/sharing/<uuid:grant_id>/stop", methods=["POST"])
    @requires(*DECIDERS, audit="sharing.stopped")
    @blp.response(200, SharingView)
    def stop(grant_id: UUID) -> Response:
        with unit_of_work() as uow:
            return _committed(uow, sharing.stop(uow, grant_id))

    @blp.route("/progress-visibility", methods=["PUT"])
    @requires(*DECIDERS, audit="progress-visibility.changed")
    @blp.arguments(ProgressVisibility)
    @blp.response(200, ProgressVisibility)
    def set_progress_visibility(data: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            sharing.set_progress_visibility(uow, **data)
            answer = {"visible": progress_is_visible(uow)}
            uow.commit(answer)
        return reply(answer)


def _terms(data: dict[str, Any]) -> Terms:
    """Take the terms of sharing out of what was sent."""
    return Terms(data.pop("how_much"), data.pop("valid_until"))


def _committed(uow: UnitOfWork, round_id: UUID) -> Response:
    """Commit and answer with what is shared now."""
    answer = sharing_view(uow, round_id)
    uow.commit(answer)
    return reply(answer, etag=answer["version"])
