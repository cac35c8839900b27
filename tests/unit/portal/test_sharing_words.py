"""What pages say about who sees what: true after something was shared, and where nobody stands above."""

from typing import Any

from services.portal.page import Page
from services.portal.pages import page_sets
from services.portal.pages.plans.wording import newer_to_show
from services.portal.pages.rounds.sharing import changes_priorities, changes_summary

PAGES: dict[str, Page] = {key: page for pages in page_sets() for key, page in pages.by_key.items()}
FIVE: dict[str, str | None] = {"how_much": "practice_summary", "valid_until": None}
PREVIEW = {"priorities": [{"title": "Huddles", "action_counts": {"done": 1}}]}
FROZEN = {"priorities": [{"title": "Huddles", "action_counts": {"done": 0}}]}


def a_plan(**changes: Any) -> dict[str, Any]:
    shown = {"content": PREVIEW, "shared_at": "2026-11-03T09:00:00Z"}
    return {"state": "approved", "shared": True, "preview": PREVIEW, "shown": shown} | changes


def test_pages_of_what_was_signed_do_not_promise_that_the_icb_sees_nothing() -> None:
    for key in ("rounds.results", "rounds.history", "rounds.correct", "rounds.questions"):
        words = PAGES[key].seen_by(has_icb=True, is_followed=True) or ""

        assert "Your ICB sees only what your chair chose to show it; NHS England never sees it by name." in words
        assert "cannot see it" not in words


def test_pages_of_what_is_never_shared_still_promise_it() -> None:
    for key in ("rounds.discussion", "rounds.evidence"):
        assert "Your ICB and NHS England cannot see it." in (PAGES[key].seen_by(has_icb=True, is_followed=True) or "")


def test_an_organisation_without_an_icb_above_it_is_not_told_about_one() -> None:
    for page in PAGES.values():
        if page.key.startswith(("rounds.", "plans")) and not page.key.endswith((".sharing", ".check")):
            assert "ICB" not in (page.seen_by(has_icb=False, is_followed=False) or "")


def test_a_place_is_told_of_its_icb_where_it_may_share_and_not_where_an_icb_follows_trusts_alone() -> None:
    def told(key: str) -> str:
        return PAGES[key].seen_by(has_icb=True, is_followed=False) or ""

    for key in ("plans", "plans.show", "plans.approve", "plans.sharing"):
        assert "ICB" not in told(key)
    assert "Your ICB sees only what your chair chose to show it" in told("rounds.results")


def test_another_yes_shows_something_newer_only_where_the_open_plan_has_moved_on() -> None:
    older = {"content": FROZEN, "shared_at": "2026-11-03T09:00:00Z"}

    assert newer_to_show(a_plan(shown=older))
    assert not newer_to_show(a_plan())
    assert not newer_to_show(a_plan(shown=older, state="closed"))
    assert not newer_to_show(a_plan(shown=None))
    assert not newer_to_show({"shared": True, "preview": PREVIEW})
    assert not newer_to_show(None)


def test_people_are_told_about_a_summary_when_it_is_shown_hidden_or_shown_on_other_terms() -> None:
    shown = {"practice_summary": {"how_much": None, "valid_until": None}}

    assert changes_summary({}, {"share_summary": True}, FIVE)
    assert changes_summary(shown, {"share_summary": False}, FIVE)
    assert changes_summary(shown, {"share_summary": True}, FIVE | {"how_much": "items"})
    assert changes_summary(shown, {"share_summary": True}, FIVE | {"valid_until": "2027-01-31"})
    assert not changes_summary(shown, {"share_summary": True}, FIVE)
    assert not changes_summary({}, {"share_summary": False}, FIVE)
    assert not changes_summary({}, {"count_us": True}, FIVE)


def test_people_are_told_about_priorities_when_they_are_shown_hidden_or_newer() -> None:
    assert changes_priorities(a_plan(shared=False, shown=None), {"share_priorities": True})
    assert changes_priorities(a_plan(), {"share_priorities": False})
    assert changes_priorities(a_plan(shown={"content": FROZEN, "shared_at": ""}), {"share_priorities": True})
    assert not changes_priorities(a_plan(), {"share_priorities": True})
    assert not changes_priorities(None, {"count_us": True})
