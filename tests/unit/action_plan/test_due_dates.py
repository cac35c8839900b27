"""Due means the end of that day in England, in winter and in summer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.action_plan.domain.due_dates import LONDON, check_due_on, days_left, due_soon_at, overdue_at
from services.action_plan.domain.errors import DueDateNotPossible

DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("due_on", "moment"),
    [
        (date(2026, 1, 31), datetime(2026, 2, 1, 0, 0, tzinfo=UTC)),
        (date(2026, 6, 30), datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
    ],
)
def test_an_action_is_overdue_when_its_day_is_over_in_england(due_on: date, moment: datetime) -> None:
    assert overdue_at(due_on) == moment


@pytest.mark.parametrize(
    ("due_on", "moment"),
    [
        (date(2026, 1, 31), datetime(2026, 1, 24, 8, 0, tzinfo=UTC)),
        (date(2026, 4, 2), datetime(2026, 3, 26, 8, 0, tzinfo=UTC)),
        (date(2026, 6, 30), datetime(2026, 6, 23, 7, 0, tzinfo=UTC)),
    ],
)
def test_an_owner_is_reminded_at_eight_in_the_morning_a_week_before(due_on: date, moment: datetime) -> None:
    assert due_soon_at(due_on) == moment


@given(DAYS)
def test_the_reminder_comes_before_the_day_is_over_and_the_last_moment_still_counts(due_on: date) -> None:
    assert due_soon_at(due_on) < overdue_at(due_on)
    assert (overdue_at(due_on) - timedelta(microseconds=1)).astimezone(LONDON).date() == due_on


@given(DAYS, st.integers(-400, 400))
def test_a_due_day_is_today_or_later(today: date, days: int) -> None:
    due_on = today + timedelta(days=days)

    assert days_left(due_on, today) == days
    if days >= 0:
        check_due_on(due_on, today=today)
    else:
        with pytest.raises(DueDateNotPossible):
            check_due_on(due_on, today=today)


def test_a_due_day_beyond_any_plan_is_refused() -> None:
    with pytest.raises(DueDateNotPossible):
        check_due_on(date.max, today=date(2026, 3, 3))
