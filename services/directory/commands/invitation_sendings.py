"""How often an organisation mails invitations to one mailbox: all of them together, renewed ones included."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from sqlalchemy import ColumnElement, select, text

from services.directory.domain.how_often import within_a_day
from services.directory.domain.invitations import check_not_sent_often, mailbox_of
from services.directory.models import invitation
from shared.database import UnitOfWork

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext(current_schema()), hashtext('invitations ' || :whose))")


def one_more(uow: UnitOfWork, email: str, earlier: Iterable[datetime] = ()) -> list[datetime]:
    """Return what to write down with one more mail of the invitation that has `earlier` ones.

    Raises InvitationSentOften. Two who send in the same moment wait for one another, so that neither is overlooked.
    """
    principal, sent = uow.principal, invitation.c
    name, domain = mailbox_of(email)
    uow.session.execute(ONE_AT_A_TIME, {"whose": f"{principal.org_id} {name}@{domain}"})
    to_mailbox = select(sent.sendings).where(
        sent.tenant_id == principal.tenant_id, sent.org_id == principal.org_id, _goes_to(name, domain)
    )
    check_not_sent_often(chain.from_iterable(uow.session.execute(to_mailbox).scalars()), uow.now)
    return [*within_a_day(earlier, uow.now), uow.now]


def _goes_to(name: str, domain: str) -> ColumnElement[bool]:
    email = invitation.c.email
    tagged = email.startswith(f"{name}+", autoescape=True) & email.endswith(f"@{domain}", autoescape=True)
    return (email == f"{name}@{domain}") | tagged
