"""Importing the published register: a dry run, its report, and applying it."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.directory.commands.imports import apply_import, try_register
from services.directory.queries.imports import import_row, import_view
from services.directory.schemas.register import ImportView, RegisterFile
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("register-imports", __name__, url_prefix="/v1/register-imports", description="Published register files")


@blp.route("", methods=["POST"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="register.tried")
@blp.arguments(RegisterFile, location="files")
@blp.response(201, ImportView)
def upload(files: dict[str, Any]) -> Response:
    """Compare a register file with the register; nothing of the register changes."""
    file = files["file"]
    with unit_of_work() as uow:
        answer = try_register(uow, file_name=file.filename or "register.csv", content=file.read())
        g.answer_status = 201
        uow.commit(answer)
    return reply(answer, 201)


@blp.route("/<uuid:import_id>")
@requires(Role.NATIONAL_ADMINISTRATOR, audit=None)
@blp.response(200, ImportView)
def get_import(import_id: UUID) -> Response:
    """Return what an uploaded file would change, or has changed."""
    with unit_of_work() as uow:
        answer = import_view(import_row(uow, import_id))
    return reply(answer)


@blp.route("/<uuid:import_id>/apply", methods=["POST"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="register.applied", strong=True)
@blp.response(200, ImportView)
def apply(import_id: UUID) -> Response:
    """Do what the dry run showed, once."""
    with unit_of_work() as uow:
        answer = apply_import(uow, import_id)
        uow.commit(answer)
    return reply(answer)
