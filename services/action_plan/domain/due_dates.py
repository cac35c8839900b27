"""Due days: an action is due until the end of its day in Europe/London."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.action_plan.domain.errors import DueDateNotPossible

LONDON = ZoneInfo("Europe/London")
DUE_SOON_DAYS = 7
REMIND_AT = time(8)
"""When an owner is reminded on the first day of the last week: eight in the morning, in England."""
FURTHEST = timedelta(days=5 * 366)
"""A plan looks twelve months ahead; five years is the letter's ambition and more than anybody plans."""


def check_due_on(due_on: date, *, today: date) -> None:
    """A new due day is today or later, and within five years.

    :raises DueDateNotPossible: otherwise.
    """
    if due_on < today:
        raise DueDateNotPossible("The due date must be today or later", field="due_on")
    if due_on - today > FURTHEST:
        raise DueDateNotPossible("The due date must be within 5 years", field="due_on")


def due_soon_at(due_on: date) -> datetime:
    """Return the moment from which the owner is reminded, as UTC."""
    return datetime.combine(due_on - timedelta(days=DUE_SOON_DAYS), REMIND_AT, LONDON).astimezone(UTC)


def overdue_at(due_on: date) -> datetime:
    """Return the first moment after the due day, as UTC."""
    return datetime.combine(due_on + timedelta(days=1), time(), LONDON).astimezone(UTC)


def days_left(due_on: date, today: date) -> int:
    """Return the whole days left, today not counted; negative when the day has passed."""
    return (due_on - today).days
