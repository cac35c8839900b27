"""People: those of an organisation, names for pages, addresses for the one service that sends mail."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from services.directory.commands.accounts import send_setup_mail_again
from services.directory.commands.names import correct_name
from services.directory.commands.second_factors import reset_second_factor
from services.directory.queries import people
from services.directory.schemas.corrections import CorrectedNameView, NewName
from services.directory.schemas.people import (
    AddressesView,
    Emails,
    FoundView,
    LeaversPage,
    NamesView,
    PeoplePage,
    PeopleQuery,
    PersonIds,
    SecondFactorWanted,
    SetupMailView,
)
from shared.access import requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work
from shared.standard_routes import ANYBODY

blp = Blueprint("people", __name__, url_prefix="/v1", description="People")
ORGANISERS = (Role.IMPROVEMENT_LEAD, Role.COMPANY_SECRETARY, Role.PLACE_CONVENOR)
INVITING = (Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR)


@blp.route("/people")
@requires(*ANYBODY, audit=None)
@blp.arguments(PeopleQuery, location="query")
@blp.response(200, PeoplePage)
def list_people(query: dict[str, Any]) -> Response:
    """Return the people of the organisation acted for, with their roles."""
    with unit_of_work() as uow:
        org_id = query.pop("organisation", None) or uow.principal.org_id
        answer = people.people_of(uow, org_id, looks_after_access=uow.principal.holds(*INVITING), **query)
    return reply(answer)


@blp.route("/people/find", methods=["POST"])
@requires(*ORGANISERS, *INVITING, audit="people.looked-up")
@blp.arguments(Emails)
@blp.response(200, FoundView)
def find(data: dict[str, Any]) -> Response:
    """Return which of these addresses belong to people of the organisation acted for; others are left out."""
    with unit_of_work() as uow:
        answer = people.with_addresses(uow, data["emails"])
        uow.commit(answer)
    return reply(answer)


@blp.route("/people/leavers")
@requires(*INVITING, audit=None)
@blp.response(200, LeaversPage)
def list_leavers() -> Response:
    """Return whose roles in the organisation acted for ended in the last twelve months."""
    with unit_of_work() as uow:
        answer = people.leavers(uow)
    return reply(answer)


@blp.route("/people/<uuid:person_id>", methods=["PATCH"])
@requires(*INVITING, audit="person.name-corrected", strong=True)
@blp.arguments(NewName)
@blp.response(200, CorrectedNameView)
def correct(data: dict[str, Any], person_id: UUID) -> Response:
    """Correct somebody's name, where they have acted longest; the person is told."""
    with unit_of_work() as uow:
        answer = correct_name(uow, str(person_id), name=data["name"])
        uow.commit(answer)
    return reply(answer)


@blp.route("/people/<uuid:person_id>/setup-mail", methods=["POST"])
@requires(*INVITING, audit="account.setup-mail-asked", strong=True)
@blp.response(200, SetupMailView)
def setup_mail(person_id: UUID) -> Response:
    """Send somebody who accepted an invitation a fresh link to set up the sign-in."""
    with unit_of_work() as uow:
        answer = send_setup_mail_again(uow, str(person_id))
        uow.commit(answer)
    return reply(answer)


@blp.route("/people/<uuid:person_id>/second-factor/reset", methods=["POST"])
@requires(*INVITING, audit="account.second-factor-reset", strong=True)
@blp.arguments(SecondFactorWanted, required=False)
@blp.response(200, SetupMailView)
def reset_factor(data: dict[str, Any], person_id: UUID) -> Response:
    """Let somebody with a new phone set up a new second factor; the person and the chair are told."""
    with unit_of_work() as uow:
        answer = reset_second_factor(uow, str(person_id), **data)
        uow.commit(answer)
    return reply(answer)


@blp.route("/names", methods=["POST"])
@requires(*ANYBODY, audit="names.read")
@blp.arguments(PersonIds)
@blp.response(200, NamesView)
def names(data: dict[str, Any]) -> Response:
    """Return names by person id; people the caller cannot see are left out."""
    with unit_of_work() as uow:
        answer = people.names(uow, [str(person_id) for person_id in data["person_ids"]])
        uow.commit(answer)
    return reply(answer)


@blp.route("/addresses", methods=["POST"])
@requires(Role.NOTIFICATION_SENDER, audit="addresses.read")
@blp.arguments(PersonIds)
@blp.response(200, AddressesView)
def addresses(data: dict[str, Any]) -> Response:
    """Return where to send something, at the moment of sending."""
    with unit_of_work() as uow:
        answer = people.addresses(uow, [str(person_id) for person_id in data["person_ids"]])
        uow.commit(answer)
    return reply(answer)
