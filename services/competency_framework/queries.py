"""Questions about frameworks and reflections; every answer is plain data."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from services.competency_framework.domain.frameworks import Framework, parse
from services.competency_framework.models import (
    board_profile,
    framework,
    framework_use,
    reflection,
    reflection_answer,
    shared_reflection,
)
from shared import replica
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.problems import NotFound

BOARD = (Role.BOARD_MEMBER, Role.CHAIR, Role.CHIEF_EXECUTIVE)
"""Who reflects, and whom the board's profile is about."""
PROFILE_FROM = 7
"""People from whom on a board sees where it is strong, mixed or thin."""


def frameworks(uow: UnitOfWork) -> dict[str, Any]:
    """Return the published frameworks, newest first, without their content."""
    row = framework.c
    statement = select(row.id, row.version, row.title, row.illustrative, row.published_at)
    items = [dict(each) for each in uow.session.execute(statement.order_by(row.published_at.desc())).mappings()]
    return {"items": items, "count": len(items), "next": None}


def one_framework(uow: UnitOfWork, framework_id: str) -> dict[str, Any]:
    """Return a framework with its content; raises NotFound."""
    content = uow.session.execute(select(framework.c.content).where(framework.c.id == framework_id)).scalar()
    if content is None:
        raise NotFound
    return dict(content)


def current_framework(uow: UnitOfWork) -> Framework:
    """Return the framework in use: the one published last. Raises NotFound before the first."""
    statement = select(framework.c.content).order_by(framework.c.published_at.desc(), framework.c.id.desc()).limit(1)
    content = uow.session.execute(statement).scalar()
    if content is None:
        raise NotFound
    return parse(content)


def own_key(uow: UnitOfWork, framework_id: str) -> dict[str, Any]:
    """Return the key of one's own reflection."""
    principal = uow.principal
    return {
        "tenant_id": principal.tenant_id,
        "org_id": principal.org_id,
        "framework_id": framework_id,
        "person_id": principal.person_id,
    }


def own_frequencies(uow: UnitOfWork, framework_id: str) -> dict[str, str]:
    """Return one's own answers: statement to frequency."""
    row = reflection_answer.c
    statement = select(row.statement_id, row.frequency).filter_by(**own_key(uow, framework_id))
    return {each.statement_id: each.frequency for each in uow.session.execute(statement)}


def finished_at(uow: UnitOfWork, framework_id: str) -> datetime | None:
    """Return when one finished, or None."""
    statement = select(reflection.c.finished_at).filter_by(**own_key(uow, framework_id))
    return uow.session.execute(statement).scalar()


def answer(uow: UnitOfWork, framework_id: str, statement_id: str) -> dict[str, Any]:
    """Return one's own answer to one statement; raises NotFound."""
    row = reflection_answer.c
    statement = select(row.statement_id, row.frequency, row.note, row.version, row.saved_at)
    found = (
        uow.session.execute(statement.filter_by(**own_key(uow, framework_id), statement_id=statement_id))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound
    return dict(found)


def my_reflection(uow: UnitOfWork) -> dict[str, Any]:
    """Return one's own reflection: answers, whether it is finished, and what is shared with whom."""
    current = current_framework(uow)
    row = reflection_answer.c
    statement = select(row.statement_id, row.frequency, row.note, row.version, row.saved_at)
    items = uow.session.execute(statement.filter_by(**own_key(uow, current.id)).order_by(row.statement_id)).mappings()
    return {
        "framework_id": current.id,
        "statements": len(current.domain_of_statement()),
        "items": [dict(each) for each in items],
        "finished_at": finished_at(uow, current.id),
        "shared": _shared_by_me(uow, current.id),
    }


def _shared_by_me(uow: UnitOfWork, framework_id: str) -> list[dict[str, Any]]:
    row = shared_reflection.c
    statement = select(row.reader_id, row.summary, row.shared_at).filter_by(**own_key(uow, framework_id))
    return [dict(each) for each in uow.session.execute(statement.order_by(row.reader_id)).mappings()]


def shared_with_me(uow: UnitOfWork) -> dict[str, Any]:
    """Return the summaries that members of the board chose to show to whoever asks.

    Who has left the board could not take theirs back any more: nobody sees it from then on.
    """
    row, principal = shared_reflection.c, uow.principal
    statement = select(row.person_id, row.framework_id, row.summary, row.shared_at).where(
        row.person_id.in_(replica.people_with_role(uow, principal.org_id, BOARD)),
        row.tenant_id == principal.tenant_id,
        row.org_id == principal.org_id,
        row.reader_id == principal.person_id,
    )
    items = [dict(each) for each in uow.session.execute(statement.order_by(row.shared_at.desc())).mappings()]
    return {"items": items, "count": len(items), "next": None}


def profile(uow: UnitOfWork) -> dict[str, Any]:
    """Return where the board is strong, mixed or thin; before seven have finished, only how many have."""
    current = current_framework(uow)
    key = {name: value for name, value in own_key(uow, current.id).items() if name != "person_id"}
    use = uow.session.execute(select(framework_use).filter_by(**key)).first()
    words = {
        each.domain_id: each.word
        for each in uow.session.execute(select(board_profile.c.domain_id, board_profile.c.word).filter_by(**key))
    }
    return {
        "framework_id": current.id,
        "completed": use.completed if use else 0,
        "shown_from": PROFILE_FROM,
        "shown": bool(words),
        "people": use.people if use else None,
        "as_at": use.profile_at if use else None,
        "domains": [
            {"domain": domain, "title": title, "word": words[domain]}
            for domain, title in current.domains().items()
            if domain in words
        ],
    }
