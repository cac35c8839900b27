import pytest

from services.assessment.domain.rounds import State
from services.assessment.domain.tasks import Progress, tasks

NOTHING = Progress(everybody_finished=False, everything_agreed=False, shared=False)


@pytest.mark.parametrize(
    ("state", "progress", "now"),
    [
        (State.DRAFT, NOTHING, "invite"),
        (State.OPEN, NOTHING, "answer"),
        (State.OPEN, Progress(everybody_finished=True, everything_agreed=False, shared=False), "close"),
        (State.CLOSED, NOTHING, "discuss"),
        (State.CLOSED, Progress(everybody_finished=False, everything_agreed=True, shared=False), "agree"),
        (State.AGREED, NOTHING, "sign_off"),
        (State.SIGNED_OFF, NOTHING, "share"),
    ],
)
def test_one_step_is_the_next_one(state: State, progress: Progress, now: str) -> None:
    steps = tasks(state, progress)

    assert [step["task"] for step in steps if step["status"] == "now"] == [now]


def test_after_sharing_everything_is_done() -> None:
    steps = tasks(State.SIGNED_OFF, Progress(everybody_finished=True, everything_agreed=True, shared=True))

    assert {step["status"] for step in steps} == {"done"}


def test_an_abandoned_round_has_nothing_left_to_do() -> None:
    assert tasks(State.ABANDONED, NOTHING) == []
