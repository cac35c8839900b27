"""F3 to F5: consumers and broker die or stay away while people work; nobody who saves notices."""

import os
import signal
import time

import pytest

from infra.servers.status import resident_megabytes
from tests.faults.rebuilding import rebuilt
from tests.faults.rig import SESSION_MS, until
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
RELAY = "action_plan-relay"
CONSUMER = "insight-consumer"
CONSUMER_PLACES = ("consumer_after_poll", "transaction_before_commit", "transaction_after_commit")
CAUGHT_UP_WITHIN = 180.0
"""Seconds; the largest part is the session of the dead member that has to run out first."""


def test_a_consumer_killed_around_its_commit_or_in_a_rebalance_has_each_effect_once(trial: Trial) -> None:
    with trial.load() as load:
        for place in CONSUMER_PLACES * trial.figures.repeats:
            trial.until_the_next()
            trial.die_at(CONSUMER, place)
        until(lambda: trial.rig.is_ready(CONSUMER), "the consumer is back")
        trial.let_it_run()
        trial.rig.kill(CONSUMER)  # its successor joins while the dead member still owns the partitions
        trial.fault_now()
        trial.rig.launch(CONSUMER)
        trial.let_it_run()

    began = time.monotonic()
    trial.rig.settle(CAUGHT_UP_WITHIN)
    caught_up = f"caught up {time.monotonic() - began:.1f} s after the load ended (sessions of {SESSION_MS // 1000} s)"
    what = "consumer killed after polling, before and after its commit, and in a rebalance"
    trial.judge("F3", what, load, more=[rebuilt(trial.rig)], worst=caught_up)


def test_a_broker_killed_and_started_again_costs_nobody_a_command(trial: Trial) -> None:
    with trial.load() as load:
        for _ in range(trial.figures.repeats):
            trial.until_the_next()
            os.killpg(trial.rig.broker.pid_of("kafka"), signal.SIGKILL)
            trial.fault_now()
            trial.let_it_run(trial.figures.between)
            trial.rig.broker.start()
            trial.wait_until_back(10)
        trial.let_it_run()

    drained = seconds_until_drained(trial, 180)
    trial.judge("F4", "broker killed and started again under load", load, worst=f"drained in {drained:.1f} s")


def test_a_broker_that_stays_away_lets_the_outbox_grow_and_everything_arrives_later(trial: Trial) -> None:
    away = trial.figures.pick(8, 600)
    memory = resident_megabytes(trial.rig.pid(RELAY))
    trial.rig.broker.stop()
    trial.fault_now()

    with trial.load() as load:
        trial.let_it_run(away)
    grown, more_memory = trial.rig.waiting(), resident_megabytes(trial.rig.pid(RELAY)) - memory
    trial.rig.broker.start()
    drained = seconds_until_drained(trial, 180)

    assert grown >= load.acknowledged() / 2, "the outbox did not hold what was done meanwhile"
    assert more_memory < 50, f"the relay grew by {more_memory} MB while the broker was away"
    worst = f"outbox {grown}, drained in {drained:.1f} s, relay grew by {more_memory} MB"
    # What has piled up in ten minutes is handled one by one in some consumers: minutes, on cores that all share.
    settle = trial.figures.pick(CAUGHT_UP_WITHIN, away)
    trial.judge("F5", f"broker away for {away:.0f} s under load", load, worst=worst, settle=settle)


def seconds_until_drained(trial: Trial, limit: float) -> float:
    """Wait until every outbox is empty; return how long that took."""
    began = time.monotonic()
    until(lambda: trial.rig.waiting() == 0, "every outbox is drained", limit)
    return time.monotonic() - began
