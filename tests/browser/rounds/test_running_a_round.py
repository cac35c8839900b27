"""Running a self-assessment: people pasted, added and taken out, more time, opened again, given up."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from deploy.local.demo.assessing import ASSESSMENT
from tests.browser.rounds.boards import TrustAtWork, press

COVERS = [
    "/rounds/<round_id>/respondents",
    "/rounds/<round_id>/respondents/<person_id>/remove",
    "/rounds/<round_id>/extend",
    "/rounds/<round_id>/remind",
    "/rounds/<round_id>/reopen",
    "/rounds/<round_id>/abandon",
]
TRUST = "DEMO21"
TOLD_WITHIN = 30
"""Seconds until an event is in somebody's inbox, on a loaded machine."""


def type_day(page: Page, field: str, days: int) -> None:
    day = date.today() + timedelta(days=days)
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        page.fill(f"input[name='{field}-{part}']", str(value))


@pytest.fixture
def trust(trust_at_work: Callable[..., TrustAtWork]) -> TrustAtWork:
    return trust_at_work(TRUST)


def test_pasted_people_are_asked_and_strangers_are_named_before_anything_is_sent(trust: TrustAtWork) -> None:
    lead = trust.at_browser("lead")
    page = lead.open("/rounds/new", check=False)
    known = trust.cast.demonstration.person(trust.username("member1"))
    page.get_by_label("What do you call it?").fill("Spring 2027")
    type_day(page, "closes_on", 14)
    for box in page.locator("input[name='people']").all():
        box.uncheck()
    page.locator("input[name='people']").nth(1).check()
    page.get_by_label("Or paste names, e-mail addresses and roles (optional)").fill(
        f"Somebody, {known.email}, NED\nZoltan Newcomer, zoltan@new.example, executive"
    )

    press(page, "Check and send")

    lead.check(page)
    words = page.inner_text("main")
    assert f"{known.first_name} {known.last_name}" in words
    assert "Zoltan Newcomer (zoltan@new.example)" in words
    assert "2 people, by mail" in words


def test_what_is_wrong_with_the_dates_is_said_and_what_was_typed_stays(trust: TrustAtWork) -> None:
    lead = trust.at_browser("lead")
    page = lead.open("/rounds/new", check=False)
    page.get_by_label("What do you call it?").fill("Spring 2027")
    type_day(page, "closes_on", -1)
    page.get_by_label("Or paste names, e-mail addresses and roles (optional)").fill("Anna Smith")

    press(page, "Check and send")

    lead.check(page)
    assert "Answering must close today or later." in page.inner_text("main")
    pasted = page.get_by_label("Or paste names, e-mail addresses and roles (optional)")
    assert pasted.input_value() == "Anna Smith"


def test_somebody_is_taken_out_and_asked_again_while_people_answer(trust: TrustAtWork) -> None:
    round_id = trust.open()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/respondents")
    person = trust.cast.demonstration.person(trust.username("member5"))
    name = f"{person.first_name} {person.last_name}"

    with page.expect_navigation():
        page.get_by_role("listitem").filter(has_text=name).get_by_role("button").click()
    assert "5 people." in page.inner_text("main")
    page.get_by_label("Who?").select_option(label=name)
    press(page, "Ask this person")

    assert "6 people." in page.inner_text("main")


def test_the_lead_alone_sees_who_has_not_finished(trust: TrustAtWork) -> None:
    round_id = trust.answered(people=4)
    waiting = trust.cast.demonstration.person(trust.username(trust.posts()[5]))
    name = f"{waiting.first_name} {waiting.last_name}"

    assert name in trust.at_browser("lead").open(f"/rounds/{round_id}").inner_text("main")
    for post in ("member1", "chair"):
        assert name not in trust.at_browser(post).open(f"/rounds/{round_id}").inner_text("main")


def test_the_secretary_reminds_without_learning_whom_and_once_a_day(trust: TrustAtWork) -> None:
    round_id = trust.answered(people=4)
    waiting = trust.cast.demonstration.person(trust.username(trust.posts()[5]))
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}")

    lead.press(page, "Remind them now")

    lead.check(page)
    assert "Everybody who has not finished is reminded." in page.inner_text("body")
    assert page.get_by_role("button", name="Remind them now").count() == 0
    inbox = trust.at_browser(waiting.username.split(".")[0]).open("/inbox")
    for _ in range(TOLD_WITHIN):
        if "Please finish your answers" in inbox.inner_text("main"):
            return
        inbox.wait_for_timeout(1_000)
        inbox.reload()
    raise AssertionError(f"not told in {TOLD_WITHIN} seconds: {inbox.inner_text('main')}")


def test_people_get_more_time(trust: TrustAtWork) -> None:
    round_id = trust.open()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/extend")
    type_day(page, "closes_on", 20)

    press(page, "Give more time")

    lead.check(page)
    assert "in 20 days" in page.inner_text("main")


def test_opened_again_the_close_page_says_that_late_answers_may_not_show_and_offers_more_time(
    trust: TrustAtWork,
) -> None:
    round_id = trust.closed()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/reopen")
    press(page, "Open answering again")
    assert page.title().startswith("Error:")
    page.get_by_label("Why is answering opened again?").fill("Two of us were away.")
    press(page, "Open answering again")
    lead.check(page)
    assert "Two of us were away." in trust.at_browser("member1").open(f"/rounds/{round_id}").inner_text("main")

    page = lead.open(f"/rounds/{round_id}/close")

    assert "late answers may not show" in page.inner_text("main")
    page.get_by_role("link", name="Give people more time instead").click()
    page.wait_for_url("**/extend")


def test_it_is_given_up_with_a_reason_that_everybody_invited_can_read(trust: TrustAtWork) -> None:
    round_id = trust.open()
    page = trust.at_browser("lead").open(f"/rounds/{round_id}/abandon")
    page.get_by_label("Why is it given up?").fill("The board changed.")

    press(page, "Give it up")

    assert trust.actor("lead").get(ASSESSMENT, f"/rounds/{round_id}")["state"] == "abandoned"
    assert "The board changed." in trust.at_browser("member1").open(f"/rounds/{round_id}").inner_text("main")
