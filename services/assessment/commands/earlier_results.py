"""Earlier self-assessments come in as marked history: looked at first, then kept, and taken out again if wrong."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.assessment.domain.earlier import Reader, question_set_of
from services.assessment.domain.errors import NotPossibleNow
from services.assessment.domain.results import canonical, fingerprint
from services.assessment.earlier_files import read_rows, refused, refused_cells
from services.assessment.models import earlier_result
from services.assessment.queries.earlier_results import earlier_view
from services.assessment.queries.question_sets import get_question_set
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import NotFound


def look_at_file(uow: UnitOfWork, content: bytes, file_name: str) -> dict[str, Any]:
    """Read a file and show what would be kept; it counts for nothing until it is confirmed.

    A file looked at before and not confirmed gives way. Raises Problem naming every cell that does not fit.
    """
    rows = read_rows(content, file_name)
    try:
        question_set = get_question_set(uow, question_set_of(rows))
    except NotFound as error:
        raise refused(["There is no question set of this name"]) from error
    reader = Reader(question_set, today=local_day(uow.now))
    found = reader.read(rows, uow.principal.org_id)
    if found is None:
        raise refused_cells(reader.faults)
    mine = (earlier_result.c.tenant_id == uow.principal.tenant_id, earlier_result.c.org_id == uow.principal.org_id)
    uow.session.execute(delete(earlier_result).where(*mine, earlier_result.c.confirmed_at.is_(None)))
    text, earlier_id = canonical(found.content), new_id()
    statement = insert(earlier_result).values(
        tenant_id=uow.principal.tenant_id,
        org_id=uow.principal.org_id,
        id=earlier_id,
        kind=question_set.audience,
        name=found.name,
        question_set_id=found.question_set_id,
        agreed_on=found.agreed_on,
        content=text,
        sha256=fingerprint(text),
        imported_by=uow.principal.person_id,
        imported_at=uow.now,
    )
    uow.session.execute(statement)
    return earlier_view(uow, earlier_id)


def confirm(uow: UnitOfWork, earlier_id: UUID) -> dict[str, Any]:
    """Keep what was looked at as history. Raises NotFound, and NotPossibleNow when that day has one already."""
    uow.about("earlier-result", earlier_id)
    mine = (earlier_result.c.tenant_id == uow.principal.tenant_id, earlier_result.c.org_id == uow.principal.org_id)
    found = uow.session.execute(
        select(earlier_result).where(*mine, earlier_result.c.id == earlier_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound
    same_day = select(earlier_result.c.id).where(
        *mine,
        earlier_result.c.kind == found.kind,
        earlier_result.c.agreed_on == found.agreed_on,
        earlier_result.c.confirmed_at.is_not(None),
        earlier_result.c.id != earlier_id,
    )
    if uow.session.execute(same_day).first() is not None:
        raise NotPossibleNow("An earlier self-assessment of that day is in the history. Take it out first")
    uow.session.execute(
        update(earlier_result).where(*mine, earlier_result.c.id == earlier_id).values(confirmed_at=uow.now)
    )
    return earlier_view(uow, earlier_id)


def take_out(uow: UnitOfWork, earlier_id: UUID) -> None:
    """Take an imported self-assessment out of the history; the audit trail keeps who did. Raises NotFound."""
    uow.about("earlier-result", earlier_id)
    column = earlier_result.c
    gone = uow.session.execute(
        delete(earlier_result)
        .where(
            column.tenant_id == uow.principal.tenant_id,
            column.org_id == uow.principal.org_id,
            column.id == earlier_id,
        )
        .returning(column.id)
    ).first()
    if gone is None:
        raise NotFound
