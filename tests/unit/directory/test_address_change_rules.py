"""How often a new address may be asked for, which one, and how long its link works."""

from datetime import UTC, datetime, timedelta

import pytest

from services.directory.domain.address_changes import (
    LIFETIME,
    AddressChangeTooOften,
    AddressIsYours,
    check_other,
    link_works,
)
from services.directory.domain.how_often import once_more

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    "earlier",
    [
        [],
        [_ago(hours=1), _ago(hours=1)],
        [_ago(hours=24), _ago(hours=1), _ago(hours=1)],
        [_ago(days=9), _ago(days=8), _ago(days=7), _ago(hours=2)],
    ],
)
def test_a_third_link_within_a_day_is_sent_and_older_ones_are_not_counted(earlier: list[datetime]) -> None:
    kept = once_more(earlier, NOW, refusal=AddressChangeTooOften())

    assert kept[-1] == NOW
    assert all(moment > _ago(hours=24) for moment in kept)
    assert len(kept) <= 3


def test_a_fourth_within_a_day_is_not() -> None:
    with pytest.raises(AddressChangeTooOften, match="3 links within 24 hours"):
        once_more([_ago(hours=23, minutes=59), _ago(hours=2), _ago(seconds=1)], NOW, refusal=AddressChangeTooOften())


@pytest.mark.parametrize("present", ["jo@trust.example", "Jo@Trust.example"])
def test_the_present_address_in_any_spelling_is_no_new_one(present: str) -> None:
    with pytest.raises(AddressIsYours) as refused:
        check_other("jo@trust.example", present)

    assert refused.value.field == "email"


@pytest.mark.parametrize("present", [None, "jo.smith@trust.example"])
def test_any_other_is(present: str | None) -> None:
    check_other("jo@trust.example", present)


@pytest.mark.parametrize(
    ("age", "works"), [(timedelta(0), True), (LIFETIME - timedelta(seconds=1), True), (LIFETIME, False)]
)
def test_a_link_works_for_24_hours(age: timedelta, *, works: bool) -> None:
    assert link_works(NOW - age, NOW) is works
