"""Linking a work account: written down here, where issuer and subject are unique, then at the identity provider."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.directory.domain.work_accounts import WorkAccount, WorkAccountRefused, check_free
from services.directory.models import external_identity
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
