"""The agenda of a meeting of 45 minutes, and what comes next in it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.portal.pages.rounds.meeting import beginning, slots
from services.portal.pages.rounds.ranges import next_item

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)


def item(item_id: str, *, parked: bool = False, agreed: bool = False) -> dict[str, Any]:
    return {"item_id": item_id, "parked": parked, "agreement": {"level": 3} if agreed else None}


def test_six_items_get_seven_minutes_each_and_times_once_the_meeting_begins() -> None:
    items = [item(f"i{number}") for number in range(6)]
    questions = {one["item_id"]: {} for one in items}

    without, begun = slots(items, questions, None), slots(items, questions, beginning("14:00", NOON))

    assert [(slot.begins, slot.ends) for slot in without[:2]] == [("minute 0", "minute 7"), ("minute 7", "minute 14")]
    assert [(slot.begins, slot.ends) for slot in begun[4:]] == [("2:28pm", "2:35pm"), ("2:35pm", "2:42pm")]


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("14:00", 14, 0), ("9:30", 9, 30), ("2:30pm", 14, 30), ("2.30 PM", 14, 30), ("12am", 0, 0), ("12:15pm", 12, 15)],
)
def test_a_time_is_taken_as_people_write_it(typed: str, hour: int, minute: int) -> None:
    begins = beginning(typed, NOON)

    assert begins is not None
    assert (begins.hour, begins.minute) == (hour, minute)


@pytest.mark.parametrize("typed", ["", "25:00", "14:60", "13pm", "0am", "9", "soon"])
def test_what_is_no_time_begins_nothing(typed: str) -> None:
    assert beginning(typed, NOON) is None


def test_items_put_aside_come_last_and_the_one_just_put_aside_the_very_last() -> None:
    found = {
        "items": [item("a", parked=True), item("b"), item("c", parked=True), item("d", agreed=True)],
        "widest_first": ["d", "a", "c", "b"],
    }
    all_aside = found | {"items": [item("a", parked=True), item("c", parked=True)]}

    assert next_item(found) == "b"
    assert next_item(all_aside) == "a"
    assert next_item(all_aside, after="a") == "c"
