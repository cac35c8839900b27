"""What can be wrong with a request, in words a board member understands.

Each error carries a stable ``slug`` for machines and a ``kind`` that decides the HTTP answer
(invalid 422, conflict 409, missing 404, forbidden 403); the message is what the person reads.
"""

from typing import ClassVar


class RuleBroken(Exception):
    """A rule of the plan refuses what was asked; ``field`` names the value at fault, where there is one."""

    slug: ClassVar[str] = "rule-broken"
    kind: ClassVar[str] = "conflict"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotValid(RuleBroken):
    """A value cannot be accepted."""

    slug = "not-valid"
    kind = "invalid"


class TextTooLong(NotValid):
    """A text is longer than a page can bear."""

    slug = "text-too-long"


class TextMissing(NotValid):
    """A text that must be there is not."""

    slug = "text-missing"


class WrongNumberOfPriorities(NotValid):
    """A plan has three to five priorities: fewer is no plan, more is no choice."""

    slug = "wrong-number-of-priorities"


class UnknownItem(NotValid):
    """A priority answers an item that the board agreed a level for; this one it did not."""

    slug = "unknown-item"


class ItemChosenTwice(NotValid):
    """One item is one priority."""

    slug = "item-chosen-twice"


class DueDateNotPossible(NotValid):
    """A due day lies before today, or so far off that it binds nobody."""

    slug = "due-date-not-possible"


class UnknownOwner(NotValid):
    """An action is owned by somebody who holds a role in the organisation today."""

    slug = "unknown-owner"


class UnknownPriority(NotValid):
    """An action serves a priority that the plan has now."""

    slug = "unknown-priority"


class ReasonMissing(NotValid):
    """Stopping an action without saying why loses what was learned."""

    slug = "reason-missing"


class NotPossibleNow(RuleBroken):
    """The state of the plan does not allow the step."""

    slug = "not-possible-at-this-stage"


class PrioritiesMissing(RuleBroken):
    """Nothing to approve yet."""

    slug = "priorities-missing"


class AimMissing(RuleBroken):
    """A board commits to an aim, not to a list."""

    slug = "aim-missing"


class LevelsNotAgreed(RuleBroken):
    """The levels behind the plan were taken back: they are being discussed again."""

    slug = "levels-not-agreed"


class PriorityInUse(RuleBroken):
    """Actions that are not finished hang on a priority that is to go."""

    slug = "priority-in-use"


class ActionsMissing(RuleBroken):
    """A plan under which nothing was ever to be done is not complete."""

    slug = "actions-missing"


class ActionsUnfinished(RuleBroken):
    """A plan is complete when each action is done or stopped."""

    slug = "actions-unfinished"


class NotYourAction(RuleBroken):
    """Whoever does not look after the plan changes own actions only."""

    slug = "not-your-action"
    kind = "forbidden"


class NotApproved(RuleBroken):
    """Asked to share a plan that the board never approved."""

    slug = "not-approved"


class NoAudience(RuleBroken):
    """There is nobody to share with: only a trust's plan has an ICB that follows it."""

    slug = "no-audience"
