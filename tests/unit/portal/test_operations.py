"""The operator's page: one line a service, whether somebody should look, and dead letters page after page."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.portal.pages.operations import ON_A_PAGE, SILENT, WAITS, WELL, letters_of, line_of

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


def letters(*numbers: int) -> list[dict[str, Any]]:
    """Open dead letters whose ids stand in this order."""
    return [{"id": str(UUID(int=number))} for number in numbers]


def visit_of(open_ones: dict[str, list[dict[str, Any]]]) -> Any:
    """A visit whose services have these dead letters, and answer as services do."""

    def api(service: str) -> Any:
        def get(path: str, *, cursor: str | None, limit: str) -> dict[str, Any]:
            after = [one for one in open_ones[service] if cursor is None or one["id"] > cursor]
            return {"items": after[: int(limit)]}

        return SimpleNamespace(get=get)

    return SimpleNamespace(api=SimpleNamespace(named=api), optional=lambda service, ask, default: ask())


def test_pages_hold_every_dead_letter_of_every_service_once_and_oldest_first() -> None:
    open_ones = {"insight": letters(*range(1, 121)), "directory": letters(*range(200, 260), *range(500, 540))}
    seen: list[tuple[str, str]] = []
    sizes: list[int] = []
    begun: str | None = None

    while True:
        shown, begun = letters_of(visit_of(open_ones), open_ones, begun)
        seen += [(one["id"], one["service"]) for one in shown]
        sizes.append(len(shown))
        if begun is None:
            break

    assert sizes == [ON_A_PAGE] * 4 + [20]
    assert seen == sorted((one["id"], name) for name, found in open_ones.items() for one in found)


@pytest.mark.parametrize(("count", "goes_on"), [(0, False), (ON_A_PAGE, False), (ON_A_PAGE + 1, True)])
def test_a_page_that_would_be_empty_is_not_offered(count: int, goes_on: bool) -> None:
    _, following = letters_of(visit_of({"insight": letters(*range(count))}), ["insight"], None)

    assert (following is not None) is goes_on
