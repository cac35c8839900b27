from datetime import UTC, date, datetime

import pytest

from shared.clock import end_of_local_day, local_day, months_before


@pytest.mark.parametrize(
    ("day", "over_at"),
    [
        (date(2026, 7, 1), datetime(2026, 7, 1, 23, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 2, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 26, 0, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_in_england_in_summer_and_in_winter(day: date, over_at: datetime) -> None:
    assert end_of_local_day(day) == over_at


def test_late_on_a_summer_evening_in_utc_it_is_already_tomorrow_in_england() -> None:
    assert local_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)


@pytest.mark.parametrize(
    ("instant", "months", "earlier"),
    [
        (datetime(2026, 11, 30, 12, 5, tzinfo=UTC), 12, datetime(2025, 11, 30, 12, 5, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 31, tzinfo=UTC), 2, datetime(2025, 11, 30, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 12, datetime(2025, 12, 31, tzinfo=UTC)),
    ],
)
def test_months_are_counted_by_the_calendar(instant: datetime, months: int, earlier: datetime) -> None:
    assert months_before(instant, months) == earlier
