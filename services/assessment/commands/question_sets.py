"""Publishes the question sets that lie beside the code."""

import logging
from datetime import date
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.assessment import events
from services.assessment.domain.errors import QuestionSetChanged
from services.assessment.domain.question_sets import QuestionSet, parse
from services.assessment.domain.results import canonical, fingerprint
from services.assessment.domain.rounds import local_day
from services.assessment.models import question_set
from shared import outbox
from shared.database import UnitOfWork

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
    sha256 = fingerprint(canonical(published.content))
    row = question_set.c
    statement = insert(question_set).values(
        id=published.id,
        version=published.version,
        audience=published.audience,
        title=published.title,
        illustrative=published.illustrative,
        content=dict(published.content),
        sha256=sha256,
        published_at=uow.now,
    )
    is_new = uow.session.execute(statement.on_conflict_do_nothing().returning(row.id)).first() is not None
    if is_new:
        outbox.add(uow, events.instrument_published(published, _effective_from(uow, published)))
        log.info("A question set was published", extra={"question_set": published.id})
    elif uow.session.execute(select(row.sha256).where(row.id == published.id)).scalar_one() != sha256:
        raise QuestionSetChanged(f"{published.id} was published with other words; give the new words a new id")
    return is_new


def _effective_from(uow: UnitOfWork, published: QuestionSet) -> date:
    stated = published.content.get("effective_from")
    return date.fromisoformat(str(stated)) if stated else local_day(uow.now)
