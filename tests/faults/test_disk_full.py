"""F9: no room for another event; a command is refused whole, and all goes on when there is room again."""

import pytest

from tests.faults.ledger import Outcome
from tests.faults.load import ACTION
from tests.faults.small_disk import SmallDisk
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
RELAY = "action_plan-relay"


def test_a_command_whose_event_finds_no_room_is_refused_whole_and_accepted_later(trial: Trial) -> None:
    disk = SmallDisk(trial.rig.database_server, trial.rig.superuser)
    trial.killed.add(RELAY)

    trial.rig.table.stop(RELAY)
    with disk.holding("action_plan.outbox"):
        with trial.load(kinds=(ACTION,)) as load:
            trial.let_it_run()
            with disk.full():
                trial.fault_now()
                until(lambda: refused(trial) >= int(trial.figures.pick(10, 500)), "commands are refused")
            trial.fault_now()
            trial.wait_until_back(30)
            trial.let_it_run()
        trial.rig.run(RELAY)
        trial.rig.settle()

    assert refused(trial) > 0
    assert trial.rig.is_ready("action_plan-web")
    worst = f"{refused(trial)} refused while full, accepted again after {trial.slowest:.1f} s"
    trial.judge("F9", "disk of the outbox full", load, worst=worst)


def refused(trial: Trial) -> int:
    """Return how many commands were answered with *try again later*."""
    return sum(each.outcome is Outcome.UNKNOWN and each.status == 503 for each in trial.ledger.operations())
