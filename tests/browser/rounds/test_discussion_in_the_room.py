"""The board in one room: projector and keyboard, an agenda with a timer, items put aside, two people recording."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.rounds.boards import TrustAtWork, choose, press

COVERS = [
    "/rounds/<round_id>/discussion/agenda",
    "/rounds/<round_id>/discussion/<item_id>/aside",
    "/rounds/<round_id>/discussion/<item_id>/take-up",
    "/rounds/<round_id>/discussion/show",
]
TRUST = "DEMO22"


@pytest.fixture
def trust(trust_at_work: Callable[..., TrustAtWork]) -> TrustAtWork:
    return trust_at_work(TRUST)


def test_on_the_projector_the_arrow_keys_lead_from_item_to_item_and_show_nobodys_own_answer(trust: TrustAtWork) -> None:
    round_id, items = trust.closed(), trust.items()
    member = trust.at_browser("member1")
    page = member.open(f"/rounds/{round_id}/discussion/{items[0]}")
    assert "My own answer (only on my device)" in page.inner_text("main")

    page = member.open(f"/rounds/{round_id}/discussion/{items[0]}?large=true")
    assert "My own answer" not in page.inner_text("main")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/{items[1]}?large=true")
    page.keyboard.press("PageUp")
    page.wait_for_url(f"**/{items[0]}?large=true")
    page.keyboard.press("Escape")

    page.wait_for_url(re.compile(f"/{items[0]}$"))


def test_the_agenda_gives_times_that_can_be_read_without_javascript_and_minutes_left_with_it(
    trust: TrustAtWork,
) -> None:
    round_id = trust.closed()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/discussion/agenda")
    assert "From minute 0 to minute 7." in page.inner_text("main")

    press(page, "Begin the 45 minutes")

    lead.check(page)
    expect(page.locator("[data-left]").first).to_have_text(re.compile(r"Now: [67] minutes left\."))
    trust.script = False
    plain = trust.at_browser("member1").open(page.url.removeprefix(lead.base_url), check=False)
    assert re.search(r"From [\d:]+[ap]m to [\d:]+[ap]m\.", plain.inner_text("main"))


def test_an_item_is_put_aside_and_the_board_sees_that_it_comes_back(trust: TrustAtWork) -> None:
    round_id, items = trust.closed(), trust.items()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/discussion/{items[0]}", check=False)
    press(page, "Come back to this")
    assert items[0] not in page.url

    seen = trust.at_browser("member1").open(f"/rounds/{round_id}/discussion?show=aside")

    assert "1 item." in seen.inner_text("main")
    page = lead.open(f"/rounds/{round_id}/discussion/{items[0]}", check=False)
    press(page, "Take it up again now")
    assert "Still to agree" in page.inner_text("main")


def test_ranges_wait_for_the_meeting_where_the_lead_holds_them_back(trust: TrustAtWork) -> None:
    round_id = trust.closed(ranges_held_back=True)
    member, lead = trust.at_browser("member1"), trust.at_browser("lead")
    before = member.open(f"/rounds/{round_id}/discussion").inner_text("main")
    page = lead.open(f"/rounds/{round_id}/discussion")

    press(page, "Show the ranges to the board")

    after = member.open(f"/rounds/{round_id}/discussion", check=False).inner_text("main")
    assert "people chose levels from" not in before
    assert "Your improvement lead decided so." in before
    assert "people chose levels from" in after


def test_of_two_who_record_at_once_the_second_sees_both_texts(trust: TrustAtWork) -> None:
    round_id, items = trust.closed(), trust.items()
    lead = trust.at_browser("lead")
    first, second = (lead.open(f"/rounds/{round_id}/discussion/{items[0]}", check=False) for _ in range(2))
    for page, level, words in ((first, "2", "The wards told us."), (second, "3", "The survey told us.")):
        choose(page, "level", level)
        page.get_by_label("Why this level?").fill(words)
        press(page, "Record agreement")

    lead.check(second)
    both = second.inner_text("main")
    assert "The wards told us." in both
    assert "The survey told us." in both


def test_a_reason_is_asked_only_where_the_level_is_not_the_commonest(trust: TrustAtWork) -> None:
    round_id, items = trust.closed(), trust.items()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/discussion/{items[2]}", check=False)
    choose(page, "level", "5")
    page.get_by_label("Which views differed? (optional)").fill("One of us sees it lower.")
    press(page, "Record agreement")
    lead.check(page)
    assert page.title().startswith("Error:")
    assert page.get_by_label("Which views differed? (optional)").input_value() == "One of us sees it lower."

    choose(page, "level", "3")
    press(page, "Record agreement")

    assert items[2] not in page.url


def test_fewer_than_five_agree_without_a_range(trust: TrustAtWork) -> None:
    round_id, items = trust.closed(people=4), trust.items()
    lead = trust.at_browser("lead")
    page = lead.open(f"/rounds/{round_id}/discussion/{items[0]}")
    assert "Fewer than 5 people have finished" in page.inner_text("main")

    choose(page, "level", "2")
    press(page, "Record agreement")

    assert "Recorded." in page.inner_text("body")
