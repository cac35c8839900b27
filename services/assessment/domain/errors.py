"""What can be wrong with a request, in words a board member understands.

Each error carries a stable ``slug`` for machines and a ``kind`` that decides the HTTP answer
(invalid 422, conflict 409, missing 404, forbidden 403); the message is what the person reads.
"""

from typing import ClassVar


class RuleBroken(Exception):
    """A rule of the self-assessment refuses what was asked."""

    slug: ClassVar[str] = "rule-broken"
    kind: ClassVar[str] = "conflict"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotValid(RuleBroken):
    """A value cannot be accepted; ``field`` names it."""

    slug = "not-valid"
    kind = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)


class NotPossibleNow(RuleBroken):
    """The stage of the self-assessment does not allow the step."""

    slug = "not-possible-at-this-stage"


class AnotherInProgress(RuleBroken):
    """One organisation runs one self-assessment of a kind at a time: one list of people, one result."""

    slug = "another-in-progress"


class StillOpen(RuleBroken):
    """Items or practices have no agreed level yet; the message names them."""

    slug = "items-still-open"


class NotSignedOff(RuleBroken):
    """Asked for a result, or to share one, before the board has signed it off."""

    slug = "not-signed-off"


class NotInvited(RuleBroken):
    """Only the people asked to answer have answers."""

    slug = "not-invited"
    kind = "forbidden"


class NothingAnswered(RuleBroken):
    """A person cannot have finished before answering one item."""

    slug = "nothing-answered"


class NoAudience(RuleBroken):
    """An ICB's own self-assessment has no ICB above it to share with."""

    slug = "no-audience"


class QuestionSetChanged(RuleBroken):
    """A published question set never changes: old answers stay tied to the words they answered."""

    slug = "question-set-changed"


class OwnWork(RuleBroken):
    """What one person worked on, another person approves."""

    slug = "own-work"
    kind = "forbidden"
