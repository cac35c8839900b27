"""How often something is done that mails a person because somebody asks for it: three times in 24 hours."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.directory.domain.errors import RuleBroken

MOST, WITHIN = 3, timedelta(hours=24)


class NameCorrectedOften(RuleBroken):
    """A name has been corrected three times within a day; each mails the person."""

    slug = "name-corrected-often"
    kind = "conflict"

    def __init__(self) -> None:
        super().__init__(
            f"This person's name was corrected {MOST} times in the last 24 hours. Correct it again tomorrow."
        )


class SetupMailSentOften(RuleBroken):
    """Three links to set up the sign-in have been asked for within a day."""

    slug = "setup-mail-sent-often"
    kind = "conflict"

    def __init__(self) -> None:
        super().__init__(
            f"This person was sent {MOST} mails to set up how they sign in within the last 24 hours. "
            "They may look for them among unwanted mail. Send another one tomorrow."
        )


def within_a_day(moments: Iterable[datetime], now: datetime) -> list[datetime]:
    """Return those of `moments` that still count."""
    return [moment for moment in moments if moment > now - WITHIN]


def once_more(earlier: Sequence[datetime], now: datetime, *, refusal: RuleBroken) -> list[datetime]:
    """Return when it happened within the last day, this time included; raises `refusal` for a fourth time."""
    recent = within_a_day(earlier, now)
    if len(recent) >= MOST:
        raise refusal
    return [*recent, now]
