"""One line a service on the operator's page: what waits, since when, and whether somebody should look."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.portal.pages.operations import SILENT, WAITS, WELL, line_of

NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)


def said(process: str, part: str = "", waiting: int = 0, oldest: int | None = None, ago: int = 5) -> dict[str, Any]:
    return {
        "process": process,
        "part": part,
        "waiting": waiting,
        "oldest_at": None if oldest is None else (NOW - timedelta(seconds=oldest)).isoformat(),
        "reported_at": (NOW - timedelta(seconds=ago)).isoformat(),
    }


def books(*processes: dict[str, Any], **more: Any) -> dict[str, Any]:
    heard = {one["process"] for one in processes}
    others = [said(name) for name in ("relay", "consumer", "scheduler") if name not in heard]
    nothing = {"due_work": 0, "due_work_failed": 0, "parked": 0, "dead_letters": [], "positions": 3}
    return {**nothing, "processes": [*processes, *others], **more}


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (books(), WELL),
        (books(said("relay", waiting=2, oldest=20)), WELL),
        (books(said("relay", waiting=2, oldest=90)), WAITS),
        (books(said("consumer", "impact.measure 0", waiting=1001)), WAITS),
        (books(due_work_failed=1), WAITS),
        (books(dead_letters=[{"consumer": "insight", "reason": "gap", "open": 2}]), WAITS),
        (books(said("scheduler", ago=70)), SILENT),
        (books() | {"processes": []}, SILENT),
    ],
)
def test_the_state_says_whether_somebody_should_look(found: dict[str, Any], state: tuple[str, str]) -> None:
    assert line_of("insight", found, NOW).state == state


def test_what_waits_is_said_with_its_age_and_added_up_over_partitions() -> None:
    found = books(
        said("relay", waiting=3, oldest=75),
        said("consumer", "impact.measure 0", waiting=40),
        said("consumer", "impact.measure 1", waiting=2),
    )

    line = line_of("insight", found, NOW)

    assert line.unsent == "3, the oldest for 75 seconds"
    assert line.behind == "42 events"
