"""Drafts of question sets: the editor tries and sends, another person approves."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.assessment.commands import question_set_drafts as drafts
from services.assessment.queries.question_set_drafts import draft_row, draft_view, drafts_at_work
from services.assessment.queries.question_sets import question_set_summary
from services.assessment.question_set_files.reading import read_question_set
from services.assessment.question_set_files.sending import file_response
from services.assessment.schemas.question_set_drafts import DraftPage, DraftView, FormatQuery, Note, QuestionSetFile
from services.assessment.schemas.question_sets import QuestionSetSummary
from shared.access import requires
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

EDITOR, APPROVER = Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER


def blueprint() -> Blueprint:
    """Return the routes of drafts."""
    blp = Blueprint("question-set-drafts", __name__, url_prefix="/v1/question-set-drafts", description="Next versions")
    _reading(blp)
    _editing(blp)
    _deciding(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("")
    @requires(EDITOR, APPROVER, audit=None)
    @blp.response(200, DraftPage)
    def list_drafts() -> Response:
        with unit_of_work() as uow:
            answer = drafts_at_work(uow)
        return reply(answer)

    @blp.route("/<uuid:draft_id>")
    @requires(EDITOR, APPROVER, audit=None)
    @blp.response(200, DraftView)
    def show_draft(draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = draft_view(uow, draft_id)
        return reply(answer)

    @blp.route("/<uuid:draft_id>/file")
    @requires(EDITOR, APPROVER, audit=None)
    @blp.arguments(FormatQuery, location="query")
    @blp.response(200, content_type="application/octet-stream")
    def draft_as_file(query: dict[str, Any], draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            content = draft_row(uow, draft_id).content
        return file_response(content, query["format"])


def _editing(blp: Blueprint) -> None:
    @blp.route("", methods=["POST"])
    @requires(EDITOR, audit="question-set.tried")
    @blp.arguments(QuestionSetFile, location="files")
    @blp.response(201, DraftView)
    def try_version(files: dict[str, Any]) -> Response:
        name = files["file"].filename or ""
        content, where = read_question_set(files["file"].read(), name)
        with unit_of_work() as uow:
            answer = draft_view(uow, drafts.try_version(uow, content, where=where, file_name=name))
            g.answer_status = 201
            uow.commit(answer)
        return reply(answer, 201)

    @blp.route("/<uuid:draft_id>/keep", methods=["POST"])
    @requires(EDITOR, audit="question-set.drafted")
    @blp.response(200, DraftView)
    def keep(draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            drafts.keep(uow, draft_id)
            return _committed(uow, draft_id)

    @blp.route("/<uuid:draft_id>/send", methods=["POST"])
    @requires(EDITOR, audit="question-set.sent")
    @blp.response(200, DraftView)
    def send(draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            drafts.send(uow, draft_id)
            return _committed(uow, draft_id)

    @blp.route("/<uuid:draft_id>/discard", methods=["POST"])
    @requires(EDITOR, audit="question-set.discarded")
    @blp.response(200, DraftView)
    def discard(draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            drafts.discard(uow, draft_id)
            return _committed(uow, draft_id)


def _deciding(blp: Blueprint) -> None:
    @blp.route("/<uuid:draft_id>/send-back", methods=["POST"])
    @requires(APPROVER, audit="question-set.sent-back")
    @blp.arguments(Note)
    @blp.response(200, DraftView)
    def send_back(data: dict[str, Any], draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            drafts.send_back(uow, draft_id, **data)
            return _committed(uow, draft_id)

    @blp.route("/<uuid:draft_id>/publish", methods=["POST"])
    @requires(APPROVER, audit="question-set.published", strong=True)
    @blp.response(200, QuestionSetSummary)
    def publish(draft_id: UUID) -> Response:
        with unit_of_work() as uow:
            answer = question_set_summary(uow, drafts.publish(uow, draft_id))
            uow.commit(answer)
        return reply(answer)


def _committed(uow: UnitOfWork, draft_id: UUID) -> Response:
    """Commit and answer with the draft as it is now."""
    answer = draft_view(uow, draft_id)
    uow.commit(answer)
    return reply(answer)
