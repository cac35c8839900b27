"""F24: the schema changes while people work; nobody gets an error, and nobody waits behind the change."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from deploy.local.environment import SCHEME
from shared.migrations import ROOT, alembic_config, upgrade
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
SERVICE = "action_plan"
LONGEST_READ = 1.5
"""Seconds an innocent read may take beside the change: its lock time-out of 200 ms, and room for a busy machine."""
EXPAND = '''
"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "expanded"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("action", sa.Column("colour", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("action", "colour")
'''


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return the service's migrations and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "services" / SERVICE / "migrations", folder)
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / "9999_expanded.py").write_text(EXPAND.format(head=head))
    return folder


def test_a_column_added_behind_a_long_reader_makes_nobody_wait(trial: Trial, scripts: Path) -> None:
    url = trial.rig.settings.postgres.dsn(f"migrate_{SERVICE}", scheme=SCHEME)
    with trial.load() as load:
        trial.let_it_run()
        with long_reader(trial, trial.figures.pick(2, 4)), innocent_reads(trial) as times:
            began = time.monotonic()
            upgrade(SERVICE, url, scripts=scripts)
            took = time.monotonic() - began
            trial.fault_now()
        trial.let_it_run()
    try:
        assert trial.evidence.ask("select colour from action_plan.action limit 1") == [(None,)]
    finally:
        command.downgrade(alembic_config(SERVICE, url, scripts), "-1")

    assert took > 1, "the change did not have to wait: nobody was reading"
    assert max(times) < LONGEST_READ
    worst = f"change after {took:.1f} s, longest read beside it {max(times):.2f} s of {len(times)}"
    trial.judge("F24", "column added behind a long reader, under load", load, worst=worst)


@contextmanager
def long_reader(trial: Trial, seconds: float) -> Iterator[None]:
    """Read the table in a transaction that goes on for so many seconds; begins before the block."""
    reading = threading.Event()

    def read() -> None:
        with psycopg.connect(trial.rig.superuser) as connection:
            connection.execute("select count(*) from action_plan.action")
            reading.set()
            time.sleep(seconds)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait(30)
    yield
    thread.join()


@contextmanager
def innocent_reads(trial: Trial) -> Iterator[list[float]]:
    """Read the table again and again beside the block; yields how long each took."""
    times: list[float] = []
    stop = threading.Event()

    def read() -> None:
        with psycopg.connect(trial.rig.superuser, autocommit=True) as connection:
            while not stop.wait(0.02):
                began = time.monotonic()
                connection.execute("select id from action_plan.action limit 1")
                times.append(time.monotonic() - began)

    thread = threading.Thread(target=read)
    thread.start()
    yield times
    stop.set()
    thread.join()
