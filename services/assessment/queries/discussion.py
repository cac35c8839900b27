"""What the board has before it in its discussion: ranges of views, agreed levels, texts that people offered."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, func, select

from services.assessment.domain.errors import NotPossibleNow
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.ranges import FEWEST_FOR_A_RANGE, Range, close_items, in_words
from services.assessment.domain.rounds import State
from services.assessment.models import agreement, closing, item_range, offered_text, parked_item, practice_level
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.rounds import ONE, get_round
from shared.database import UnitOfWork
from shared.rows_as_json import rows_as_json

AFTER_ANSWERING = frozenset({State.CLOSED, State.AGREED, State.SIGNED_OFF})
NOT_RECORDED = {"level": None, "version": 0, "recorded_by": None}
TOO_FEW_FINISHED = f"Fewer than {FEWEST_FOR_A_RANGE} people have finished, so the range of views is not shown"
TOO_FEW = f"Fewer than {FEWEST_FOR_A_RANGE} people gave a level, so the range of views is not shown"
NOT_COMPARABLE = "Too few people or answers changed after answering was reopened, so the range of views is not shown"
LIKE_AN_EARLIER_ONE = (
    "Not shown, because nearly the same people finished a self-assessment in the six months before this one began:"
    " the two ranges side by side could give one person's answer away"
)
HELD_BACK = "The range of views is shown in the meeting"
RANGE_COLUMNS = (
    item_range.c.item_id,
    item_range.c.shown,
    item_range.c.level_counts,
    item_range.c.cannot_judge,
    item_range.c.executive_counts,
    item_range.c.non_executive_counts,
    item_range.c.late_answers,
)
AGREED_COLUMNS = (
    agreement.c.item_id,
    agreement.c.level,
    agreement.c.reason,
    agreement.c.evidence,
    agreement.c.differed,
    agreement.c.aim_level,
    agreement.c.recorded_by,
    agreement.c.recorded_at,
    agreement.c.version,
)


def _of_round(statement: Select[*tuple[Any, ...]], table: Table) -> Select[*tuple[Any, ...]]:
    mine = (table.c.tenant_id == bindparam("tenant_id"), table.c.round_id == bindparam("round_id"))
    return statement.where(*mine)


RANGES = _of_round(select(*RANGE_COLUMNS), item_range)
AGREED = _of_round(select(*AGREED_COLUMNS), agreement)
LEVELS = _of_round(select(practice_level), practice_level)
OFFERED = _of_round(select(offered_text.c.item_id, offered_text.c.why, offered_text.c.evidence), offered_text).order_by(
    offered_text.c.item_id, offered_text.c.id
)
LAST_CLOSING = (
    _of_round(select(func.cardinality(closing.c.people).label("people"), closing.c.held_back_by_earlier), closing)
    .order_by(closing.c.number.desc())
    .limit(1)
)
ASIDE = _of_round(select(parked_item.c.item_id), parked_item)
BEFORE_THE_BOARD = ONE.add_columns(
    rows_as_json(RANGES).label("ranges"),
    rows_as_json(LAST_CLOSING).label("last_closing"),
    rows_as_json(AGREED).label("agreed"),
    rows_as_json(LEVELS).label("overall"),
    rows_as_json(OFFERED).label("offered"),
    rows_as_json(ASIDE).label("aside"),
)
"""Built once. A page of a meeting asks for all of it, so it comes in one answer of the database."""


def discussion(uow: UnitOfWork, round_id: UUID, *, runs: bool = True) -> dict[str, Any]:
    """Every item in the order of the question set, with what may be shown of it.

    Who does not run the round sees no range while the lead holds them back for the meeting.

    Raises NotFound, and NotPossibleNow while answering is open.
    """
    row = get_round(uow, round_id, asked=BEFORE_THE_BOARD)
    if State(row.state) not in AFTER_ANSWERING:
        raise NotPossibleNow("The range of views is shown once answering has closed")
    question_set = get_question_set(uow, row.question_set_id)
    held_back = row.ranges_held_back and not runs and row.state == State.CLOSED
    rows = {} if held_back else {found["item_id"]: found for found in row.ranges}
    shown = {item_id: range_of(found) for item_id, found in rows.items() if found["shown"]}
    aside = {parked["item_id"] for parked in row.aside}
    agreed = {found["item_id"]: _with_instant(found) for found in row.agreed}
    ranges = [(item_id, shown[item_id]) for item_id in question_set.items if item_id in shown]
    offered = {} if held_back else _offered(row.offered)
    reason = HELD_BACK if held_back else _why_hidden(row)
    return {
        "round_id": row.id,
        "state": row.state,
        "sent_back_note": row.sent_back_note,
        "ranges_held_back": row.ranges_held_back,
        "items": [
            {
                "item_id": item_id,
                "practice_id": question_set.practice_of[item_id],
                "title": title,
                "range": _shown_range(rows.get(item_id), shown.get(item_id), reason),
                "agreement": agreed.get(item_id),
                "offered": offered.get(item_id, []),
                "parked": item_id in aside,
            }
            for item_id, title in question_set.items.items()
        ],
        "practices": _practices(row.overall, question_set),
        "suggested_together": [item_id for item_id in close_items(ranges) if item_id not in agreed],
        "widest_first": [item_id for item_id, _ in sorted(ranges, key=lambda pair: -pair[1].spread)],
    }


def range_rows(uow: UnitOfWork, round_id: UUID) -> dict[str, Mapping[str, Any]]:
    """Stored ranges by item; an item that nobody answered has none."""
    return {row.item_id: row._asdict() for row in uow.session.execute(RANGES, _this(uow, round_id))}


def range_of(row: Mapping[str, Any]) -> Range:
    """The range in a stored row that may be shown."""
    return Range(counts=tuple(row["level_counts"]), cannot_judge=row["cannot_judge"])


def shown_range(uow: UnitOfWork, round_id: UUID, item_id: str) -> Range | None:
    """The range of one item as the board sees it, or None where it is hidden."""
    row = range_rows(uow, round_id).get(item_id)
    return range_of(row) if row is not None and row["shown"] else None


def agreements(uow: UnitOfWork, round_id: UUID) -> dict[str, dict[str, Any]]:
    """Recorded agreements by item."""
    return {row["item_id"]: dict(row) for row in uow.session.execute(AGREED, _this(uow, round_id)).mappings()}


def practice_levels(uow: UnitOfWork, round_id: UUID) -> dict[str, Row[Any]]:
    """Recorded overall levels by practice."""
    return {row.practice_id: row for row in uow.session.execute(LEVELS, _this(uow, round_id))}


def _practices(recorded: Iterable[Mapping[str, Any]], question_set: QuestionSet) -> list[dict[str, Any]]:
    overall = {found["practice_id"]: {name: found[name] for name in NOT_RECORDED} for found in recorded}
    return [
        {"practice_id": practice_id, "title": title, **overall.get(practice_id, NOT_RECORDED)}
        for practice_id, title in question_set.practices.items()
    ]


def _with_instant(recorded: Mapping[str, Any]) -> dict[str, Any]:
    return {**recorded, "recorded_at": datetime.fromisoformat(recorded["recorded_at"])}


def _offered(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Texts that their authors offered to the discussion, without their names."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        found.setdefault(row["item_id"], []).append({"why": row["why"], "evidence": row["evidence"]})
    return found


def _this(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    return {"tenant_id": uow.principal.tenant_id, "round_id": round_id}


def _why_hidden(row: Row[Any]) -> str:
    """Why an item shows no range. All but *too few gave a level* is said of the whole round, never of one item."""
    last = next(iter(row.last_closing), {"people": FEWEST_FOR_A_RANGE, "held_back_by_earlier": False})
    if last["people"] < FEWEST_FOR_A_RANGE:
        return TOO_FEW_FINISHED
    if last["held_back_by_earlier"]:
        return LIKE_AN_EARLIER_ONE
    return NOT_COMPARABLE if any(found["late_answers"] for found in row.ranges) else TOO_FEW


def _shown_range(row: Mapping[str, Any] | None, views: Range | None, reason: str) -> dict[str, Any]:
    if row is None or views is None:
        return {"shown": False, "reason": reason}
    return {
        "shown": True,
        "counts": _by_level(row["level_counts"]),
        "cannot_judge": views.cannot_judge,
        "answered": views.answered,
        "median_spread": {"median": views.median, "lowest": views.lowest, "highest": views.highest},
        "commonest": list(views.commonest),
        "words": in_words(views),
        "late_answers": row["late_answers"],
        "executive": _by_level(row["executive_counts"]),
        "non_executive": _by_level(row["non_executive_counts"]),
    }


def _by_level(counts: list[int] | None) -> dict[str, int] | None:
    return {str(level): people for level, people in enumerate(counts, start=1)} if counts else None
