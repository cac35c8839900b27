"""The one mail the directory sends: an invitation with a link of our own.

The link's secret is made at the moment of sending and only its fingerprint is written down afterwards, so it lies
nowhere in the clear. Sending again, or once more after a break between sending and writing down, makes a new link.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from services.directory.domain.invitations import LIFETIME, InvitationDates, InvitationState, fingerprint, new_secret
from services.directory.models import invitation, organisation, person
from shared.clock import local_day
from shared.contracts.roles import Role, role_register
from shared.database import UnitOfWork
from shared.mail import Mail, MailRefused, MailSender
from shared.scheduler import WillNeverWork, Work

BODY = """Hello {name}

{inviter} has invited you to act for {organisation} as {title}.

What this means: {meaning}

To accept, open this link by {day} and choose Accept. It takes about two minutes:
{link}

If you have not used this service before, you will get a second e-mail with which you set up your sign-in.
{organisation} will see your name and your role. Nobody else is told.

If you did not expect this, do nothing: the link stops working on that day.
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
        sent, where = invitation.c, organisation.c
        row = uow.session.execute(
            select(invitation, where.name.label("organisation_name"), person.c.name.label("inviter"))
            .join(organisation, where.code == sent.for_org)
            .outerjoin(person, person.c.person_id == sent.invited_by)
            .where(sent.id == UUID(work.object_id))
        ).first()
        if row is None:
            return None
        state = InvitationDates(row.sent_at, row.accepted_at, row.withdrawn_at).state(uow.now)
        if state in (InvitationState.ACCEPTED, InvitationState.WITHDRAWN):
            return None
        secret, role = new_secret(), role_register()[Role(row.role)]
        last_day = local_day(uow.now + LIFETIME)
        text = BODY.format(
            name=row.name,
            inviter=row.inviter or "An access manager",
            organisation=row.organisation_name,
            title=role.title.lower(),
            meaning=role.meaning,
            day=f"{last_day.day} {last_day:%B %Y}",
            link=f"{self._portal_url}/invitation/{secret}",
        )
        subject = f"Invitation: {role.title} at {row.organisation_name}"
        return Letter(Mail(to=row.email, subject=subject, body=text, reference=work.object_id), secret)

    def act(self, prepared: Letter) -> None:
        """Send it; raises WillNeverWork when the mail service will never take it."""
        try:
            self._sender.send(prepared.mail)
        except MailRefused as refused:
            raise WillNeverWork("The mail service refused the invitation.") from refused

    def record(self, uow: UnitOfWork, work: Work, prepared: Letter, result: None) -> None:
        """From now on this link works, for 14 days, and none sent before."""
        sent = invitation.c
        uow.session.execute(
            update(invitation)
            .where(sent.id == UUID(work.object_id))
            .values(secret_hash=fingerprint(prepared.secret), sent_at=uow.now)
        )
