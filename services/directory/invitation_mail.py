"""The one mail the directory sends: an invitation with a link of our own, saying who asks, for what, and who sees it.

The link's secret is made at the moment of sending and only its fingerprint is written down afterwards, so it lies
nowhere in the clear. Sending again, or once more after a break between sending and writing down, makes a new link.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, update

from services.directory.domain.invitations import LIFETIME, InvitationDates, InvitationState, fingerprint, new_secret
from services.directory.models import invitation, organisation, person
from shared.clock import local_day
from shared.contracts.roles import Role, role_register
from shared.database import UnitOfWork
from shared.mail import Mail, MailRefused, MailSender
from shared.scheduler import WillNeverWork, Work

BODY = """Hello {name}

{inviter} asks you to act for {organisation} as {title}.

What you can do then: {meaning}

How long it takes: about five minutes to set up, once. Open this link by {day}, read the page and continue:
{link}

If you do not sign in to this service today and do not use a work account, one more mail from us follows. \
Its link lets you set up how you sign in: with a passkey, or with a password and a code.

Who will see it: your name and role are seen by those who look after access in {organisation}, its improvement lead, \
chair, chief executive and secretary{besides}. Private answers are seen by nobody but you.

If you did not expect this, do nothing and tell {organisation}. The link stops working after that day.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to go, and the secret in its link."""

    mail: Mail
    secret: str


class SendInvitation:
    """Due work `send-invitation`: one invitation, a fresh link."""

    def __init__(self, sender: MailSender, portal_url: str) -> None:
        self._sender = sender
        self._portal_url = portal_url.rstrip("/")

    def prepare(self, uow: UnitOfWork, work: Work) -> Letter | None:
        """Write the mail; None when the invitation has been accepted or withdrawn since."""
        row = uow.session.execute(_invitation_and_names(UUID(work.object_id))).first()
        if row is None:
            return None
        state = InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at).state(uow.now)
        if state in (InvitationState.ACCEPTED, InvitationState.WITHDRAWN):
            return None
        secret = new_secret()
        link = f"{self._portal_url}/invitation/{secret}"
        last_day = local_day(uow.now + LIFETIME)
        return Letter(_mail(row, link, f"{last_day.day} {last_day:%B %Y}", work.object_id), secret)

    def act(self, prepared: Letter) -> None:
        """Send it; raises WillNeverWork when the mail service will never take it."""
        try:
            self._sender.send(prepared.mail)
        except MailRefused as refused:
            raise WillNeverWork("The mail service refused the invitation.") from refused

    def hold(self, uow: UnitOfWork, work: Work) -> None:
        """Lock the invitation, as who sends it again or withdraws it does first."""
        row = select(invitation.c.id).where(invitation.c.id == UUID(work.object_id))
        uow.session.execute(row.with_for_update())

    def record(self, uow: UnitOfWork, work: Work, prepared: Letter, result: None) -> None:
        """From now on this link works, for 14 days, and none sent before."""
        sent = invitation.c
        uow.session.execute(
            update(invitation)
            .where(sent.id == UUID(work.object_id))
            .values(secret_hash=fingerprint(prepared.secret), sent_at=uow.now)
        )


def _invitation_and_names(invitation_id: UUID) -> Select[Any]:
    sent, where, asking = invitation.c, organisation.c, organisation.alias("asking")
    return (
        select(
            invitation,
            where.name.label("organisation_name"),
            asking.c.name.label("asking_name"),
            person.c.name.label("inviter"),
        )
        .join(organisation, where.code == sent.for_org)
        .outerjoin(asking, asking.c.code == sent.org_id)
        .outerjoin(person, person.c.person_id == sent.invited_by)
        .where(sent.id == invitation_id)
    )


def _mail(row: Row[Any], link: str, day: str, reference: str) -> Mail:
    """Write it in the words of the page behind the link; whoever appoints from above is named, and sees it too."""
    role = role_register()[Role(row.role)]
    from_above = row.asking_name if row.org_id != row.for_org else None
    inviter = row.inviter or "An access manager"
    text = BODY.format(
        name=row.name,
        inviter=f"{inviter} of {from_above}" if from_above else inviter,
        organisation=row.organisation_name,
        title=role.title_in_a_sentence,
        meaning=role.meaning,
        day=day,
        link=link,
        besides=f", and by {from_above}" if from_above else "",
    )
    subject = f"Invitation: {role.title} at {row.organisation_name}"
    return Mail(to=row.email, subject=subject, body=text, reference=reference)
