"""What can happen to a reflection: saved, finished, shared with the chair, no longer shared; and to frameworks."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import yaml
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.competency_framework import events, queries
from services.competency_framework.domain import reflections
from services.competency_framework.domain.frameworks import Framework, FrameworkUnusable, parse
from services.competency_framework.models import (
    framework as framework_table,
)
from services.competency_framework.models import (
    framework_use,
    reflection,
    reflection_answer,
    shared_reflection,
)
from shared import outbox, replica
from shared.clock import local_day
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Conflict, StaleVersion

FILES = Path(__file__).parent / "frameworks"
REFRESH = text("select refresh_profile(:framework, :statements, :domains, :at)")


def publish_frameworks(uow: UnitOfWork, folder: Path = FILES) -> list[str]:
    """Publish every framework of `folder` that is not published yet; return the ids of those published now.

    Raises FrameworkUnusable when a published one has other words today: new words are a new version, because old
    reflections belong to the words they answered.
    """
    found = [parse(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.yaml"))]
    return [framework.id for framework in found if _publish(uow, framework)]


def _publish(uow: UnitOfWork, framework: Framework) -> bool:
    sha256 = hashlib.sha256(orjson.dumps(framework.content, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()
    row = {
        "id": framework.id,
        "version": framework.version,
        "title": framework.title,
        "illustrative": framework.illustrative,
        "content": orjson.loads(orjson.dumps(framework.content, default=str)),
        "sha256": sha256,
        "published_at": uow.now,
    }
    statement = insert(framework_table).values(row).on_conflict_do_nothing().returning(framework_table.c.id)
    if uow.session.execute(statement).first() is not None:
        outbox.add(uow, events.framework_published(framework))
        return True
    published = select(framework_table.c.sha256).where(framework_table.c.id == framework.id)
    if uow.session.execute(published).scalar_one() != sha256:
        raise FrameworkUnusable(f"{framework.id} was published with other words; give the new words a new id.")
    return False


def save_answer(uow: UnitOfWork, statement_id: str, expected: int, *, frequency: str, note: str = "") -> dict[str, Any]:
    """Save one's own answer to a statement; `expected` is the version one saw, 0 for the first.

    Raises UnknownStatement, UnknownFrequency, and StaleVersion with what was saved meanwhile.
    """
    framework = queries.current_framework(uow)
    reflections.check_answer(framework, statement_id, frequency)
    _begin(uow, framework.id)
    mine = queries.own_key(uow, framework.id) | {"statement_id": statement_id}
    values = {"frequency": frequency, "note": note, "version": expected + 1, "saved_at": uow.now}
    table = reflection_answer
    first = insert(table).values(mine | values).on_conflict_do_nothing().returning(table.c.version)
    later = update(table).filter_by(**mine).where(table.c.version == expected).values(values)
    written = uow.session.execute(first if expected == 0 else later.returning(table.c.version)).scalar()
    if written is None:
        raise StaleVersion(queries.answer(uow, framework.id, statement_id))
    return {"statement_id": statement_id, **values}


def _begin(uow: UnitOfWork, framework_id: str) -> None:
    key = queries.own_key(uow, framework_id)
    use = {name: key[name] for name in ("tenant_id", "org_id", "framework_id")}
    uow.session.execute(insert(framework_use).values(use).on_conflict_do_nothing())
    uow.session.execute(insert(reflection).values(key).on_conflict_do_nothing())


def finish(uow: UnitOfWork) -> dict[str, Any]:
    """Say that one has finished; answers can still be changed. Raises NotFinishedYet naming what is missing.

    Saying it again with the same answers changes nothing: the profile counts those who have something new to say.
    """
    framework = queries.current_framework(uow)
    reflections.check_finished(framework, queries.own_frequencies(uow, framework.id))
    use = select(framework_use).filter_by(**_use_key(uow, framework.id)).with_for_update()
    before = uow.session.execute(use).one()
    _note_finished(uow, framework.id)
    completed = _refresh_profile(uow, framework)
    after = uow.session.execute(select(framework_use).filter_by(**_use_key(uow, framework.id))).one()
    org_id = uow.principal.org_id
    outbox.add(uow, events.reflection_completed(org_id, framework.id, completed))
    if after.profile_at != before.profile_at:
        outbox.add(uow, events.board_profile_updated(org_id, framework.id, completed, local_day(uow.now)))
    return {"finished_at": queries.finished_at(uow, framework.id)}


def _note_finished(uow: UnitOfWork, framework_id: str) -> None:
    mine, answer = queries.own_key(uow, framework_id), reflection_answer.c
    saved_since = select(answer.statement_id).filter_by(**mine).where(answer.saved_at > reflection.c.finished_at)
    unsaid = reflection.c.finished_at.is_(None) | saved_since.exists()
    uow.session.execute(update(reflection).filter_by(**mine).where(unsaid).values(finished_at=uow.now))


def _use_key(uow: UnitOfWork, framework_id: str) -> dict[str, Any]:
    principal = uow.principal
    return {"tenant_id": principal.tenant_id, "org_id": principal.org_id, "framework_id": framework_id}


def _refresh_profile(uow: UnitOfWork, framework: Framework) -> int:
    of_domain = framework.domain_of_statement()
    values = {
        "framework": framework.id,
        "statements": list(of_domain),
        "domains": list(of_domain.values()),
        "at": uow.now,
    }
    return int(uow.session.execute(REFRESH, values).scalar_one())


def share(uow: UnitOfWork, domains: list[str]) -> dict[str, Any]:
    """Show a summary of one's finished reflection, by domain and without notes, to today's chair.

    Raises NothingToShare before one has finished, Conflict while the organisation has no other chair. Sharing again
    replaces what was shown.
    """
    framework = queries.current_framework(uow)
    if queries.finished_at(uow, framework.id) is None:
        raise reflections.NothingToShare("Finish your reflection before you share a summary of it.")
    summary = reflections.summary(framework, queries.own_frequencies(uow, framework.id), domains)
    principal = uow.principal
    chairs = [
        person
        for person in replica.people_with_role(uow, principal.org_id, [Role.CHAIR])
        if person != principal.person_id
    ]
    if not chairs:
        raise Conflict("no-chair", "Your organisation has no other person as its chair in this service.")
    stop_sharing(uow)
    for chair in chairs:
        row = queries.own_key(uow, framework.id) | {
            "reader_id": chair,
            "id": new_id(),
            "summary": summary,
            "shared_at": uow.now,
        }
        uow.session.execute(insert(shared_reflection).values(row))
    return {"shared_with": chairs, "summary": summary, "shared_at": uow.now}


def stop_sharing(uow: UnitOfWork) -> dict[str, Any]:
    """Take back what one showed the chair; the rows are gone. Nothing happens when there is nothing."""
    principal, row = uow.principal, shared_reflection.c
    gone = uow.session.execute(
        delete(shared_reflection)
        .where(
            row.tenant_id == principal.tenant_id,
            row.org_id == principal.org_id,
            row.person_id == principal.person_id,
        )
        .returning(row.id)
    ).all()
    return {"stopped": len(gone)}
