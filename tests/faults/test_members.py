"""F14, F15 and F29: consumers come and go, are too slow, and everything is restarted while people work."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest

from shared import audit
from shared.consumer import ConsumerLoop, Patience
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.handling import EventHandling, Registration
from shared.ids import new_id
from shared.kafka import Consumer
from tests.faults.foreign_writer import TOPIC, write
from tests.faults.raw_events import event, id_of
from tests.faults.rig import STARTED, until
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
CONSUMER, SECOND = "insight-consumer", "insight-consumer-2"


def test_members_that_join_and_leave_all_the_time_give_each_event_one_effect(trial: Trial) -> None:
    with trial.load() as load:
        for _ in range(int(trial.figures.pick(3, 20))):
            trial.rig.launch(CONSUMER, instance=SECOND)
            trial.fault_now()
            trial.let_it_run(3)
            trial.rig.ask_to_stop(SECOND)
            until(lambda: not trial.rig.is_running(SECOND), "the second member has left")
        acknowledged = load.acknowledged()

    began = time.monotonic()
    trial.rig.settle()
    worst = f"{acknowledged} commands meanwhile, caught up after {time.monotonic() - began:.1f} s"
    trial.judge("F14", "a second consumer joins and leaves every 3 s", load, worst=worst)


def test_a_handler_slower_than_the_group_allows_loses_its_turn_and_nothing_else(trial: Trial) -> None:
    plan, name = str(new_id()), f"insight.slow-{new_id().hex[-8:]}"
    raw = event(trial.trusts[0], plan, 1)
    trial.rig.foreign.add(id_of(raw))
    took: list[float] = []

    def slowly(uow: UnitOfWork, received: ReceivedEvent) -> None:
        if received.key == plan:
            if not took:
                time.sleep(8)
            took.append(time.monotonic())
            audit.record(uow, "effect", "event", str(received.id))

    write(trial.rig.settings.kafka, [raw])
    with running(member(trial, name, slowly), member(trial, name, slowly)) as errors:
        trial.fault_now()
        until(lambda: bool(effects(trial, raw.headers["ce_id"])), "the effect is there")
        time.sleep(3)

    assert errors == []
    assert effects(trial, raw.headers["ce_id"]) == 1
    trial.results.note(trial.figures.name, "F15", "handler of 8 s where a turn may take 4 s", 1, "one effect")


def test_everything_restarted_one_after_the_other_costs_nobody_a_command(trial: Trial) -> None:
    """Web processes overlap, as an orchestrator lets them: the new one is ready before the old one is told to go."""
    rig = trial.rig
    with trial.load() as load:
        for name in STARTED:
            trial.killed.add(name)
            trial.fault_now()
            if name.endswith("-web"):
                rig.replace_web(name)
            else:
                rig.ask_to_stop(name)
                until(lambda name=name: not rig.is_running(name), f"{name} has gone")  # type: ignore[misc]
                rig.launch(name)
            trial.let_it_run(trial.figures.pick(0.5, 5))

    trial.judge("F29", f"SIGTERM to all {len(STARTED)} processes in turn", load, worst="no command without an answer")


def member(trial: Trial, name: str, handler: Callable[[UnitOfWork, ReceivedEvent], None]) -> ConsumerLoop:
    """Return a member of a group of its own that may take 4 seconds for a turn."""
    handling = EventHandling(
        Registration(name, {event_types.ACTION_PROGRESSED: (handler,)}), trial.rig.database("insight")
    )
    consumer = Consumer(trial.rig.kafka("insight"), name, [TOPIC], max_records=50, longest_turn_ms=4_000)
    return ConsumerLoop(handling, consumer, stop=lambda: False, patience=Patience(poll=0.2))


class running:  # noqa: N801 - used as a `with` statement
    """Turns loops in threads until the block ends; yields the errors that ended one."""

    def __init__(self, *loops: ConsumerLoop) -> None:
        self._loops, self._errors, self._stop = loops, list[Exception](), threading.Event()
        self._threads = [threading.Thread(target=self._turn, args=(loop,), daemon=True) for loop in loops]

    def _turn(self, loop: ConsumerLoop) -> None:
        try:
            while not self._stop.is_set():
                loop.turn()
            loop.close()
        except Exception as error:
            self._errors.append(error)

    def __enter__(self) -> list[Exception]:
        for thread in self._threads:
            thread.start()
        return self._errors

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)


def effects(trial: Trial, event_id: str) -> int:
    """Return how often an event had its effect."""
    query = "select object_id from insight.audit_entry where action = 'effect' and object_id = %s"
    return Counter(found for (found,) in trial.evidence.ask(query, event_id))[event_id]
