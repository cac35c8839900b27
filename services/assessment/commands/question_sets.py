"""Publishes question sets, and retires them."""

import logging
from datetime import date
from pathlib import Path

import yaml
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.assessment import events
from services.assessment.domain.errors import NotValid, QuestionSetChanged
from services.assessment.domain.question_set_drafts import check_retirement
from services.assessment.domain.question_sets import QuestionSet, parse
from services.assessment.domain.results import canonical, fingerprint
from services.assessment.models import question_set
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

FILES = Path(__file__).parent.parent / "question_sets"
log = logging.getLogger(__name__)


def publish_question_sets(uow: UnitOfWork, folder: Path = FILES) -> list[str]:
    """Publish every set of `folder` that is not published yet; return the ids of those published now.

    Doing it again publishes nothing. Raises QuestionSetChanged when a published set has other words today: a change
    of words is a new version, because old answers belong to the words they answered.
    """
    found = [parse(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.yaml"))]
    return [one.id for one in found if _publish(uow, one)]


def _publish(uow: UnitOfWork, published: QuestionSet) -> bool:
    if publish_once(uow, published, actor=False):
        return True
    row = question_set.c
    known = uow.session.execute(select(row.sha256).where(row.id == published.id)).scalar_one()
    if known != fingerprint(canonical(published.content)):
        raise QuestionSetChanged(f"{published.id} was published with other words; give the new words a new id")
    return False


def publish_once(uow: UnitOfWork, published: QuestionSet, *, actor: bool) -> bool:
    """Publish a set for ever; False when its id was published before, and nothing is done."""
    statement = insert(question_set).values(
        id=published.id,
        version=published.version,
        audience=published.audience,
        title=published.title,
        illustrative=published.illustrative,
        content=dict(published.content),
        sha256=fingerprint(canonical(published.content)),
        published_at=uow.now,
    )
    statement = statement.on_conflict_do_nothing()
    if uow.session.execute(statement.returning(question_set.c.id)).first() is None:
        return False
    effective_from = published.effective_from or local_day(uow.now)
    outbox.add(uow, events.instrument_published(published, effective_from, actor=actor))
    log.info("A question set was published", extra={"question_set": published.id})
    return True


def retire(uow: UnitOfWork, question_set_id: str, *, retired_on: date, replaced_by: str | None = None) -> None:
    """Let no self-assessment be opened with a set from a day on; those made with it keep it.

    Raises NotFound, NotPossibleNow when it is retired already, and NotValid for a day that has passed or a
    replacement for another audience.
    """
    uow.about("question-set", question_set_id)
    row = question_set.c
    found = uow.session.execute(select(question_set).where(row.id == question_set_id).with_for_update()).first()
    if found is None:
        raise NotFound
    check_retirement(retired_on, already=found.retired_on, today=local_day(uow.now))
    if replaced_by is not None:
        audience = uow.session.execute(select(row.audience).where(row.id == replaced_by)).scalar()
        if audience != found.audience or replaced_by == question_set_id:
            raise NotValid("replaced_by", "Choose another published question set for the same audience")
    uow.session.execute(
        update(question_set).where(row.id == question_set_id).values(retired_on=retired_on, replaced_by=replaced_by)
    )
    outbox.add(uow, events.instrument_retired(question_set_id, retired_on=retired_on, replaced_by=replaced_by))
