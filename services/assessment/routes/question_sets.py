"""The question sets, readable by everybody, signed in or not; an approver retires them."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from services.assessment.commands.question_sets import retire
from services.assessment.domain.question_set_drafts import next_version
from services.assessment.queries.question_sets import (
    all_question_sets,
    mapping_between,
    question_set_content,
    question_set_summary,
)
from services.assessment.question_set_files.sending import file_response
from services.assessment.schemas.question_set_drafts import FormatQuery, Retire
from services.assessment.schemas.question_sets import MAPPING_VIEW, QuestionSetPage, QuestionSetSummary, QuestionSetView
from shared.access import public, requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply, today
from shared.request_transaction import unit_of_work


def blueprint() -> Blueprint:
    """Return the routes of question sets."""
    blp = Blueprint("question-sets", __name__, url_prefix="/v1/question-sets", description="What is asked")
    _reading(blp)
    _comparing(blp)
    _taking_away(blp)
    _retiring(blp)
    return blp


def _reading(blp: Blueprint) -> None:
    @blp.route("")
    @public(audit=None)
    @blp.response(200, QuestionSetPage)
    def list_question_sets() -> Response:
        with unit_of_work() as uow:
            answer = all_question_sets(uow)
        return reply(answer)

    @blp.route("/<question_set_id>")
    @public(audit=None)
    @blp.response(200, QuestionSetView)
    def show_question_set(question_set_id: str) -> Response:
        with unit_of_work() as uow:
            answer = question_set_content(uow, question_set_id)
        return reply(answer)


def _comparing(blp: Blueprint) -> None:
    @blp.route("/<question_set_id>/mapping/<older_id>")
    @requires(audit=None)
    @blp.response(200, MAPPING_VIEW)
    def show_mapping(question_set_id: str, older_id: str) -> Response:
        with unit_of_work() as uow:
            answer = mapping_between(uow, question_set_id, older_id)
        return reply(answer)


def _taking_away(blp: Blueprint) -> None:
    @blp.route("/<question_set_id>/file")
    @public(audit=None)
    @blp.arguments(FormatQuery, location="query")
    @blp.response(200, content_type="application/octet-stream")
    def question_set_as_file(query: dict[str, Any], question_set_id: str) -> Response:
        with unit_of_work() as uow:
            content = question_set_content(uow, question_set_id)
        if query["as_next"]:
            content = next_version(content, first_day=today())
        return file_response(content, query["format"])


def _retiring(blp: Blueprint) -> None:
    @blp.route("/<question_set_id>/retire", methods=["POST"])
    @requires(Role.NATIONAL_APPROVER, audit="question-set.retired", strong=True)
    @blp.arguments(Retire)
    @blp.response(200, QuestionSetSummary)
    def retire_question_set(data: dict[str, Any], question_set_id: str) -> Response:
        with unit_of_work() as uow:
            retire(uow, question_set_id, **data)
            answer = question_set_summary(uow, question_set_id)
            uow.commit(answer)
        return reply(answer)
