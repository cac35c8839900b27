"""Routes for operators, the same in every service: its books, its dead letters, and where an event or request went."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from flask_smorest import Blueprint
from marshmallow import fields, validate

from shared import operations
from shared.access import requires
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.principal import Principal
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.schema import PageQuery, Schema
from shared.service_state import state_of


class LettersByReason(Schema):
    """How many dead letters of one consumer are open for one reason."""

    consumer = fields.String(required=True)
    reason = fields.String(required=True)
    open = fields.Integer(required=True)


class ProcessView(Schema):
    """How far one part of a process's work is, as it said itself."""

    process = fields.String(required=True)
    part = fields.String(required=True)
    waiting = fields.Integer(required=True)
    oldest_at = fields.DateTime(required=True, allow_none=True)
    reported_at = fields.DateTime(required=True)


class OperationsView(Schema):
    """What an operator needs to know of a service; no content."""

    service = fields.String(required=True)
    due_work = fields.Integer(required=True)
    due_work_failed = fields.Integer(required=True)
    parked = fields.Integer(required=True)
    dead_letters = fields.List(fields.Nested(LettersByReason), required=True)
    positions = fields.Integer(required=True)
    processes = fields.List(fields.Nested(ProcessView), required=True)


class LetterView(Schema):
    """A dead letter from outside: what it is and why it was set aside, never what is in it."""

    id = fields.UUID(required=True)
    consumer = fields.String(required=True)
    topic = fields.String(required=True)
    partition = fields.Integer(required=True)
    offset = fields.Integer(required=True)
    event_id = fields.String(required=True, allow_none=True)
    event_type = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    attempts = fields.Integer(required=True)
    first_seen = fields.DateTime(required=True)
    last_seen = fields.DateTime(required=True)


class LettersQuery(PageQuery):
    """Where to go on, and how many; whoever asks as the first release did, with neither, gets as many as then."""

    limit = fields.Integer(load_default=operations.LONGEST_LIST, validate=validate.Range(min=1, max=200))


class LettersView(Schema):
    """A page of open dead letters, oldest first."""

    items = fields.List(fields.Nested(LetterView), required=True)
    next = fields.String(allow_none=True, required=True)
    count = fields.Integer(required=True)


class TraceQuery(Schema):
    """What to look for: the id of an event, or the reference of a request."""

    id = fields.String(required=True, validate=validate.Regexp(r"^[A-Za-z0-9-]{8,64}$", error="Enter an id."))


class TraceRow(Schema):
    """One place in which something is, or one act."""

    what = fields.String(required=True)
    of = fields.String(required=True)
    at = fields.DateTime(required=True)


class TracesView(Schema):
    """Where an event is, or what was done under a reference."""

    items = fields.List(fields.Nested(TraceRow), required=True)


def operations_blueprint() -> Blueprint:
    """Return a fresh blueprint, since one blueprint object belongs to one application."""
    blp = Blueprint("operations", __name__, url_prefix="/v1/operations", description="For operators")

    @blp.route("")
    @requires(Role.OPERATOR, audit="operations.read")
    @blp.response(200, OperationsView)
    def operations_() -> Response:
        with unit_of_work() as uow:
            with _books(uow) as books:
                answer = {"service": state_of(current_app).config.service, **operations.books(books)}
            uow.commit()
        return reply(answer)

    @blp.route("/traces")
    @requires(Role.OPERATOR, audit="operations.read")
    @blp.arguments(TraceQuery, location="query")
    @blp.response(200, TracesView)
    def traces(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            with _books(uow) as books:
                answer = {"items": operations.traces_of(books, query["id"])}
            uow.commit()
        return reply(answer)

    _letters(blp)
    _settling(blp)
    return blp


def _letters(blp: Blueprint) -> None:
    @blp.route("/dead-letters")
    @requires(Role.OPERATOR, audit="operations.read")
    @blp.arguments(LettersQuery, location="query")
    @blp.response(200, LettersView)
    def dead_letters(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            with _books(uow) as books:
                answer = operations.open_letters(books, **query)
            uow.commit()
        return reply(answer)

    @blp.route("/dead-letters/<uuid:letter_id>")
    @requires(Role.OPERATOR, audit="operations.read")
    @blp.response(200, LetterView)
    def dead_letter(letter_id: UUID) -> Response:
        with unit_of_work() as uow:
            uow.about("dead_letter", letter_id)
            with _books(uow) as books:
                answer = operations.open_letter(books, letter_id)
            uow.commit()
        return reply(answer)


def _settling(blp: Blueprint) -> None:
    @blp.route("/dead-letters/<uuid:letter_id>/again", methods=["POST"])
    @requires(Role.OPERATOR, audit="operations.handle-again")
    @blp.response(200, LetterView)
    def handle_again(letter_id: UUID) -> Response:
        return _settle(letter_id, "again")

    @blp.route("/dead-letters/<uuid:letter_id>/leave-out", methods=["POST"])
    @requires(Role.OPERATOR, audit="operations.leave-out")
    @blp.response(200, LetterView)
    def leave_out(letter_id: UUID) -> Response:
        return _settle(letter_id, "leave-out")


def _settle(letter_id: UUID, how: str) -> Response:
    with unit_of_work() as uow:
        uow.about("dead_letter", letter_id)
        with _books(uow) as books:
            answer = operations.settle(books, letter_id, how, by=str(uow.principal.person_id))
            books.commit()
        uow.commit(answer)
    return reply(answer)


def _books(uow: UnitOfWork) -> UnitOfWork:
    """Open the service's own books: an operator's principal sees no row of them."""
    state = state_of(current_app)
    principal = Principal.service(uow.principal.tenant_id, uow.principal.org_id)
    return UnitOfWork(state.database, principal, clock=state.clock)
