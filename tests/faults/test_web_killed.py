"""F1: a web worker dies at any moment of a request; what was acknowledged stands, and the client may ask again."""

import os
import random
import signal

import pytest

from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
WEB = "action_plan-web"
PLACES = (
    "request_before_transaction",
    "transaction_before_commit",
    "transaction_after_commit",
    "request_before_answer",
)
BACK_WITHIN = 5.0
"""Seconds until the next acknowledged command: a new worker is forked and imports the service (1 to 2 s on a quiet
machine, several times that on a busy one)."""


def test_a_worker_killed_at_each_point_of_a_request_loses_and_doubles_nothing(trial: Trial) -> None:
    with trial.load(timeout=10) as load:
        for place in PLACES * trial.figures.repeats:
            trial.until_the_next()
            trial.rig.arm(WEB, place)
            until(lambda place=place: trial.rig.was_hit(WEB, place), f"{place} is hit", every=0.01)
            trial.fault_now()
            trial.wait_until_back(BACK_WITHIN)
        trial.let_it_run()

    trial.judge("F1", "web worker killed before, in and after its transaction and before its answer", load)


def test_a_worker_killed_at_any_moment_loses_and_doubles_nothing(trial: Trial) -> None:
    dice = random.Random(1)
    with trial.load(timeout=10, rate=2 * trial.figures.rate) as load:
        for _ in range(int(trial.figures.pick(3, 50))):
            trial.let_it_run(dice.uniform(0.5, 1.5))
            for worker in trial.rig.web_workers(WEB):
                os.kill(worker, signal.SIGKILL)
            trial.fault_now()
            trial.wait_until_back(BACK_WITHIN)

    trial.judge("F1", "web worker killed at random, seed 1", load)
