"""F16 and F20: one service's clock is wrong, the issuer of tokens is away or changes its key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shared.contracts.roles import Role
from shared.testing.token_mint import LIFETIME
from tests.faults.rebuilding import rebuilt
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
WEB = "action_plan-web"
MINUTE = 60
LET_IN_WITHIN = 60.0
"""Seconds from the issuer's return until people are let in."""
LEEWAY = 10
"""Seconds by which clocks may differ; a number of its own, so that the product's cannot change unnoticed."""
SPARE = 4
"""Seconds that a test leaves between a token's time and the leeway, for the machine to be slow in."""
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

    what, worst = f"clock of a web process {minutes:+} min", "order by number, not by time"
    trial.judge("F16", what, load, more=[rebuilt(trial.rig)], worst=worst)


@pytest.mark.parametrize("minutes", [31, -31])
def test_a_wrong_clock_lets_nobody_in_whose_token_is_over_or_has_not_begun_by_more_than_ten_seconds(
    trial: Trial, minutes: int
) -> None:
    assert abs(minutes) * MINUTE > LIFETIME

    with clock_of_the_web_process(trial, minutes):
        by_the_right_clock = ask(trial)
        by_its_own = [status_by_its_clock(trial, minutes, late) for late in (0, LEEWAY - SPARE, LEEWAY + SPARE)]

    assert by_the_right_clock.status_code == 401
    assert by_its_own == [200, 200, 401]


def status_by_its_clock(trial: Trial, minutes: int, late: int) -> int:
    """Ask with a token that ended so many seconds ago by the service's clock, or that begins in so many.

    0: with one that has just begun.
    """
    ended = LIFETIME + late if late and minutes > 0 else 0
    begins = late if minutes < 0 else 0
    with trial.people.told_the_time("action_plan", minutes * MINUTE - ended + begins):
        return ask(trial).status_code


def test_an_issuer_that_is_away_is_not_noticed_by_those_who_signed_in(trial: Trial) -> None:
    with trial.load() as load:
        trial.let_it_run()
        with trial.rig.mint.out_of_reach():
            trial.fault_now()
            trial.let_it_run(trial.figures.pick(4, 10 * MINUTE))
            assert refused_while_away(trial) == [401, 401]
        trial.let_it_run()

    trial.judge("F20", "issuer of tokens away under load", load, worst="no command without an answer")


def test_a_service_started_while_the_issuer_is_away_lets_nobody_in_and_recovers_by_itself(trial: Trial) -> None:
    trial.killed.add(WEB)
    with trial.rig.mint.out_of_reach():
        trial.rig.table.stop(WEB)
        trial.rig.run(WEB)
        assert ask(trial).status_code == 401

    took = until(lambda: ask(trial).status_code == 200, "people are let in again", LET_IN_WITHIN, every=0.5)
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
    trial.rig.mint.publish_ahead()  # for the next change


def refused_while_away(trial: Trial) -> list[int]:
    """Ask with a token that is over, and with one signed by a key that was never published."""
    lead, mint = trial.trusts[0], trial.rig.mint
    groups = [f"/{lead.code}/{Role.IMPROVEMENT_LEAD.value}"]
    good = mint.claims("action_plan", lead.lead, tenant_id=lead.tenant, groups=groups)
    over = mint.sign(good | {"iat": good["iat"] - 2 * LIFETIME, "exp": good["iat"] - LEEWAY - SPARE})
    strange = mint.sign(good, headers={"kid": "published by nobody"})
    address = trial.rig.url("action_plan") + "/v1/plans"
    headers = [{"Authorization": f"Bearer {token}", "Acting-For": lead.code} for token in (over, strange)]
    return [requests.get(address, headers=each, timeout=30).status_code for each in headers]


def ask(trial: Trial) -> requests.Response:
    """Ask for something with a good token."""
    headers = trial.people.as_lead("action_plan", trial.trusts[0])
    return requests.get(trial.rig.url("action_plan") + "/v1/plans", headers=headers, timeout=30)
