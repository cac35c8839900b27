"""Nothing typed is lost: an ended session, an old form, a service that is away, a step-up, somebody else's save."""

import re
from datetime import timedelta

import pytest

from tests.integration.portal.portal_under_test import OTHER_TRUST, TRUST, Browser, PortalUnderTest

TEXT = "Our ward rounds <script>alert(1)</script> changed in May."
SAFE = "Our ward rounds &lt;script&gt;alert(1)&lt;/script&gt; changed in May."


def same_person_again(portal: PortalUnderTest, browser: Browser, path: str) -> str:
    """Sign in as whoever signed in before and return the page they land on."""
    landed = browser.sign_in(path)
    return browser.get(landed.location).text


def test_a_save_after_the_session_ended_lands_back_with_the_text_in_place_and_unsaved(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    portal.clock.advance(timedelta(minutes=31))

    refused = browser.post("/note", form | {"why": TEXT})
    page = same_person_again(portal, browser, refused.location)

    assert refused.location.startswith("/sign-in?next=/note")
    assert SAFE in page
    assert "had been signed out" in page
    assert not portal.services.asked("PUT", "/note")


def test_the_text_can_then_be_saved_and_is_forgotten(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    portal.clock.advance(timedelta(minutes=31))
    refused = browser.post("/note", form | {"why": TEXT})
    landed = browser.sign_in(refused.location)
    portal.services.on("PUT", "/note", {"version": 1})

    browser.fill(landed.location, {"why": TEXT, "version": "0"})

    assert portal.services.asked("PUT", "/note")[0].body == {"why": TEXT}
    assert "We kept your text" not in browser.get("/note").text


def test_another_person_at_the_same_browser_is_not_shown_the_text(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    portal.clock.advance(timedelta(minutes=31))
    refused = browser.post("/note", form | {"why": TEXT})
    portal.person(TRUST)

    page = same_person_again(portal, browser, refused.location)

    assert "ward rounds" not in page


def test_the_text_is_not_shown_while_acting_for_another_organisation(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    browser.fill("/note", {"why": TEXT})

    browser.fill("/acting-as", {"organisation": "DEMO02"})
    elsewhere = browser.get("/note").text
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    back = browser.get("/note").text

    assert "We kept your text" not in elsewhere
    assert "We kept your text" in back


def test_a_form_opened_for_one_organisation_does_nothing_in_the_name_of_another(portal: PortalUnderTest) -> None:
    browser = portal.signed_in(TRUST, OTHER_TRUST)
    browser.fill("/acting-as", {"organisation": "DEMO01"})
    first_window = Browser.hidden(browser.get("/note"))
    browser.fill("/acting-as", {"organisation": "DEMO02"})

    refused = browser.post("/note", first_window | {"why": TEXT, "acting_for": "DEMO01"})
    back = browser.get(refused.location)
    page = browser.get(back.location).text

    assert not portal.services.asked("PUT", "/note")
    assert "You now act as improvement lead, Aldermere NHS Trust" in page
    assert SAFE in page
    assert "in another window" in page


def test_the_text_is_gone_after_thirty_minutes(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    browser.fill("/note", {"why": TEXT})

    portal.clock.advance(timedelta(minutes=20))
    before = browser.get("/note").text
    portal.clock.advance(timedelta(minutes=11))

    assert "We kept your text" in before
    assert "We kept your text" not in browser.get("/note").text


def test_the_text_is_encrypted_in_the_database(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")

    browser.fill("/note", {"why": TEXT})

    assert portal.rows("select 1 from kept_text")
    assert not portal.rows("select 1 from kept_text where position('ward' in encode(content, 'escape')) > 0")


def test_offered_text_can_be_thrown_away(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    browser.fill("/note", {"why": TEXT})

    page = browser.get("/note")
    [kept_id] = re.findall(r"/note\?kept=([\w-]+)", page.text)
    browser.post(
        "/kept-text/forget",
        {"csrf_token": Browser.hidden(page)["csrf_token"], "path": "/note", "id": kept_id},
    )

    assert "We kept your text" not in browser.get("/note").text


def test_a_form_of_an_old_tab_comes_back_with_its_text(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    old = Browser.hidden(browser.get("/note"))
    browser.post("/sign-out", Browser.hidden(browser.get("/home")))
    browser.sign_in()

    answer = browser.post("/note", old | {"why": TEXT})

    assert answer.location.startswith("/note?kept=")
    assert SAFE in browser.get(answer.location).text
    assert not portal.services.asked("PUT", "/note")


@pytest.mark.parametrize("origin", ["https://evil.example", None])
def test_nobody_else_can_plant_text_for_a_person(portal: PortalUnderTest, origin: str | None) -> None:
    browser = portal.signed_in()

    browser.post("/note", {"csrf_token": "guess", "why": "planted"}, origin=origin)

    assert "We kept your text" not in browser.get("/note").text


def test_a_service_that_is_away_keeps_the_text_and_says_so(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")

    away = browser.fill("/note", {"why": TEXT})

    assert away.status_code == 503
    assert "What you typed is kept for 30 minutes" in away.text
    assert "self-assessments" in away.text


def test_step_up_keeps_the_text_confirms_the_person_and_comes_back_without_doing_anything(
    portal: PortalUnderTest,
) -> None:
    browser = portal.signed_in()
    portal.services.problem("POST", "/act", 401, "step-up-required")
    before = browser.session_id

    refused = browser.fill("/act", {"why": TEXT})
    landed = browser.sign_in(refused.location)
    page = browser.get(landed.location).text

    assert refused.location.startswith("/step-up?next=/act")
    assert portal.issuer.auth_requests[-1]["acr_values"] == "strong"
    assert not {"prompt", "max_age"} & portal.issuer.auth_requests[-1].keys()
    assert browser.session_id != before
    assert SAFE in page
    assert "Nothing has been done yet" in page
    assert len(portal.services.asked("POST", "/act")) == 1


def test_step_up_for_a_small_act_comes_back_to_its_page_and_says_that_nothing_is_done_yet(
    portal: PortalUnderTest,
) -> None:
    browser = portal.signed_in(TRUST | {"roles": ["access-manager"]})
    portal.services.on("GET", "/people", {"items": [], "next": None})
    portal.services.on("GET", "/invitations", {"items": []})
    portal.services.problem("POST", "/invitations/v1/resend", 401, "step-up-required")
    token = Browser.hidden(browser.get("/home"))["csrf_token"]

    refused = browser.post("/people/invitations/v1/resend", {"csrf_token": token})
    landed = browser.sign_in(refused.location)

    assert landed.location == "/people"
    assert "has not been done yet: press the button again" in browser.get("/people").text


def test_step_up_throws_the_kept_tokens_away(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("POST", "/act", 401, "step-up-required")
    refused = browser.fill("/act", {"why": TEXT})
    browser.sign_in(refused.location)
    portal.services.on("POST", "/act", {})
    asked = len(portal.issuer.refreshes)

    done = browser.fill("/act", {"why": TEXT})

    assert done.location == "/home"
    assert len(portal.issuer.refreshes) > asked


@pytest.mark.parametrize("claims", [{"acr": "password"}, {"auth_time": 1_700_000_000}])
def test_a_weak_or_old_sign_in_does_not_count_as_confirmed(portal: PortalUnderTest, claims: dict[str, object]) -> None:
    browser = portal.signed_in()
    portal.issuer.claims |= claims

    answer = browser.sign_in("/step-up?next=/act")

    assert answer.status_code == 403
    assert "We could not confirm that it is you" in answer.text


def test_somebody_else_stepping_up_does_not_confirm_the_first_person(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.person(OTHER_TRUST)

    answer = browser.sign_in("/step-up?next=/act")

    assert answer.status_code == 403


def test_a_conflict_shows_both_texts_and_saves_mine_only_when_i_say_so(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 412, "stale-version", current={"why": "Theirs", "version": 7})

    conflict = browser.fill("/note", {"why": TEXT, "version": "6"})
    portal.services.on("PUT", "/note", {"version": 8})
    browser.post("/note", Browser.hidden(conflict) | {"why": TEXT, "version": "7"})

    assert conflict.status_code == 412
    assert SAFE in conflict.text
    assert "Theirs" in conflict.text
    assert 'name="version" value="7"' in conflict.text
    assert [one.headers["If-Match"] for one in portal.services.asked("PUT", "/note")] == ['"6"', '"7"']


def test_a_session_that_the_identity_provider_ended_keeps_the_text_too(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    portal.issuer.refresh_status = 400
    portal.clock.advance(timedelta(minutes=6))

    refused = browser.post("/note", form | {"why": TEXT})
    portal.issuer.refresh_status = 200
    page = same_person_again(portal, browser, refused.location)

    assert refused.location.startswith("/sign-in")
    assert SAFE in page


def test_a_form_gone_back_to_and_changed_is_sent_as_a_request_of_its_own(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/act"))
    portal.services.problem("POST", "/act", 422, "key-used-for-other-request")

    page = browser.post("/act", form | {"why": TEXT})

    assert "You sent this form before" in page.text
    assert SAFE in page.text
    assert Browser.hidden(page)["form_key"] not in ("", form["form_key"])


def test_two_windows_of_one_form_each_keep_their_text(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    first, second = (Browser.hidden(browser.get("/note")) for _ in range(2))

    for form, text in (
        (first, "From the first window."),
        (second, "From the second."),
        (first, "From the first, more"),
    ):
        portal.clock.advance(timedelta(seconds=1))
        browser.post("/note", form | {"why": text})
    offered = re.findall(r"/note\?kept=[\w-]+", browser.get("/note").text)
    texts = [browser.get(address).text for address in offered]

    assert len(offered) == 2
    assert "From the first, more" in texts[0]
    assert "From the second." in texts[1]
    assert "in another window, was not saved" in texts[0]


def test_saving_one_window_forgets_its_text_and_not_the_others(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    first, second = (Browser.hidden(browser.get("/note")) for _ in range(2))
    browser.post("/note", first | {"why": "From the first window."})
    browser.post("/note", second | {"why": "From the second."})
    portal.services.on("PUT", "/note", {"version": 1})

    browser.post("/note", first | {"why": "From the first window."})
    [left] = re.findall(r"/note\?kept=[\w-]+", browser.get("/note").text)

    assert "From the second." in browser.get(left).text


def test_of_very_many_windows_the_newest_are_kept(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 503, "temporarily-unavailable")
    for number in range(12):
        browser.post("/note", Browser.hidden(browser.get("/note")) | {"why": f"Window {number}."})
        portal.clock.advance(timedelta(seconds=1))

    offered = re.findall(r"/note\?kept=[\w-]+", browser.get("/note").text)

    assert len(offered) == 10
    assert "Window 11." in browser.get(offered[0]).text
