"""F7 and F8: the database dies, cuts everybody off, or stops answering; what was promised stands."""

import os
import signal
import time
from collections.abc import Sequence

import psycopg
import pytest

from tests.faults.installation import children_of
from tests.faults.ledger import Outcome
from tests.faults.rig import Rig
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
BACK_WITHIN = 15.0
"""Seconds from the restart of the database until a command is acknowledged."""
CUT_OFF = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where usename like 'app%' or usename like 'relay%'
"""


def database_processes(rig: Rig) -> Sequence[int]:
    """Return the postmaster and everything it started."""
    postmaster = rig.database_server.pid_of("postgres")
    return [postmaster, *children_of(postmaster)]


def test_a_database_killed_and_started_again_keeps_what_it_acknowledged(trial: Trial) -> None:
    with trial.load(timeout=10) as load:
        for _ in range(trial.figures.repeats):
            trial.until_the_next()
            postmaster, *others = database_processes(trial.rig)
            os.kill(postmaster, signal.SIGKILL)
            trial.let_it_run(0.5)
            until(lambda others=others: not any(map(_lives, others)), "its sessions have ended")
            trial.rig.database_server.start()
            trial.rig.forget_connections()
            trial.fault_now()
            trial.wait_until_back(BACK_WITHIN)
        trial.let_it_run()

    trial.judge("F7", "postmaster killed and started again", load)


def test_sessions_cut_off_again_and_again_are_replaced_without_a_restart(trial: Trial) -> None:
    cut_off = 0
    with trial.load(timeout=10) as load:
        trial.let_it_run(0.5)
        for _ in range(int(trial.figures.pick(4, 30))):
            cut_off += cut_everybody_off(trial)
            trial.let_it_run(trial.figures.pick(1, 2))
        while not unanswered(trial):  # a session that is idle when it is cut off is replaced unnoticed
            cut_off += cut_everybody_off(trial)
            trial.let_it_run(0.2)
        trial.wait_until_back(BACK_WITHIN)

    assert cut_off > 0
    trial.judge("F7", f"{cut_off} sessions terminated", load)


def cut_everybody_off(trial: Trial) -> int:
    """Terminate every session of the services; return how many."""
    with psycopg.connect(trial.rig.superuser, autocommit=True) as connection:
        row = connection.execute(CUT_OFF).fetchone()
    trial.rig.forget_connections()
    trial.fault_now()
    return int(row[0]) if row else 0


def unanswered(trial: Trial) -> bool:
    """Tell whether a command got no answer."""
    return any(each.ended and each.outcome is Outcome.UNKNOWN for each in trial.ledger.operations())


@pytest.mark.long
def test_a_database_that_stops_answering_is_never_taken_for_success(trial: Trial) -> None:
    stopped = database_processes(trial.rig)
    with trial.load(timeout=3) as load:
        trial.let_it_run()
        began = time.time()
        _signal(stopped, signal.SIGSTOP)
        try:
            trial.let_it_run(trial.figures.pick(8, 20))
        finally:
            ended = time.time()
            _signal(stopped, signal.SIGCONT)
        trial.fault_now()
        trial.wait_until_back(BACK_WITHIN)
        trial.let_it_run()

    meanwhile = [
        each
        for each in trial.ledger.operations()
        if each.began > began + 0.5 and each.ended is not None and each.ended < ended
    ]
    assert meanwhile
    assert [each for each in meanwhile if each.outcome is not Outcome.UNKNOWN] == []
    trial.judge("F8", f"database stopped for {ended - began:.0f} s, then let go on", load)


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        if _lives(pid):
            os.kill(pid, number)


def _lives(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")
