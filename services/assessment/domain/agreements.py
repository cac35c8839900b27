"""What the board agreed in its discussion: one level an item, one overall level a practice.

The overall level of a practice is agreed like the others, never computed: the board decides what its items add up
to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.assessment.domain.answers import checked_level
from services.assessment.domain.errors import NotValid, StillOpen
from services.assessment.domain.ranges import Range
from services.assessment.domain.texts import checked_text

_MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreed level of one item, with what was said about it and where the board wants to be in 12 months."""

    level: int
    reason: str
    evidence: str
    differed: str
    aim_level: int | None


def checked_agreement(
    *,
    level: int,
    views: Range | None,
    reason: str | None = None,
    evidence: str | None = None,
    differed: str | None = None,
    aim_level: int | None = None,
) -> Agreement:
    """An agreement the board can stand behind.

    A reason is needed only where the level is not one that most people chose; without a shown range there is
    nothing to depart from, so none is asked for (asking would tell what the hidden answers were).

    :raises NotValid: a level is not one of the five, the aim is below the agreed level, the reason is missing,
        or a text is too long.
    """
    checked_level("level", level)
    said = checked_text("reason", reason)
    if views is not None and level not in views.commonest and not said:
        raise NotValid("reason", "Say why, because this is not the level most people chose")
    if aim_level is not None:
        checked_level("aim_level", aim_level)
        if aim_level < level:
            raise NotValid("aim_level", "The aim in 12 months cannot be below the level you agreed")
    return Agreement(
        level=level,
        reason=said,
        evidence=checked_text("evidence", evidence),
        differed=checked_text("differed", differed),
        aim_level=aim_level,
    )


def agreed_together(views: Range) -> Agreement:
    """The agreement of a close item: the commonest level, the lower one when two tie.

    :raises NotValid: the views lie further apart than one level, so the board has to discuss the item.
    """
    if not views.is_close:
        raise NotValid("item_ids", "Only items whose views lie within one level can be agreed together")
    return Agreement(level=min(views.commonest), reason="", evidence="", differed="", aim_level=None)


def check_all_agreed(
    *,
    items: Mapping[str, str],
    practices: Mapping[str, str],
    agreed_items: Iterable[str],
    agreed_practices: Iterable[str],
) -> None:
    """Nothing may be left open when the round goes to the chair.

    ``items`` and ``practices`` map ids to titles, in their order.

    :raises StillOpen: naming every open item and practice.
    """
    open_items = [title for item_id, title in items.items() if item_id not in set(agreed_items)]
    open_practices = [title for practice_id, title in practices.items() if practice_id not in set(agreed_practices)]
    if not open_items and not open_practices:
        return
    named = []
    if open_items:
        named.append(f"{len(open_items)} of {len(items)} items still to agree: {_listed(open_items)}")
    if open_practices:
        named.append(f"overall level still to agree for: {_listed(open_practices)}")
    raise StillOpen("; ".join(named))


def check_reasons(
    *, items: Mapping[str, str], views: Mapping[str, Range], levels: Mapping[str, int], reasons: Mapping[str, str]
) -> None:
    """Every level that is not the commonest has its reason, also after the views changed in a reopening.

    :raises StillOpen: naming the items that need a reason.
    """
    lacking = [
        title
        for item_id, title in items.items()
        if item_id in views and levels[item_id] not in views[item_id].commonest and not reasons[item_id]
    ]
    if lacking:
        raise StillOpen(f"Views changed, so these items need a reason for their level: {_listed(lacking)}")


def _listed(titles: list[str]) -> str:
    return "; ".join(titles[:_MOST_NAMED])
