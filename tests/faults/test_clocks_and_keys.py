"""F16 and F20: one service's clock is wrong, the issuer of tokens is away or changes its key."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shared.testing.token_mint import LIFETIME
from shared.tokens import FRESH_FOR
from tests.faults.rig import until
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
WEB = "action_plan-web"
MINUTE = 60
SKEWED = str(Path(__file__).with_name("skewed"))


@contextmanager
def clock_of_the_web_process(trial: Trial, minutes: int) -> Iterator[None]:
    """Run the web process with another clock than everybody else for as long as the block lasts."""
    trial.killed.add(WEB)
    trial.rig.table.stop(WEB)
    trial.rig.run(WEB, PYTHONPATH=SKEWED, SKEW_SECONDS=str(minutes * MINUTE))
    trial.fault_now()
    yield
    trial.rig.table.stop(WEB)
    trial.rig.run(WEB)


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_service_whose_clock_is_wrong_keeps_the_order_of_its_events(trial: Trial, minutes: int) -> None:
    with trial.load() as load:
        trial.let_it_run()

    with clock_of_the_web_process(trial, minutes), trial.people.told_the_time("action_plan", minutes * MINUTE):
        skewed = trial.load()
        with skewed:
            trial.let_it_run(2 * trial.figures.around)
    with trial.load() as load:
        trial.let_it_run()

    trial.judge("F16", f"clock of a web process {minutes:+} min", load, worst="order by number, not by time")


@pytest.mark.parametrize(("minutes", "status"), [(31, 401), (-31, 401), (0, 200)])
def test_a_wrong_clock_lets_nobody_in_whose_token_is_over_or_has_not_begun(
    trial: Trial, minutes: int, status: int
) -> None:
    assert abs(minutes) * MINUTE > LIFETIME or minutes == 0

    with clock_of_the_web_process(trial, minutes):
        answer = ask(trial)

    assert answer.status_code == status


def test_an_issuer_that_is_away_is_not_noticed_by_those_who_signed_in(trial: Trial) -> None:
    with trial.load() as load:
        trial.let_it_run()
        with trial.rig.mint.out_of_reach():
            trial.fault_now()
            trial.let_it_run(trial.figures.pick(4, FRESH_FOR + 30))
        trial.let_it_run()

    trial.judge("F20", "issuer of tokens away under load", load, worst="no command without an answer")


def test_a_service_started_while_the_issuer_is_away_lets_nobody_in_and_recovers_by_itself(trial: Trial) -> None:
    trial.killed.add(WEB)
    with trial.rig.mint.out_of_reach():
        trial.rig.table.stop(WEB)
        trial.rig.run(WEB)
        assert ask(trial).status_code == 401

    began = time.monotonic()
    until(lambda: ask(trial).status_code == 200, "people are let in again", every=0.5)
    took = time.monotonic() - began
    what = f"service started without its issuer, lets people in {took:.1f} s after it is back"
    trial.results.note(trial.figures.name, "F20", what, 1, "nobody let in meanwhile")


def test_a_key_published_ahead_of_its_use_is_taken_up_without_a_refusal(trial: Trial) -> None:
    with trial.load() as load:
        trial.let_it_run()
        trial.rig.mint.rotate()
        trial.people.sign_in_again()
        trial.fault_now()
        trial.let_it_run(2 * trial.figures.around)

    trial.judge("F20", "signing key changed under load", load, worst="no refusal")


def ask(trial: Trial) -> requests.Response:
    """Ask for something with a good token."""
    headers = trial.people.as_lead("action_plan", trial.trusts[0])
    return requests.get(trial.rig.url("action_plan") + "/v1/plans", headers=headers, timeout=30)
