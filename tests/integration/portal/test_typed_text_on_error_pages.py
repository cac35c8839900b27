"""A form that ends on an error page loses nothing typed: it is kept and offered again, or shown there to be copied."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.integration.portal.portal_under_test import OTHER_TRUST, TRUST, Browser, PortalUnderTest
from tests.integration.portal.test_kept_text import SAFE, TEXT

KEPT = "What you typed is kept for 30 minutes"
SHOWN = "What you typed was not saved"


@pytest.mark.parametrize(("status", "slug"), [(403, "not-allowed"), (404, "not-found")])
def test_what_was_typed_into_a_form_that_is_theirs_no_more_is_shown_to_be_copied(
    portal: PortalUnderTest, status: int, slug: str
) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", status, slug)

    refused = browser.fill("/note", {"why": TEXT})

    assert refused.status_code == status
    assert SHOWN in refused.text
    assert SAFE in refused.text
    assert "<script>alert" not in refused.text
    assert "csrf_token" not in refused.text.split(SHOWN)[1].split("</main>")[0]


def test_an_owner_whose_action_was_given_to_somebody_else_can_copy_the_update(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST | {"roles": ["action-owner"]})
    portal.services.problem("PATCH", "/actions/a1", 403, "not-allowed")
    hidden = Browser.hidden(browser.get("/note"))
    day = {"due_on-day": "3", "due_on-month": "4", "due_on-year": "2027"}

    refused = browser.post("/plans/p1/actions/a1", hidden | day | {"next_step": TEXT, "status": "on_track"})

    assert refused.status_code == 403
    assert "Next step" in refused.text
    assert SAFE in refused.text


def test_text_too_long_to_be_kept_is_shown_while_a_service_is_away_and_not_promised(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")

    away = browser.fill("/note", {"why": TEXT, "reasons": f"{'x' * 250_000} the end"})

    assert away.status_code == 503
    assert KEPT not in away.text
    assert SHOWN in away.text
    assert "x the end" in away.text


def test_what_a_form_carries_for_itself_is_not_told_as_typed(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 403, "not-allowed")

    refused = browser.fill("/note", {"why": TEXT, "plan_version": "7", "version-p1": "3", "id": "kept"})

    assert SAFE in refused.text
    assert "Plan version" not in refused.text
    assert "Version p1" not in refused.text


def test_nothing_is_said_of_text_where_none_was_typed(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 403, "not-allowed")

    reading = browser.get("/rounds/nothing")
    empty = browser.post("/note", Browser.hidden(browser.get("/note")) | {"why": " "})

    filtered = browser.get("/audit?person_id=somebody")

    assert SHOWN not in reading.text
    assert SHOWN not in empty.text
    assert SHOWN not in filtered.text


def test_a_mistake_of_ours_keeps_the_text_and_leads_back_to_it(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 400, "something-new")
    portal.services.on("POST", "/act", None)
    form = Browser.hidden(browser.get("/note"))

    broken = browser.post("/note", form | {"why": TEXT, "version": "no number"})
    back = broken.text.split('href="/note?kept=')[1].split('"')[0]

    assert broken.status_code == 500
    assert KEPT in broken.text
    page = browser.get(f"/note?kept={back}").text
    assert SAFE in page
    assert "because something went wrong on our side" in page


def test_a_mistake_of_ours_shows_the_text_where_it_cannot_be_kept(
    portal: PortalUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))

    def away(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(portal.app.extensions["portal"].kept, "keep", away)
    broken = browser.post("/note", form | {"why": TEXT, "version": "no number"})

    assert broken.status_code == 500
    assert SHOWN in broken.text
    assert SAFE in broken.text


def test_more_text_than_is_kept_is_shown_instead(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))

    broken = browser.post("/note", form | {"why": "w", "more": "w" * 210_000, "version": "no number"})

    assert broken.status_code == 500
    assert KEPT not in broken.text
    assert "w" * 210_000 in broken.text


def test_whose_role_ended_since_the_form_was_opened_can_copy_the_text(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    form = Browser.hidden(browser.get("/note"))
    me = portal.services.answers["GET", "/me"].body  # type: ignore[union-attr]
    portal.services.on("GET", "/me", me | {"memberships": [OTHER_TRUST]})
    portal.clock.advance(timedelta(minutes=6))

    refused = browser.post("/note", form | {"why": TEXT, "acting_for": "DEMO01"})

    assert refused.status_code == 403
    assert "no longer have the role" in refused.text
    assert SAFE in refused.text
    assert not portal.services.asked("PUT", "/note")


def test_a_page_of_another_role_shows_what_was_sent_to_it(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST | {"roles": ["board-member"]})
    form = Browser.hidden(browser.get("/note"))

    refused = browser.post("/rounds/new", form | {"note": TEXT})

    assert refused.status_code == 403
    assert SAFE in refused.text


def test_what_was_typed_beside_a_file_that_is_too_large_is_kept(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    here = "/rounds/r1/evidence/i1"
    file = (b"x" * (26 * 1024 * 1024), "minutes.pdf")

    refused = upload(browser, here, form | {"title": TEXT}, file)
    kept = portal.rows(f"select path, reason from kept_text where path = '{here}'")

    assert refused.status_code == 413
    assert "We take files of up to 25 MB" in refused.text
    assert KEPT in refused.text
    assert f'href="{here}?kept=' in refused.text
    assert kept == [(here, "too-large")]


def test_nobody_else_can_plant_text_by_a_file_that_is_too_large(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    file = (b"x" * (26 * 1024 * 1024), "minutes.pdf")
    before = portal.rows("select count(*) from kept_text")

    refused = upload(browser, "/rounds/r1/evidence/i1", {"title": "planted"}, file, origin="https://evil.example")

    assert refused.status_code == 413
    assert KEPT not in refused.text
    assert portal.rows("select count(*) from kept_text") == before


def upload(
    browser: Browser, path: str, fields: dict[str, str], file: tuple[bytes, str], **options: str
) -> TestResponse:
    """Send a form with a file."""
    return browser.post(path, {**fields, "file": (BytesIO(file[0]), file[1])}, **options)
