"""What is kept for a while is gone after it, as rows: whoever comes by next deletes it, the probe of readiness too."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.portal.portal_under_test import Browser, PortalUnderTest
from tests.integration.portal.test_kept_text import TEXT


@pytest.fixture
def swept(portal: PortalUnderTest) -> Iterator[PortalUnderTest]:
    """Return the portal without anything kept, at the moment after a sweep."""
    portal.rows("delete from kept_text returning 1")
    portal.app.extensions["portal"].sweeping._swept_at = None
    portal.browser().get("/health/ready")
    yield portal
    portal.app.extensions["portal"].sweeping._swept_at = None


def keep_something(portal: PortalUnderTest) -> Browser:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    browser.fill("/note", {"why": TEXT})
    return browser


def test_kept_text_is_deleted_after_thirty_minutes_whoever_comes_by(swept: PortalUnderTest) -> None:
    keep_something(swept)
    there = swept.rows("select count(*) from kept_text")

    swept.clock.advance(timedelta(minutes=29))
    swept.browser().get("/health/ready")
    still_there = swept.rows("select count(*) from kept_text")
    swept.clock.advance(timedelta(minutes=1, seconds=30))
    swept.browser().get("/health/ready")

    assert there == still_there == [(1,)]
    assert swept.rows("select count(*) from kept_text") == [(0,)]


def test_a_process_sweeps_once_a_minute_and_not_at_each_request(swept: PortalUnderTest) -> None:
    keep_something(swept)
    swept.rows("update kept_text set kept_at = kept_at - interval '1 hour' returning 1")

    swept.browser().get("/help")
    within_the_minute = swept.rows("select count(*) from kept_text")
    swept.clock.advance(timedelta(minutes=1))
    swept.browser().get("/help")

    assert within_the_minute == [(1,)]
    assert swept.rows("select count(*) from kept_text") == [(0,)]


def test_signing_in_sweeps(swept: PortalUnderTest) -> None:
    keep_something(swept)
    swept.rows("update kept_text set kept_at = kept_at - interval '1 hour' returning 1")

    swept.signed_in()

    assert swept.rows("select count(*) from kept_text") == [(0,)]


def test_a_sign_in_that_was_begun_and_not_finished_is_deleted_when_it_has_run_out(swept: PortalUnderTest) -> None:
    swept.rows("delete from browser_session where person_id is null returning 1")
    for _ in range(3):
        swept.browser().get("/sign-in")
    begun = swept.rows("select count(*) from browser_session where person_id is null")

    swept.clock.advance(timedelta(minutes=31))
    swept.browser().get("/health/ready")

    assert begun == [(3,)]
    assert swept.rows("select count(*) from browser_session where person_id is null") == [(0,)]


def test_the_probe_of_life_asks_the_database_nothing(swept: PortalUnderTest) -> None:
    keep_something(swept)
    swept.clock.advance(timedelta(hours=1))

    swept.browser().get("/health/live")

    assert swept.rows("select count(*) from kept_text") == [(1,)]
