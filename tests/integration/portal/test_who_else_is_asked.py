"""Who is asked to answer learns who else is, before the first answer; only people of the board can be asked."""

from typing import Any

import pytest

from tests.integration.portal.portal_under_test import Browser, PortalUnderTest
from tests.integration.portal.test_cost_of_answering_pages import ASKED, ITEMS, ROUND, answering
from tests.integration.portal.test_opening_with_a_pasted_list import ANNA, BEN, CARA, at_opening, form, person


@pytest.fixture
def lead(portal: PortalUnderTest) -> Browser:
    """The lead of a trust where Ben only owns actions and Cara only looks after access."""
    browser = at_opening(portal, "improvement-lead")
    people = [
        person(ANNA, "Anna Smith"),
        person(BEN, "Ben Jones") | {"roles": [{"role": "action-owner", "title": "Action owner"}]},
        person(CARA, "Cara Low") | {"roles": [{"role": "access-manager", "title": "Access manager"}]},
    ]
    portal.services.on("GET", "/people", {"items": people, "next": None, "count": 3})
    return browser


def test_the_page_of_ones_answers_names_everybody_who_is_asked(portal: PortalUnderTest) -> None:
    page = answering(portal).get(f"/rounds/{ROUND}/answers").text

    assert "Who else is asked?" in page
    assert all(f"<li>Colleague {number}</li>" in page for number in range(len(ASKED)))
    assert "Who has answered is not shown to you" in page


def test_the_page_of_an_item_leads_there(portal: PortalUnderTest) -> None:
    page = answering(portal).get(f"/rounds/{ROUND}/answers/{ITEMS[0]['id']}").text

    assert f'href="/rounds/{ROUND}/answers#who-else"' in page


def test_before_finishing_the_check_page_says_that_answers_count_only_then(portal: PortalUnderTest) -> None:
    page = answering(portal).get(f"/rounds/{ROUND}/answers/check").text

    assert "Your answers count in the range of views only when you have pressed I have finished." in page


def test_starting_offers_only_people_of_the_board(lead: Browser) -> None:
    page = lead.get("/rounds/new").text

    assert "Anna Smith" in page
    assert "Ben Jones" not in page
    assert "Cara Low" not in page


def test_asking_somebody_else_offers_only_people_of_the_board(lead: Browser) -> None:
    asked: dict[str, Any] = {"invited": 0, "finished": 0, "not_finished": [], "people": []}
    found = {"id": ROUND, "name": "Spring", "state": "open", "reopen_reason": None, "respondents": asked}
    lead.portal.services.on("GET", f"/rounds/{ROUND}", found)

    page = lead.get(f"/rounds/{ROUND}/respondents").text

    assert f'value="{ANNA}"' in page
    assert BEN not in page
    assert CARA not in page


def test_a_pasted_colleague_without_such_a_role_is_named_and_not_asked(lead: Browser) -> None:
    typed = form("Anna Smith\nBen Jones, ben@x.example")

    page = lead.post("/rounds/new", Browser.hidden(lead.get("/rounds/new")) | typed)

    assert "<li>Ben Jones (ben@x.example)</li>" in page.text
    assert "are asked to answer. These have no such role" in page.text
