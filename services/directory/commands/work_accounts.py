"""Which accounts are whose: written down here, where issuer and subject are unique, then at the identity provider."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.directory.domain.work_accounts import WorkAccount, WorkAccountRefused, check_free
from services.directory.models import external_identity
from shared import audit
from shared.database import UnitOfWork


def link_work_account(uow: UnitOfWork, person_id: str, work: WorkAccount) -> None:
    """Link it as the directory's own hand; linking it again changes nothing. Raises WorkAccountRefused."""
    known = external_identity.c
    holder = select(known.person_id).where(known.issuer == work.issuer, known.subject == work.subject)
    subject = select(known.subject).where(known.issuer == work.issuer, known.person_id == person_id)
    found = uow.session.execute(holder).scalar()
    check_free(work, person_id, holder=found, subject=uow.session.execute(subject).scalar())
    if found is not None:
        return
    row = {"issuer": work.issuer, "subject": work.subject, "person_id": person_id, "shown_name": work.shown_name}
    statement = insert(external_identity).values(**row, linked_at=uow.now).on_conflict_do_nothing()
    if uow.session.execute(statement.returning(known.subject)).first() is None:
        raise WorkAccountRefused("This work account was linked a moment ago.")


def unlink_work_accounts(uow: UnitOfWork, person_id: str) -> None:
    """Let somebody sign in with a work account no more, as the directory's own hand."""
    _forget(uow, person_id, external_identity.c.shown_name.is_not(None))


def forget_accounts(uow: UnitOfWork, person_id: str) -> None:
    """Forget all that somebody signed in with, as the directory's own hand: they have left, or come back.

    An account of our own realm that is not written down counts as not set up yet (account_work.py).
    """
    _forget(uow, person_id)


def _forget(uow: UnitOfWork, person_id: str, *which: ColumnElement[bool]) -> None:
    known = external_identity.c
    gone = delete(external_identity).where(known.person_id == person_id, *which).returning(known.shown_name)
    if any(name is not None for name in uow.session.execute(gone).scalars()):
        audit.record(uow, "work-account.unlinked", "person", person_id)
