"""The board's decision: the chair signs with the meeting's date, or confirms what the secretary recorded."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.assessment.domain.errors import NotValid
from services.assessment.domain.texts import checked_text

CONFIRM_WITHIN = timedelta(days=30)
"""How long a recorded decision waits for the chair; after that the meeting has to be named again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """When the board decided, what the minute says, and who recorded it for the signer (None: the signer)."""

    meeting_on: date
    minute: str
    recorded_by: str | None = None


def checked_decision(meeting_on: date, minute: str | None, *, today: date, recorded_by: str | None = None) -> Decision:
    """A decision of a meeting that took place.

    :raises NotValid: the meeting lies in the future, or the minute is too long.
    """
    if meeting_on > today:
        raise NotValid("meeting_on", "The board meeting must have taken place")
    return Decision(meeting_on, checked_text("minute", minute), recorded_by)


def decision_to_sign(
    meeting_on: date | None, minute: str | None, *, recorded: Decision | None, recorded_on: date | None, today: date
) -> Decision:
    """What the signer signs: the meeting they name, else what the secretary recorded.

    :raises NotValid: neither is there, or the record is older than 30 days.
    """
    if meeting_on is not None:
        return checked_decision(meeting_on, minute, today=today)
    if recorded is None or recorded_on is None:
        raise NotValid("meeting_on", "Say when the board met")
    if today > recorded_on + CONFIRM_WITHIN:
        raise NotValid("meeting_on", "The decision was recorded more than 30 days ago. Say when the board met")
    return recorded
