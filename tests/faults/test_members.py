"""F14, F15 and F29: consumers come and go, are too slow, and everything is restarted while people work."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

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
from tests.faults.rig import STARTED, Rig
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
CONSUMER, SECOND = "insight-consumer", "insight-consumer-2"
LEAST_SHARE = 0.3
"""Of the events handled a second before, how many must be while members come and go."""
HANDLED = """
    select count(*) from insight.inbox
    where consumer = 'insight' and handled_at between to_timestamp(%s) and to_timestamp(%s)
"""


@pytest.mark.parametrize("static", [False, True], ids=["nameless", "named"])
def test_members_that_join_and_leave_all_the_time_give_each_event_one_effect(trial: Trial, *, static: bool) -> None:
    """Named members (static membership) are waited for when they leave; of others, the rest share anew at once."""
    first, second = ({"KAFKA_GROUP_INSTANCE_ID": name} if static else {} for name in ("insight-1", "insight-2"))
    restart(trial, **first)
    with trial.load() as load:
        trial.let_it_run()
        calm = handled_a_second(trial, time.time(), trial.figures.pick(4, 60))
        began = time.time()
        for _ in range(int(trial.figures.pick(3, 20))):
            trial.rig.launch(CONSUMER, instance=SECOND, **second)
            trial.fault_now()
            trial.let_it_run(3)
            trial.rig.ask_to_stop(SECOND)
            until(lambda: not trial.rig.is_running(SECOND), "the second member has left")
        share = handled_a_second(trial, began) / calm
    restart(trial)

    assert share >= trial.figures.pick(LEAST_SHARE / 3, LEAST_SHARE), f"{100 * share:.0f} % of what was handled before"
    caught_up = until(lambda: trial.rig.behind() == 0, "every consumer has caught up")
    what = f"a second {'named' if static else 'nameless'} consumer joins and leaves every 3 s"
    worst = f"handled {100 * share:.0f} % of what it did before a second, caught up after {caught_up:.1f} s"
    trial.judge("F14", what, load, worst=worst)


def restart(trial: Trial, **environment: str) -> None:
    """Start the consumer anew as another kind of member."""
    trial.killed.add(CONSUMER)
    trial.rig.end(CONSUMER)
    trial.rig.run(CONSUMER, **environment)


def handled_a_second(trial: Trial, since: float, seconds: float = 0) -> float:
    """Return how many events the consumer has handled a second since a moment, so many seconds from now."""
    time.sleep(seconds)
    now = time.time()
    (row,) = trial.evidence.ask(HANDLED, since, now)
    return float(row[0]) / (now - since)


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


def test_everything_restarted_one_after_the_other_costs_nobody_a_request(trial: Trial) -> None:
    """Web processes overlap, as an orchestrator lets them: the new one is ready before the old one is told to go."""
    rig = trial.rig
    others = [name for name in rig.known if name not in STARTED]
    with rig.beside(*others), answered(rig) as unanswered:
        with trial.load() as load:
            for name in rig.known:
                trial.killed.add(name)
                trial.fault_now()
                if name.endswith("-web"):
                    rig.replace_web(name)
                else:
                    rig.ask_to_stop(name)
                    until(lambda name=name: not rig.is_running(name), f"{name} has gone")  # type: ignore[misc]
                    rig.launch(name)
                trial.let_it_run(trial.figures.pick(0.5, 5))
        assert unanswered == []
        what = f"SIGTERM to all {len(rig.known)} processes in turn"
        trial.judge("F29", what, load, worst="no request without an answer")


@contextmanager
def answered(rig: Rig) -> Iterator[list[str]]:
    """Ask every web process again and again as long as the block lasts; yields what went wrong."""
    stop, wrong = threading.Event(), list[str]()
    asked = [name.removesuffix("-web") for name in rig.known if name.endswith("-web")]

    def ask() -> None:
        while not stop.wait(0.1):
            for service in asked:
                try:
                    requests.get(f"{rig.url(service)}/health/live", timeout=10).raise_for_status()
                except requests.RequestException as error:
                    wrong.append(f"{service}: {error}")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield wrong
    finally:
        stop.set()
        thread.join()


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
