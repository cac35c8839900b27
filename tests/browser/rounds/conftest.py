"""Trusts of the demonstration that the page tests of self-assessments have to themselves, one for each module."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.demo.cast import Cast
from deploy.local.system import System
from tests.browser.conftest import PagesOfSystem
from tests.browser.personas import SignedInPeople
from tests.browser.rounds.boards import TrustAtWork
from tests.browser.rounds.signing import waiting, waiting_for_work_account, without_script

__all__ = ["waiting", "waiting_for_work_account", "without_script"]
"""Fixtures of sign-off, made where its trust is described."""


@pytest.fixture(scope="session")
def cast(system: PagesOfSystem, signed_in_people: SignedInPeople) -> Cast:
    """Return the people of the demonstration at the APIs; they share their one-time codes with the browsers."""
    running: System = system.running
    return Cast(running.profile, running.servers.settings, codes=signed_in_people.codes)


@pytest.fixture
def trust_at_work(cast: Cast, signed_in_people: SignedInPeople) -> Iterator[Callable[..., TrustAtWork]]:
    """Return a trust by its code, with nothing in progress; `script=False` for browsers that run no JavaScript."""

    def begin(code: str, *, script: bool = True) -> TrustAtWork:
        trust = TrustAtWork(code, cast, signed_in_people, script)
        trust.clear()
        return trust

    yield begin
    signed_in_people.close_tabs()
