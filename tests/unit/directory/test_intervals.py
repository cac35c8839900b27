"""Half-open intervals: neighbours meet without sharing a day."""

from datetime import date

import pytest

from services.directory.domain.intervals import BadInterval, Interval, any_overlap

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def test_the_last_open_day_counts_and_the_next_does_not() -> None:
    interval = Interval.through_last_day(MARCH, date(2026, 3, 31))

    assert interval.holds(date(2026, 3, 31))
    assert not interval.holds(APRIL)
    assert interval.last_day == date(2026, 3, 31)


def test_a_successor_from_the_next_day_does_not_overlap() -> None:
    assert not any_overlap([Interval(MARCH, APRIL), Interval(APRIL)])


def test_one_shared_day_is_an_overlap() -> None:
    assert any_overlap([Interval(MARCH, date(2026, 4, 2)), Interval(APRIL, MAY)])


def test_an_interval_without_end_overlaps_whatever_comes_later() -> None:
    assert any_overlap([Interval(MARCH), Interval(MAY)])


def test_an_empty_interval_shares_no_day() -> None:
    assert not any_overlap([Interval(MARCH), Interval(APRIL, APRIL)])


def test_an_interval_cannot_end_before_it_starts() -> None:
    with pytest.raises(BadInterval):
        Interval(APRIL, MARCH)
