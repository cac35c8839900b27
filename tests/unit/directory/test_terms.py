"""How long somebody has acted for organisations."""

from datetime import UTC, datetime, timedelta

import pytest

from services.directory.domain.terms import (
    MAILBOX_MAY_BE_ANOTHERS_AFTER,
    Term,
    acts,
    has_left,
    home_of,
    may_be_somebody_else,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def term(org_id: str, begins: int, ends: int | None = None, *, kind: str = "trust") -> Term:
    """Return a term in days before now."""
    return Term(org_id, kind, NOW - begins * DAY, None if ends is None else NOW - ends * DAY)


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ([], False),
        ([term("A", 5)], False),
        ([term("A", 5, 1)], True),
        ([term("A", 5, 0)], True),
        ([term("A", 5, 1), term("B", 9)], False),
        ([term("A", 5, -1)], False),
    ],
)
def test_somebody_has_left_who_held_a_role_and_holds_none(terms: list[Term], *, left: bool) -> None:
    assert has_left(terms, NOW) is left
    assert not (left and acts(terms, NOW))


@pytest.mark.parametrize(
    ("terms", "another"),
    [
        ([], False),
        ([term("A", 90)], False),
        ([term("A", 90, 29)], False),
        ([term("A", 90, 30)], False),
        ([term("A", 90, 31)], True),
        ([term("A", 90, 31), term("B", 60, 29)], False),
        ([term("A", 90, 31), term("B", 60)], False),
        ([term("A", 90, 31), term("B", 60, 40)], True),
    ],
)
def test_an_address_may_be_another_persons_thirty_days_after_the_last_role(terms: list[Term], *, another: bool) -> None:
    assert timedelta(days=30) == MAILBOX_MAY_BE_ANOTHERS_AFTER
    assert may_be_somebody_else(terms, NOW) is another


@pytest.mark.parametrize(
    ("terms", "home"),
    [
        ([], None),
        ([term("A", 9, 1)], None),
        ([term("A", 9), term("B", 10)], "B"),
        ([term("B", 9), term("A", 9)], "A"),
        ([term("A", 400, 5), term("A", 4), term("B", 9)], "B"),
        ([term("A", 400, 5), term("A", 5), term("B", 9)], "A"),
        ([term("A", 400, 3), term("A", 5), term("B", 9)], "A"),
        ([term("A", 400, 3), term("A", 300, 200), term("A", 5), term("B", 399)], "A"),
        ([term("A", 400, 3), term("B", 9)], "B"),
        ([term("A", 2), term("Y60", 400, kind="region")], "A"),
        ([term("Y60", 400, kind="region")], None),
    ],
)
def test_the_home_is_where_a_role_has_been_held_without_a_break_for_longest(
    terms: list[Term], home: str | None
) -> None:
    assert home_of(terms, NOW) == home
    assert home_of(list(reversed(terms)), NOW) == home
