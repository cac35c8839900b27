"""Questions about an address that waits to be confirmed: its owner's alone."""

from typing import Any

from sqlalchemy import Row, select

from services.directory.domain.address_changes import LIFETIME, link_works
from services.directory.domain.invitations import matches
from services.directory.models import address_change
from shared.database import UnitOfWork
from shared.problems import NotFound


def waiting_change(uow: UnitOfWork) -> dict[str, Any] | None:
    """Return the new address of whoever asks while its link works, None when nothing waits."""
    row = _change_of(uow, str(uow.principal.person_id))
    return _shown(row) if row is not None and link_works(row.asked_at, uow.now) else None


def change_behind_link(uow: UnitOfWork, secret: str) -> dict[str, Any]:
    """Return what the page behind a link shows; raises NotFound unless it is the newest of whoever asks."""
    return _shown(change_by_link(uow, str(uow.principal.person_id), secret))


def change_by_link(uow: UnitOfWork, person_id: str, secret: str) -> Row[Any]:
    """Return a person's change by the secret of its link; raises NotFound for any other link, or one that ran out."""
    row = _change_of(uow, person_id)
    if row is None or row.secret_hash is None or not matches(secret, row.secret_hash):
        raise NotFound
    if not link_works(row.asked_at, uow.now):
        raise NotFound
    return row


def _change_of(uow: UnitOfWork, person_id: str) -> Row[Any] | None:
    return uow.session.execute(select(address_change).where(address_change.c.person_id == person_id)).first()


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {"email": row.email, "expires_at": row.asked_at + LIFETIME}
