"""The register: organisations, their history, and moves to another tenant."""

from typing import Any

from flask import Response, g
from flask_smorest import Blueprint

from services.directory.commands.entries import close_by_hand, enter_organisation, place_in_sector
from services.directory.commands.moves import move_organisation
from services.directory.queries import register
from services.directory.schemas.register import (
    Closing,
    Move,
    MoveView,
    NewOrganisation,
    OrganisationDetail,
    OrganisationPage,
    OrganisationsQuery,
    SectorOfTrust,
)
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.standard_routes import ANYBODY

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


@blp.route("", methods=["POST"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="organisation.registered", strong=True)
@blp.arguments(NewOrganisation)
@blp.response(201, OrganisationDetail)
def enter(data: dict[str, Any]) -> Response:
    """Enter an ICB or a place by hand."""
    with unit_of_work() as uow:
        answer = enter_organisation(uow, **data)
        g.answer_status = 201
        uow.commit(answer)
    return reply(answer, 201)


@blp.route("/<code>/close", methods=["POST"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="organisation.closed", strong=True)
@blp.arguments(Closing)
@blp.response(200, OrganisationDetail)
def close(data: dict[str, Any], code: str) -> Response:
    """Close an ICB or a place and name its successors."""
    with unit_of_work() as uow:
        answer = close_by_hand(uow, code, **data)
        uow.commit(answer)
    return reply(answer)


@blp.route("/<code>/sector", methods=["PUT"])
@requires(Role.NATIONAL_ADMINISTRATOR, audit="organisation.sector-set")
@blp.arguments(SectorOfTrust)
@blp.response(200, OrganisationDetail)
def set_sector(data: dict[str, Any], code: str) -> Response:
    """Say which sector a trust belongs to."""
    with unit_of_work() as uow:
        answer = place_in_sector(uow, code, **data)
        uow.commit(answer)
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
