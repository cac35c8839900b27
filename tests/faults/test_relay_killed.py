"""F2: the relay dies in the middle of a batch; no event is lost, and one sent twice has its effect once."""

import pytest

from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
RELAY = "action_plan-relay"
RELAY_PLACES = ("relay_after_read", "relay_after_send_before_delete", "relay_after_delete")


def test_a_relay_killed_at_each_point_of_a_batch_loses_nothing(trial: Trial) -> None:
    with trial.load() as load:
        for place in RELAY_PLACES * trial.figures.repeats:
            trial.until_the_next()
            trial.die_at({RELAY: place})
        trial.let_it_run()

    trial.judge("F2", "relay killed after reading, after sending before deleting, after deleting", load)
