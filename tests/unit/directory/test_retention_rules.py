"""How long the directory keeps what it holds about people."""

from datetime import UTC, datetime, timedelta

import pytest

from services.directory.domain.invitations import LIFETIME
from services.directory.domain.retention import address_is_due
from services.directory.domain.terms import Term

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BEFORE = datetime(2025, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        ([], False),
        ([BEFORE], True),
        ([BEFORE + MINUTE], False),
        ([BEFORE - MINUTE, BEFORE], True),
        ([BEFORE - MINUTE, BEFORE + MINUTE], False),
        ([BEFORE, None], False),
    ],
)
def test_whoever_has_held_no_role_since_is_reached_no_more(ends: list[datetime | None], *, due: bool) -> None:
    terms = [Term(f"ORG{number}", "trust", BEFORE - 90 * LIFETIME, end) for number, end in enumerate(ends)]

    assert address_is_due(terms, BEFORE) is due
