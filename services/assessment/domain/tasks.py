"""The steps from invitation to sharing, and where a round stands in them."""

from dataclasses import dataclass

from services.assessment.domain.rounds import State

DONE, NOW, LATER = "done", "now", "later"

_ORDER = ("invite", "answer", "close", "discuss", "agree", "sign_off", "share")
_REACHED = {
    State.DRAFT: 0,
    State.OPEN: 1,
    State.CLOSED: 3,
    State.AGREED: 5,
    State.SIGNED_OFF: 6,
    State.ABANDONED: 0,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the answering and the discussion is done."""

    everybody_finished: bool
    everything_agreed: bool
    shared: bool


def tasks(state: State, progress: Progress) -> list[dict[str, str]]:
    """Each step with done, now or later; an abandoned round has none left."""
    if state is State.ABANDONED:
        return []
    reached = _REACHED[state]
    if state is State.OPEN and progress.everybody_finished:
        reached = _ORDER.index("close")
    if state is State.CLOSED and progress.everything_agreed:
        reached = _ORDER.index("agree")
    if state is State.SIGNED_OFF and progress.shared:
        reached = len(_ORDER)
    return [{"task": task, "status": _status(position, reached)} for position, task in enumerate(_ORDER)]


def _status(position: int, reached: int) -> str:
    if position < reached:
        return DONE
    return NOW if position == reached else LATER
