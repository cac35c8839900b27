"""F3 to F5: consumers and broker die or stay away while people work; nobody who saves notices."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.servers.status import resident_megabytes
from tests.faults.installation import SESSION_MS
from tests.faults.rebuilding import rebuilt
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
RELAY = "action_plan-relay"
CONSUMERS = ("assessment-consumer", "action_plan-consumer", "insight-consumer", "notification-consumer")
CONSUMER_PLACES = ("consumer_after_poll", "transaction_before_commit", "transaction_after_commit")
CAUGHT_UP_WITHIN = 15.0
"""Seconds; the largest part is the session of the dead member that has to run out first."""
CAUGHT_UP_AFTER_REBALANCE_WITHIN = 25.0
"""Two sessions, one after the other: that of the member that was killed, and that of its successor, which the broker
counts as a member until it is found dead as well."""
DRAINED_WITHIN, DRAINED_AFTER_LONG_WITHIN = 60.0, 120.0
"""Seconds from the start of the broker until the outboxes are empty of what was told before, after a short and a long
absence."""


def test_consumers_killed_around_their_commits_and_in_a_rebalance_have_each_effect_once(trial: Trial) -> None:
    """All consumers at once: a group does not wait for another service's group."""
    at_rest = ""
    with trial.load() as load, appointments(trial):
        for turn in range(int(trial.figures.pick(1, len(CONSUMER_PLACES) * trial.figures.repeats))):
            trial.until_the_next()
            trial.die_at({name: CONSUMER_PLACES[(turn + place) % 3] for place, name in enumerate(CONSUMERS)})
        wait_until_ready(trial)
        if trial.figures.name == "full":
            trial.let_it_run()
            at_rest = f"{caught_up_after_a_kill(trial, CAUGHT_UP_WITHIN):.1f} s after a kill, "
            trial.let_it_run()
            kill_every_consumer(trial)
            wait_until_ready(trial)
        in_rebalance = caught_up_after_a_kill(trial, CAUGHT_UP_AFTER_REBALANCE_WITHIN)
        trial.let_it_run()

    what = "every consumer killed after polling, before and after its commit, and in a rebalance"
    worst = f"caught up {at_rest}{in_rebalance:.1f} s after one in a rebalance (sessions of {SESSION_MS // 1000} s)"
    trial.judge("F3", what, load, more=[rebuilt(trial.rig)], worst=worst)


def wait_until_ready(trial: Trial) -> None:
    """Wait until every consumer turns its loop; it may still be joining its group."""
    until(lambda: all(map(trial.rig.is_ready, CONSUMERS)), "the consumers are back")


def kill_every_consumer(trial: Trial) -> None:
    """Kill them and start them again: each joins while the dead member still owns the partitions."""
    for name in CONSUMERS:
        trial.rig.kill(name)
        trial.fault_now()
    trial.killed |= {*CONSUMERS}
    trial.rig.launch(*CONSUMERS)


def caught_up_after_a_kill(trial: Trial, bar: float) -> float:
    """Kill every consumer; return how long it took until all that was told before is handled."""
    told_by, began = time.time(), time.monotonic()
    kill_every_consumer(trial)
    until(lambda: trial.rig.behind(told_by=told_by) == 0, "every consumer has caught up")
    took = time.monotonic() - began
    assert took <= trial.within(bar), f"caught up after {took:.1f} s"
    return took


@contextmanager
def appointments(trial: Trial) -> Iterator[None]:
    """Let directory tell of a new board member twice a second: events that every consumer reads."""
    stop = threading.Event()

    def appoint() -> None:
        for trust in itertools.cycle(trial.trusts):
            if stop.wait(0.5):
                return
            trial.people.register.appoint(trust)

    thread = threading.Thread(target=appoint)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_broker_killed_and_started_again_costs_nobody_a_command(trial: Trial) -> None:
    drained = []
    with trial.load() as load:
        for _ in range(trial.figures.repeats):
            trial.until_the_next()
            os.killpg(trial.rig.broker.pid_of("kafka"), signal.SIGKILL)
            trial.fault_now()
            trial.let_it_run(trial.figures.between)
            drained.append(drained_once_the_broker_is_back(trial, DRAINED_WITHIN))
            trial.wait_until_back(10)
        trial.let_it_run()

    worst = f"drained {max(drained):.1f} s after the broker's start"
    trial.judge("F4", "broker killed and started again under load", load, worst=worst)


def test_a_broker_that_stays_away_lets_the_outbox_grow_and_everything_arrives_later(trial: Trial) -> None:
    away = trial.figures.pick(8, 600)
    memory = resident_megabytes(trial.rig.pid(RELAY))
    trial.rig.broker.stop()
    trial.fault_now()

    with trial.load() as load:
        trial.let_it_run(away)
    grown, more_memory = trial.rig.waiting(), resident_megabytes(trial.rig.pid(RELAY)) - memory
    drained = drained_once_the_broker_is_back(trial, DRAINED_AFTER_LONG_WITHIN)
    # No bar on this one: a consumer that takes events one by one needs minutes for what piled up in ten.
    handled = until(lambda: trial.rig.behind() == 0, "every consumer has caught up", trial.figures.pick(180, away))

    assert grown >= load.acknowledged() / 2, "the outbox did not hold what was done meanwhile"
    assert more_memory < 50, f"the relay grew by {more_memory} MB while the broker was away"
    worst = f"outbox {grown}, drained in {drained:.1f} s, handled {handled:.1f} s later, relay grew by {more_memory} MB"
    trial.judge("F5", f"broker away for {away:.0f} s under load", load, worst=worst)


def drained_once_the_broker_is_back(trial: Trial, bar: float) -> float:
    """Start the broker; return how long it took until the outboxes are empty of what was told before."""
    told_by, began = time.time(), time.monotonic()
    trial.rig.broker.start()
    until(lambda: trial.rig.waiting(told_by=told_by) == 0, "every outbox is drained")
    took = time.monotonic() - began
    assert took <= trial.within(bar), f"drained after {took:.1f} s"
    return took
