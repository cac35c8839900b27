"""The register: organisations, their history, and moves to another tenant."""

from typing import Any

from flask import Response, g
from flask_smorest import Blueprint

from services.directory.commands.moves import move_organisation
from services.directory.queries import register
from services.directory.schemas.register import Move, MoveView, OrganisationDetail, OrganisationPage, OrganisationsQuery
from shared.access import requires
from shared.contracts.roles import Role
from shared.standard_routes import ANYBODY
from shared.web import reply, unit_of_work

blp = Blueprint("organisations", __name__, url_prefix="/v1/organisations", description="The register")


@blp.route("")
@requires(*ANYBODY, audit=None)
@blp.arguments(OrganisationsQuery, location="query")
@blp.response(200, OrganisationPage)
def list_organisations(query: dict[str, Any]) -> Response:
    """Find organisations by kind, tenant, part of the name, or code."""
    with unit_of_work() as uow:
        answer = register.organisations(uow, **query)
    return reply(answer)


@blp.route("/<code>")
@requires(*ANYBODY, audit=None)
@blp.response(200, OrganisationDetail)
def get_organisation(code: str) -> Response:
    """Return one organisation with its names, tenancies and successions."""
    with unit_of_work() as uow:
        answer = register.organisation_detail(uow, code)
    return reply(answer)


@blp.route("/<code>/moves", methods=["POST"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="organisation.moved", strong=True)
@blp.arguments(Move)
@blp.response(201, MoveView)
def move(data: dict[str, Any], code: str) -> Response:
    """Move a trust or place to another ICB from a day on."""
    with unit_of_work() as uow:
        answer = move_organisation(uow, code, **data)
        g.answer_status = 201
        uow.commit(answer)
    return reply(answer, 201)
