"""Invitations: for those who send them, and for whoever holds the link."""

from typing import Any
from uuid import UUID

from flask import Response, g
from flask_smorest import Blueprint

from services.directory.commands import acceptances
from services.directory.commands import invitations as commands
from services.directory.queries import invitations as queries
from services.directory.schemas.people import (
    Accept,
    AcceptedView,
    InvitationForInvitee,
    InvitationPage,
    InvitationView,
    Invite,
    RenewedView,
)
from services.directory.work_tokens import work_account_of
from shared.access import public, requires
from shared.contracts.roles import Role
from shared.request_and_reply import reply
from shared.request_transaction import unit_of_work

blp = Blueprint("invitations", __name__, url_prefix="/v1/invitations", description="Invitations to a role")
INVITING = (Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER, Role.NATIONAL_ADMINISTRATOR)


@blp.route("")
@requires(*INVITING, audit=None)
@blp.response(200, InvitationPage)
def list_invitations() -> Response:
    """Return the invitations the organisation acted for has sent."""
    with unit_of_work() as uow:
        answer = queries.invitations(uow)
    return reply(answer)


@blp.route("", methods=["POST"])
@requires(*INVITING, audit="invitation.sent", strong=True)
@blp.arguments(Invite)
@blp.response(201, InvitationView)
def invite(data: dict[str, Any]) -> Response:
    """Invite somebody to a role by a mail with a link of our own."""
    with unit_of_work() as uow:
        answer = commands.invite(uow, **data)
        g.answer_status = 201
        uow.commit(answer)
    return reply(answer, 201)


@blp.route("/<uuid:invitation_id>/resend", methods=["POST"])
@requires(*INVITING, audit="invitation.resent", strong=True)
@blp.response(200, InvitationView)
def resend(invitation_id: UUID) -> Response:
    """Send a fresh link; the one sent before stops working."""
    with unit_of_work() as uow:
        answer = commands.resend(uow, invitation_id)
        uow.commit(answer)
    return reply(answer)


@blp.route("/<uuid:invitation_id>/withdraw", methods=["POST"])
@requires(*INVITING, audit="invitation.withdrawn", strong=True)
@blp.response(200, InvitationView)
def withdraw(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    with unit_of_work() as uow:
        answer = commands.withdraw(uow, invitation_id)
        uow.commit(answer)
    return reply(answer)


@blp.route("/by-token/<token>")
@public(audit=None)
@blp.response(200, InvitationForInvitee)
def get_by_token(token: str) -> Response:
    """Return what the page behind the link shows; opening it accepts nothing, since mail scanners open links."""
    with unit_of_work() as uow:
        answer = queries.invitation_for_invitee(uow, token)
    return reply(answer)


@blp.route("/by-token/<token>/accept", methods=["POST"])
@public(audit="invitation.accepted")
@blp.arguments(Accept)
@blp.response(200, AcceptedView)
def accept(data: dict[str, Any], token: str) -> Response:
    """Accept the invitation: the role is held from now on, and the work account linked that the token proves."""
    work = work_account_of(data.get("work_account"))
    with unit_of_work() as uow:
        answer = acceptances.accept(uow, token, work=work, passkey=data.get("passkey"))
        uow.commit(answer)
    return reply(answer)


@blp.route("/by-token/<token>/renew", methods=["POST"])
@public(audit="invitation.renewed")
@blp.response(200, RenewedView)
def renew(token: str) -> Response:
    """Send a fresh link to the invited address: the one at hand has run out."""
    with unit_of_work() as uow:
        answer = acceptances.renew(uow, token)
        uow.commit(answer)
    return reply(answer)
