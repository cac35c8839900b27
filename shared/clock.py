"""Where the time comes from: always aware, always UTC, always handed in so that a test can hold it still."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Answers what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that moves only when it is told to; for tests and for `--as-of` in the demo."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant last set."""
        return self._instant

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back) by a span of time."""
        self._instant += by


def end_of_local_day(day: date) -> datetime:
    """Return the first instant after `day` in Europe/London, in UTC: what is due on a day is due until then."""
    return datetime.combine(day + timedelta(days=1), time(0), LONDON).astimezone(UTC)


def start_of_local_day(day: date) -> datetime:
    """Return the first instant of `day` in Europe/London, in UTC."""
    return datetime.combine(day, time(0), LONDON).astimezone(UTC)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the same time of the same day so many months earlier, or of the last day of a shorter month."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    day = min(instant.day, monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def local_day(instant: datetime) -> date:
    """Return the calendar day in Europe/London on which `instant` falls."""
    return instant.astimezone(LONDON).date()
