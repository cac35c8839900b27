"""Evidence: list, add a file or a link, take away, confirm, open."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, g
from flask_smorest import Blueprint

from services.assessment.commands import evidence
from services.assessment.domain.evidence import LARGEST_FILE
from services.assessment.queries.evidence import evidence_view
from services.assessment.routes.uploads import looked_at, stored
from services.assessment.routes.who import BOARD, DELEGATES, ORGANISERS
from services.assessment.schemas.evidence import AddLink, Answer, EvidenceFile, EvidencePage, FileLink, Place
from shared.access import requires
from shared.database import UnitOfWork
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.storage import LINK_SECONDS

LARGEST_BODY = LARGEST_FILE + 4 * 1024 * 1024
"""A little more than a file may have, so that one that is too large gets its sentence."""


def blueprint() -> Blueprint:
    """Return the routes of evidence."""
    blp = Blueprint("evidence", __name__, url_prefix="/v1/rounds", description="What shows what is true")
    _reading(blp)
    _adding(blp)
    _deciding(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/evidence")
    @requires(*BOARD, audit=None)
    @blp.response(200, EvidencePage)
    def list_evidence(round_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = _view(uow, round_id)
        return reply(answer)

    @blp.route("/<uuid:round_id>/evidence/<uuid:evidence_id>/link")
    @requires(*BOARD, audit="evidence.opened")
    @blp.response(200, FileLink)
    def open_file(round_id: UUID, evidence_id: UUID) -> Response:
        with unit_of_work() as uow:
            file = evidence.openable_file(uow, round_id, evidence_id)
            uow.commit()
        files = current_app.extensions["files"]
        link = files.link(file.key, file_name=file.name, media_type=file.media_type)
        return reply({"link": link, "seconds": LINK_SECONDS})


def _adding(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/evidence/links", methods=["POST"])
    @requires(*ORGANISERS, audit="evidence.link-added", delegates=DELEGATES)
    @blp.arguments(AddLink)
    @blp.response(201, EvidencePage)
    def add_link(data: dict[str, Any], round_id: UUID) -> Response:
        link = data.pop("link")
        with unit_of_work() as uow:
            evidence.add_link(uow, evidence.Place(round_id, **data), link)
            return _committed(uow, round_id, 201)

    @blp.route("/<uuid:round_id>/evidence/files", methods=["POST"])
    @requires(*ORGANISERS, audit="evidence.file-added", delegates=DELEGATES, largest_body=LARGEST_BODY)
    @blp.arguments(Place, location="form")
    @blp.arguments(EvidenceFile, location="files")
    @blp.response(201, EvidencePage)
    def add_file(data: dict[str, Any], sent: dict[str, Any], round_id: UUID) -> Response:
        place, upload = evidence.Place(round_id, **data), looked_at(sent["file"])
        with unit_of_work(prepares=True) as uow:
            file_id, key = evidence.expect_file(uow, place, upload)
            uow.commit()
        stored(key, sent["file"], upload)
        with unit_of_work() as uow:
            evidence.add_file(uow, place, file_id)
            return _committed(uow, round_id, 201)


def _deciding(blp: Blueprint) -> None:
    @blp.route("/<uuid:round_id>/evidence/<uuid:evidence_id>", methods=["DELETE"])
    @requires(*ORGANISERS, audit="evidence.removed", delegates=DELEGATES)
    @blp.response(200, EvidencePage)
    def remove(round_id: UUID, evidence_id: UUID) -> Response:
        with unit_of_work() as uow:
            evidence.remove(uow, round_id, evidence_id)
            return _committed(uow, round_id, 200)

    @blp.route("/<uuid:round_id>/evidence/<uuid:evidence_id>/still-true", methods=["POST"])
    @requires(*ORGANISERS, audit="evidence.confirmed", delegates=DELEGATES)
    @blp.arguments(Answer)
    @blp.response(200, EvidencePage)
    def still_true(data: dict[str, Any], round_id: UUID, evidence_id: UUID) -> Response:
        with unit_of_work() as uow:
            evidence.answer_still_true(uow, round_id, evidence_id, data["answer"])
            return _committed(uow, round_id, 200)


def _view(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    about = uow.object_type, uow.object_ids
    answer = evidence_view(uow, round_id, keeps=uow.principal.holds(*ORGANISERS))
    uow.object_type, uow.object_ids = about
    return answer


def _committed(uow: UnitOfWork, round_id: UUID, status: int) -> Response:
    """Commit and answer with the evidence as it is now."""
    answer = _view(uow, round_id)
    g.answer_status = status
    uow.commit(answer)
    return reply(answer, status)
