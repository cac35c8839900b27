"""A version made of what is shown: the same for the same, another for anything else, and one that If-Match takes."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.request_and_reply import VERSION
from shared.shown_version import version_of

SHOWN: dict[str, Any] = {
    "preview": {"priorities": [{"title": "Daily huddles", "done": 2}]},
    "granted": [UUID("0190c1a2-0000-7000-8000-000000000001")],
    "valid_until": date(2026, 12, 31),
    "proposed_at": datetime(2026, 11, 30, 18, tzinfo=UTC),
    "result": None,
}
CHANGES = (
    {"preview": {"priorities": [{"title": "Daily huddles", "done": 3}]}},
    {"granted": []},
    {"valid_until": None},
    {"proposed_at": datetime(2026, 11, 30, 18, 0, 1, tzinfo=UTC)},
    {"result": "5f2c"},
    {"more": 1},
)


def test_the_same_content_has_the_same_version_in_whatever_order_it_stands() -> None:
    assert version_of(dict(reversed(SHOWN.items()))) == version_of(SHOWN)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_whatever_changes_makes_another_version(change: dict[str, Any]) -> None:
    assert version_of(SHOWN | change) != version_of(SHOWN)


def test_it_is_a_version_that_a_request_can_name() -> None:
    assert all(VERSION.fullmatch(str(version_of(number))) for number in range(1000))
