"""What dies is started again; what is told to stop goes quietly."""

import os
import signal
import time

import pytest

from deploy.local.system import System
from deploy.processes import processes

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
BACK_WITHIN = 60.0


def pid_of(system: System, name: str) -> int:
    return next(int(row["pid"]) for row in system.supervisor.processes() if row["name"] == name)


@pytest.mark.parametrize("role", ["web", "relay", "consumer", "scheduler"])
def test_a_killed_process_is_back_and_ready(system: System, role: str) -> None:
    process = next(each for each in processes() if each.service == "action_plan" and each.role == role)
    before = pid_of(system, process.name)

    os.killpg(before, signal.SIGKILL)
    killed = time.monotonic()
    while pid_of(system, process.name) in (0, before) or not system.is_ready(process, int(time.monotonic() - killed)):
        assert time.monotonic() - killed < BACK_WITHIN, f"{process.name} did not come back"
        time.sleep(0.2)

    assert pid_of(system, process.name) != before
