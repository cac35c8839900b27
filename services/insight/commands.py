"""What a national analyst can make happen: ask for a set of figures, and publish it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from services.insight import events
from services.insight.domain import publishing
from services.insight.figure_check import CHECK_FIGURES
from services.insight.models import figure_set
from services.insight.published import header_of
from shared import due_work, outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import NotFound

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('insight.figure_set'))")


def ask_for_figures(
    uow: UnitOfWork, *, as_at: date | None = None, revises: UUID | None = None, revision_note: str | None = None
) -> dict[str, Any]:
    """Ask for a set as at today; it is made and checked in the background.

    A set that was asked for or prepared before and not published gives way to it. Raises NotPossible for another day,
    for a revision without its note, and for revising what is not published.
    """
    uow.session.execute(ONE_AT_A_TIME)
    today = local_day(uow.now)
    publishing.check_day(as_at or today, today)
    publishing.check_revision(revises, revision_note)
    revision = _revised(uow, str(revises))["revision"] + 1 if revises else 1
    each = figure_set.c
    uow.session.execute(update(figure_set).where(each.state.in_(["checking", "prepared"])).values(state="replaced"))
    number = (uow.session.execute(select(func.max(each.number))).scalar() or 0) + 1
    set_id = str(new_id())
    row = {
        "id": set_id,
        "number": number,
        "state": "checking",
        "as_at": today,
        "prepared_at": uow.now,
        "prepared_by": uow.principal.person_id,
        "revises": str(revises) if revises else None,
        "revision": revision,
        "revision_note": revision_note,
    }
    uow.session.execute(insert(figure_set).values(row))
    due_work.add(uow, CHECK_FIGURES, set_id, uow.now)
    uow.about("figure_set", set_id)
    return header_of(_locked(uow, set_id))


def publish_figures(uow: UnitOfWork, set_id: str) -> dict[str, Any]:
    """Publish a prepared set; from then on it cannot be changed.

    Raises NotFound for an unknown set and NotPossible for one that is not prepared: refused by the check, replaced by
    a later one, published before or still being made.
    """
    uow.session.execute(ONE_AT_A_TIME)
    found = _locked(uow, set_id)
    publishing.check_state(found["state"])
    if found["revises"]:
        _set_state(uow, found["revises"], state="revised")
    _set_state(uow, set_id, state="published", published_at=uow.now, published_by=uow.principal.person_id)
    published = _locked(uow, set_id)
    outbox.add(uow, events.figures_published(published))
    uow.about("figure_set", set_id)
    return header_of(published)


def _set_state(uow: UnitOfWork, set_id: str, **values: Any) -> None:
    uow.session.execute(update(figure_set).where(figure_set.c.id == set_id).values(**values))


def _locked(uow: UnitOfWork, set_id: str) -> dict[str, Any]:
    one = select(figure_set).where(figure_set.c.id == set_id).with_for_update()
    found = uow.session.execute(one).mappings().first()
    if found is None:
        raise NotFound
    return dict(found)


def _revised(uow: UnitOfWork, set_id: str) -> dict[str, Any]:
    found = _locked(uow, set_id)
    publishing.check_can_be_revised(found["state"])
    return found
