"""The discussion's items in the order of a meeting, and their ranges of views as small bars."""

from collections.abc import Mapping
from typing import Any

WIDEST = 6
"""Items that fit a board's 45 minutes."""
BAR_HEIGHT = 20
ORDERS = {"widest": "Widest first", "question": "In the order of the questions"}
SHOWN = {"all": "All", "open": "Still to agree", "aside": "Come back to this", "six": "The six widest"}


def in_meeting_order(found: Mapping[str, Any], order: str) -> list[Mapping[str, Any]]:
    """Return the items, those with the widest views first unless `order` says as asked; hidden ranges come last."""
    items: list[Mapping[str, Any]] = list(found["items"])
    if order == "question":
        return items
    place = {item_id: index for index, item_id in enumerate(found["widest_first"])}
    return sorted(items, key=lambda item: place.get(item["item_id"], len(place)))


def chosen_items(found: Mapping[str, Any], order: str, shown: str) -> list[Mapping[str, Any]]:
    """Return the items a person asked to see."""
    items = in_meeting_order(found, order)
    if shown == "open":
        return [item for item in items if item["agreement"] is None]
    if shown == "aside":
        return [item for item in items if item["parked"]]
    if shown == "six":
        return in_meeting_order(found, "widest")[:WIDEST]
    return items


def next_item(found: Mapping[str, Any], *, after: str | None = None) -> str | None:
    """Return the widest item without an agreed level; those put aside come last, `after` the very last."""
    still_open = [item for item in in_meeting_order(found, "widest") if item["agreement"] is None]
    still_open.sort(key=lambda item: (item["item_id"] == after, item["parked"]))
    return still_open[0]["item_id"] if still_open else None


def open_titles(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the items and practices that have no agreed level, each with its title."""
    items = [item for item in found["items"] if item["agreement"] is None]
    return [*items, *(practice for practice in found["practices"] if practice["level"] is None)]


def bars(counts: Mapping[str, int]) -> str:
    """Return one bar a level, lowest level first, as the path of a picture 100 wide and `BAR_HEIGHT` high."""
    most = max([*counts.values(), 1])
    heights = [BAR_HEIGHT * counts.get(str(level), 0) // most for level in range(1, 6)]
    return "".join(f"M{20 * place + 1} {BAR_HEIGHT}v-{height}h18v{height}z" for place, height in enumerate(heights))


def together_options(found: Mapping[str, Any], names: Mapping[int, str]) -> list[dict[str, str]]:
    """Return the items whose views lie within one level, with the level that agreeing them records."""
    items = {item["item_id"]: item for item in found["items"]}
    return [
        {"value": item_id, "text": items[item_id]["title"], "hint": _would_record(items[item_id]["range"], names)}
        for item_id in found["suggested_together"]
    ]


def _would_record(views: Mapping[str, Any], names: Mapping[int, str]) -> str:
    level = min(views["commonest"])
    people = views["counts"][str(level)]
    return f"Level {level}, {names[level]}: chosen by {people} of {views['answered']}"


def agreed_in(found: Mapping[str, Any], practice_id: str) -> list[Mapping[str, Any]]:
    """Return the items of one practice."""
    return [item for item in found["items"] if item["practice_id"] == practice_id]
