"""The rig once for all fault tests, and for each test a ledger, the evidence and a line in the table of results."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.testing.token_mint import TokenMint
from tests.faults.figures import FULL, SHORT, Figures
from tests.faults.ledger import Ledger
from tests.faults.people import People
from tests.faults.results import Results
from tests.faults.rig import Rig
from tests.faults.trial import Trial


@pytest.fixture(scope="session")
def rig(mint: TokenMint) -> Iterator[Rig]:
    """Return the fault tests' own servers and processes, started afresh."""
    started = Rig(mint)
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def people(rig: Rig) -> People:
    """Return the trusts of this run."""
    return People(rig)


@pytest.fixture(scope="session")
def results() -> Iterator[Results]:
    """Collect what each fault did; a run with full figures writes the table in docs/."""
    collected = Results()
    yield collected
    collected.keep()


@pytest.fixture(params=[pytest.param(SHORT, id="short"), pytest.param(FULL, id="full", marks=pytest.mark.long)])
def figures(request: pytest.FixtureRequest) -> Figures:
    """Return how much of everything: a little on every change, the full figures in make test-long."""
    chosen: Figures = request.param
    return chosen


@pytest.fixture
def trial(rig: Rig, people: People, figures: Figures, results: Results, tmp_path: Path) -> Iterator[Trial]:
    """Return what a fault test works with; the rig is whole before it begins and after it ends."""
    rig.disarm()
    ledger = Ledger(tmp_path / "ledger.jsonl")
    yield Trial(rig, people, figures, results, ledger)
    ledger.close()
    rig.disarm()
    rig.mend()
