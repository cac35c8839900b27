"""Opening a self-assessment with a pasted list: known people are asked, others are invited by whoever may."""

import html
from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

ROUND = "0190c1a2-0000-7000-8000-000000000001"
ANNA, BEN, CARA = (f"0190c1a2-0000-7000-8000-00000000001{number}" for number in range(3))
QUESTION_SET = {
    "id": "trust-2026-1",
    "audience": "trust",
    "title": "T",
    "version": "1",
    "effective_from": "2026-01-01",
    "effective_to": None,
    "retired_on": None,
}


def person(person_id: str, name: str) -> dict[str, Any]:
    return {"person_id": person_id, "name": name, "email": None, "roles": [{"role": "board-member", "title": "Member"}]}


def at_opening(portal: PortalUnderTest, *roles: str) -> Browser:
    browser = portal.signed_in(TRUST | {"roles": list(roles)})
    people = [person(ANNA, "Anna Smith"), person(BEN, "Ben Jones"), person(CARA, "Cara Low")]
    portal.services.on("GET", "/question-sets", {"items": [QUESTION_SET], "next": None, "count": 1})
    portal.services.on("GET", "/rounds", {"items": [], "next": None, "count": 0})
    portal.services.on("GET", "/people", {"items": people, "next": None, "count": 3})
    portal.services.on("POST", "/people/find", {"found": {"ben@x.example": BEN}})
    portal.services.on("POST", "/rounds", {"id": ROUND, "state": "open", "version": 1}, status=201)
    portal.services.on("POST", "/invitations", {"id": "i", "name": "Zoltan"}, status=201)
    return browser


def form(pasted: str) -> dict[str, Any]:
    closes = date.today() + timedelta(days=14)
    return {
        "question_set_id": "trust-2026-1",
        "name": "Spring 2027",
        "closes_on-day": closes.day,
        "closes_on-month": closes.month,
        "closes_on-year": closes.year,
        "people": [CARA],
        f"part-{CARA}": "executive",
        "ranges_shown": "in-the-meeting",
        "compares_sides": "yes",
        "pasted": pasted,
    }


LIST = "Anna Smith; non-executive\nSomebody, BEN@x.example, exec\nZoltan New, zoltan@new.example, NED"


def send(browser: Browser, pasted: str) -> Any:
    hidden = Browser.hidden(browser.get("/rounds/new"))
    return browser.post("/rounds/new/check", hidden | form(pasted))


def test_ticked_and_pasted_people_are_asked_together_each_with_their_part(portal: PortalUnderTest) -> None:
    send(at_opening(portal, "improvement-lead"), LIST)

    sent = portal.services.asked("POST", "/rounds")[0].body
    parts = {one["person_id"]: one["executive"] for one in sent["respondents"]}
    assert parts == {CARA: True, ANNA: False, BEN: True}
    assert (sent["compares_sides"], sent["ranges_held_back"]) == (True, True)


def test_a_lead_who_does_not_look_after_access_invites_nobody(portal: PortalUnderTest) -> None:
    send(at_opening(portal, "improvement-lead"), LIST)

    assert portal.services.asked("POST", "/invitations") == []


def test_a_lead_who_looks_after_access_invites_strangers_in_the_same_step(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")

    answer = send(browser, LIST)

    invited = [one.body for one in portal.services.asked("POST", "/invitations")]
    assert invited == [{"name": "Zoltan New", "email": "zoltan@new.example", "role": "board-member"}]
    assert answer.location.endswith(f"/rounds/{ROUND}")
    assert "1 more person is invited to the service first" in browser.get("/account").text


def test_somebody_invited_already_stops_nothing(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")
    portal.services.problem("POST", "/invitations", 409, "invitation-open")

    answer = send(browser, LIST)

    assert answer.location.endswith(f"/rounds/{ROUND}")


def test_two_colleagues_of_one_name_are_not_guessed_between(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead")
    twins = [person(ANNA, "Anna Smith"), person(BEN, "Anna Smith"), person(CARA, "Cara Low")]
    portal.services.on("GET", "/people", {"items": twins, "next": None, "count": 3})

    page = browser.post(
        "/rounds/new", Browser.hidden(browser.get("/rounds/new")) | form("Anna Smith\nBen, ben@x.example")
    )

    assert "Not asked yet" in page.text
    assert "<li>Anna Smith</li>" in page.text


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("Zoltan New, zoltan@new", "Zoltan New (zoltan@new): Enter an e-mail address like"),
        ("Zoltan; zöltan@new.example", "Enter an e-mail address like"),
        ("Zoltan (chair), zoltan@new.example", "Take out ( from the name"),
    ],
)
def test_a_line_that_nobody_can_be_invited_by_is_named_before_anything_is_sent(
    portal: PortalUnderTest, pasted: str, told: str
) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")

    answer = send(browser, f"Yara New, yara@new.example\n{pasted}")

    assert told in html.unescape(answer.text)
    assert portal.services.asked("POST", "/rounds") == portal.services.asked("POST", "/invitations") == []


def test_somebody_known_by_the_address_may_be_written_as_the_mail_program_writes_them(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")

    answer = send(browser, "Ben Jones (RXX) <ben@x.example>\nZoltan New, zoltan@new.example")

    [sent], [invited] = portal.services.asked("POST", "/rounds"), portal.services.asked("POST", "/invitations")
    assert answer.location.endswith(f"/rounds/{ROUND}")
    assert {one["person_id"] for one in sent.body["respondents"]} == {BEN, CARA}
    assert invited.body["email"] == "zoltan@new.example"


def test_a_list_with_an_address_alone_invites_by_the_address(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")

    send(browser, "Anna Smith\nzoltan.new+board@new.example")

    [invited] = portal.services.asked("POST", "/invitations")
    assert invited.body["name"] == "zoltan.new+board@new.example"


def test_an_address_that_has_had_its_mails_for_today_is_named(portal: PortalUnderTest) -> None:
    browser = at_opening(portal, "improvement-lead", "access-manager")
    portal.services.problem("POST", "/invitations", 409, "invitation-sent-often", detail="Try again tomorrow.")

    answer = send(browser, LIST)

    assert "Zoltan New (zoltan@new.example): Try again tomorrow." in html.unescape(answer.text)
    assert portal.services.asked("POST", "/rounds") == []
