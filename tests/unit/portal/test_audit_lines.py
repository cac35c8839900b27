"""The audit trails of several services become one list by time, page after page, and one CSV."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest

from services.portal.config import APIS
from services.portal.pages.audit import EXPORTED, ON_A_PAGE, action_words, as_csv, everything, newest

LINE = {"person_id": "p1", "action": "round.signed-off", "object_type": "round", "object_id": "1", "outcome": "done"}


def visit_of(trails: dict[str, list[dict[str, Any]]]) -> Any:
    """A visit whose services answer with these trails, newest first."""

    def api(service: str) -> Any:
        def get(path: str, *, cursor: str | None, limit: str, **filters: str) -> dict[str, Any]:
            lines = [one for one in trails.get(service, []) if cursor is None or one["seq"] < int(cursor)]
            items = lines[: int(limit)]
            return {"items": items, "next": str(items[-1]["seq"]) if len(items) == int(limit) else None}

        return SimpleNamespace(get=get)

    return SimpleNamespace(api=SimpleNamespace(named=api), optional=lambda service, ask, default: ask())


def trail(count: int, *, every: int) -> list[dict[str, Any]]:
    """Lines one every `every` seconds, newest first."""
    times = [f"2026-11-{1 + n * every // 86400:02d}T{n * every // 3600 % 24:02d}:00:00Z" for n in range(count)]
    return [LINE | {"seq": n + 1, "at": times[n], "request_id": None} for n in reversed(range(count))]


def test_pages_hold_every_line_of_every_service_once_and_in_order() -> None:
    visit = visit_of({"assessment": trail(120, every=3600), "directory": trail(70, every=7200)})
    seen: list[dict[str, Any]] = []
    cursors = ""

    while True:
        lines, cursors = newest(visit, {}, cursors)
        seen += lines
        if not cursors:
            break
        assert len(lines) == ON_A_PAGE

    assert len({(line["service"], line["seq"]) for line in seen}) == len(seen) == 190
    assert [line["at"] for line in seen] == sorted((line["at"] for line in seen), reverse=True)


def test_an_export_has_every_line() -> None:
    visit = visit_of({service: trail(230, every=3600) for service in APIS})

    found = everything(visit, {})

    assert len(found.lines) == 230 * len(APIS)
    assert not found.cut


@pytest.mark.parametrize(("lines", "cut"), [(EXPORTED - 1, []), (EXPORTED + 1, ["insight"])])
def test_an_export_knows_which_trail_it_holds_only_in_part(lines: int, cut: list[str]) -> None:
    found = everything(visit_of({"insight": trail(lines, every=60), "directory": trail(3, every=60)}), {})

    assert found.cut == cut
    assert len(found.lines) == min(lines, EXPORTED) + 3


def test_a_strange_cursor_begins_anew() -> None:
    lines, _ = newest(visit_of({"insight": trail(3, every=60)}), {}, "nonsense,insight:x:y,")

    assert len(lines) == 3


def test_a_csv_has_words_and_no_formula() -> None:
    line = LINE | {"seq": 1, "at": "2026-11-01T10:00:00Z", "service": "assessment", "request_id": "=1+1"}
    of_ours = line | {"person_id": None, "outcome": "acting-for", "request_id": "r"}

    rows = list(csv.reader(io.StringIO(as_csv([line, of_ours], {"p1": "Lena Hart"}))))

    assert rows[1] == [
        "1 November 2026, 10am",
        "Lena Hart",
        "Self-assessment: signed off",
        "Done",
        "round 1",
        "assessment",
        "'=1+1",
    ]
    assert (rows[2][1], rows[2][3]) == ("The service itself", "Done for the lead or the chair")


def test_a_csv_says_in_its_last_line_of_which_part_there_is_more() -> None:
    line = LINE | {"seq": 1, "at": "2026-11-01T10:00:00Z", "service": "insight", "request_id": None}

    whole = as_csv([line], {})
    rows = list(csv.reader(io.StringIO(as_csv([line], {}, ["insight"]))))

    assert "Not everything" not in whole
    assert rows[-1] == [
        "Not everything: of progress and published figures only the newest 5,000 lines are here."
        " Choose a shorter time to export the rest."
    ]


def test_an_action_that_pages_do_not_know_is_shown_as_it_is() -> None:
    assert action_words("kit.taken-up") == "Kit: taken up"
    assert action_words("access.refused") == "Access: refused"
