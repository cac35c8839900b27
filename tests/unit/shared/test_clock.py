from datetime import UTC, date, datetime

import pytest

from shared.clock import end_of_local_day, local_day


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
