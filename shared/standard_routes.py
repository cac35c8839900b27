"""Routes that every service answers: is it alive, is it ready, its audit trail."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, current_app
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import Select, func, select

from shared.access import public, requires
from shared.clock import end_of_local_day, start_of_local_day
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.mechanism import audit_entry
from shared.operations_routes import operations_blueprint
from shared.principal import Principal
from shared.problems import Invalid
from shared.request_and_reply import cursor_after, reply
from shared.request_transaction import unit_of_work
from shared.schema import PageQuery, Schema
from shared.schema_version import is_behind
from shared.service_state import state_of

LINE_NUMBER = re.compile(r"[0-9]{1,18}")
READS_ALL_OF_AUDIT = (Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR)
ANYBODY = tuple(role.value for role in Role if role is not Role.NOTIFICATION_SENDER)


class HealthView(Schema):
    """Whether the process is alive or ready."""

    status = fields.String(required=True)


class AuditQuery(PageQuery):
    """Which lines are asked for: whose, about what (the first word of the action), on which days."""

    person_id = fields.UUID(load_default=None)
    about = fields.String(load_default=None, validate=validate.Regexp(r"^[a-z-]{1,50}$"))
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)


class AuditRow(Schema):
    """One line of the audit trail."""

    seq = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    person_id = fields.String(allow_none=True, required=True)
    action = fields.String(required=True)
    object_type = fields.String(allow_none=True, required=True)
    object_id = fields.String(allow_none=True, required=True)
    outcome = fields.String(required=True)
    request_id = fields.String(allow_none=True, required=True)


class AuditPage(Schema):
    """A page of the audit trail, newest first."""

    items = fields.List(fields.Nested(AuditRow), required=True)
    next = fields.String(allow_none=True, required=True)
    count = fields.Integer(required=True)


def standard_blueprints() -> tuple[Blueprint, ...]:
    """Return fresh blueprints, since one blueprint object belongs to one application."""
    return _health(), _audit(), operations_blueprint()


def _health() -> Blueprint:
    blp = Blueprint("health", __name__, url_prefix="/health", description="Is the service alive and ready?")

    @blp.route("/live")
    @public(audit=None)
    @blp.response(200, HealthView)
    def live() -> Response:
        return reply({"status": "alive"})

    @blp.route("/ready")
    @public(audit=None)
    @blp.response(200, HealthView)
    def ready() -> Response:
        state = state_of(current_app)
        if state.config.drain_file and Path(state.config.drain_file).exists():
            return reply({"status": "draining"}, 503)
        with UnitOfWork(state.database, Principal.public()) as uow:
            behind = is_behind(state.config.service, uow.session)
        return reply({"status": "schema-behind"}, 503) if behind else reply({"status": "ready"})

    return blp


def _audit() -> Blueprint:
    blp = Blueprint("audit", __name__, url_prefix="/v1/audit", description="Who did what")

    @blp.route("")
    @requires(*ANYBODY, audit="audit.read")
    @blp.arguments(AuditQuery, location="query")
    @blp.response(200, AuditPage)
    def read_audit(query: dict[str, Any]) -> Response:
        with unit_of_work() as uow:
            answer = audit_page(uow, query)
            uow.commit()
        return reply(answer)

    return blp


def audit_page(uow: UnitOfWork, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return audit rows, newest first: the organisation's for its access manager, one's own for everybody else.

    Rows about a private act are their author's alone: the row policy hides them from an access manager too.
    """
    row, limit = audit_entry.c, int(query["limit"])
    shown = (row.seq, row.at, row.person_id, row.action, row.object_type, row.object_id, row.outcome, row.request_id)
    statement = _narrowed(select(*shown), query).order_by(row.seq.desc()).limit(limit)
    if uow.principal.holds(*READS_ALL_OF_AUDIT):
        statement = statement.where(row.org_id == uow.principal.org_id)
    else:
        statement = statement.where(row.person_id == uow.principal.person_id)
    items = [dict(found) for found in uow.session.execute(statement).mappings()]
    return {"items": items, "next": cursor_after(items, limit, "seq"), "count": len(items)}


def _narrowed(statement: Select[Any], query: Mapping[str, Any]) -> Select[Any]:
    row, cursor = audit_entry.c, query.get("cursor")
    if cursor:
        if not LINE_NUMBER.fullmatch(cursor):
            raise Invalid("cursor", "Go on with the cursor that the page before gave.")
        statement = statement.where(row.seq < int(cursor))
    if person_id := query.get("person_id"):
        statement = statement.where(row.person_id == str(person_id))
    if about := query.get("about"):
        statement = statement.where(func.split_part(row.action, ".", 1) == about)
    if since := query.get("since"):
        statement = statement.where(row.at >= start_of_local_day(since))
    if until := query.get("until"):
        statement = statement.where(row.at < end_of_local_day(until))
    return statement
