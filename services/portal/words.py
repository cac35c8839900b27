"""Words, dates and times as pages show them: one place, so that they are the same everywhere."""

from collections.abc import Mapping
from datetime import date, datetime

from shared.clock import LONDON, local_day

STAGES: Mapping[str, tuple[str, str]] = {
    "draft": ("Not started", "grey"),
    "open": ("Answering", "blue"),
    "closed": ("In discussion", "purple"),
    "agreed": ("Agreed", "aqua-green"),
    "signed_off": ("Signed off", "green"),
    "abandoned": ("Given up", "grey"),
}
"""State of a self-assessment: its words and the colour that repeats them."""

ACTION_STATUSES: Mapping[str, tuple[str, str]] = {
    "not_started": ("Not started", "grey"),
    "on_track": ("On track", "green"),
    "off_track": ("Off track", "red"),
    "too_early_to_tell": ("Too early to tell", "yellow"),
    "done": ("Done", "blue"),
    "stopped": ("Stopped", "grey"),
}

PLAN_STATES: Mapping[str, tuple[str, str]] = {
    "drafted": ("Being drafted", "grey"),
    "awaiting_approval": ("Waiting for approval", "yellow"),
    "approved": ("Approved", "green"),
    "closed": ("Closed", "grey"),
}


FILE_STATES: Mapping[str, tuple[str, str]] = {
    "checking": ("Being checked", "yellow"),
    "ready": ("Ready", "green"),
    "refused": ("Refused", "red"),
}


def in_words(code: str, words: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return (word, colour) for a code; a code that pages do not know yet is shown as it is, in grey."""
    return words.get(code, (code.replace("_", " ").replace("-", " ").capitalize(), "grey"))


def as_day(value: str | date | datetime | None) -> str:
    """Return "3 March 2026" in London's calendar, or an empty string."""
    if not value:
        return ""
    day = _local_date(value)
    return f"{day.day} {day:%B %Y}"


def as_time(value: str | datetime | None) -> str:
    """Return "2:30pm", "midday" or "midnight" in London's time, or an empty string."""
    if not value:
        return ""
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(LONDON)
    if at.minute == 0 and at.hour in (0, 12):
        return "midnight" if at.hour == 0 else "midday"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def as_moment(value: str | datetime | None) -> str:
    """Return "3 March 2026, 2:30pm", or an empty string."""
    return f"{as_day(value)}, {as_time(value)}" if value else ""


def days_until(value: str | date, today: date) -> str:
    """Return how far off a day is: "today", "in 3 days", "2 days ago"; stands beside the date, never alone."""
    days = (_local_date(value) - today).days
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def _local_date(value: str | date | datetime) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return local_day(value) if isinstance(value, datetime) else value


def as_size(size: int) -> str:
    """Return how large a file is: "340 KB", "1.2 MB"."""
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1000 else f"{size / 1024 / 1024:.1f} MB"


def upper_first(text: str) -> str:
    """Return a text with a capital at its beginning and the rest as it is, so that names keep theirs."""
    return text[:1].upper() + text[1:]


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 action", "3 actions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
