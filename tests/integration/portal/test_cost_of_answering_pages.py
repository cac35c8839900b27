"""What the pages of one's own answers cost: milliseconds in the template, calls to the services."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from flask import before_render_template, template_rendered

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

QUESTIONS = yaml.safe_load(
    (Path(__file__).parents[3] / "services/assessment/question_sets/trust-2026-1.yaml").read_text(encoding="utf-8")
)
ITEMS = [item for practice in QUESTIONS["practices"] for item in practice["items"]]
ROUND = "0190c1a2-0000-7000-8000-000000000001"
MOST_MS = 5.0
LOOKS = 15
YARDSTICK_MS = 12.0
"""What `yardstick` takes on an idle machine: where other work makes everything slower, the page may be as well."""


def yardstick() -> float:
    """Milliseconds of processor time that a fixed piece of work takes at this moment."""
    began, total = time.thread_time(), 0
    for number in range(200_000):
        total += number * number
    return (time.thread_time() - began) * 1000 * (total > 0)


def answering(portal: PortalUnderTest) -> Browser:
    """A board member who has answered all 22 questions and written something to each."""
    browser = portal.signed_in(TRUST | {"roles": ["board-member"]})
    answers = [
        {
            "item_id": item["id"],
            "level": 3,
            "cannot_judge": False,
            "why": "What we saw on our visits. " * 8,
            "evidence": "The papers of March.",
            "offered": False,
            "version": 1,
            "saved_at": "2026-06-03T12:00:00+00:00",
        }
        for item in ITEMS
    ]
    portal.services.on("GET", f"/rounds/{ROUND}", _round())
    portal.services.on("GET", f"/rounds/{ROUND}/my-answers", {"items": answers, "count": 22, "finished": False})
    portal.services.on("GET", "/question-sets/trust-2026-1", QUESTIONS)
    portal.services.received.clear()
    return browser


def _round() -> dict[str, Any]:
    return {
        "id": ROUND,
        "name": "Spring 2026",
        "state": "open",
        "question_set_id": "trust-2026-1",
        "closes_on": "2027-03-31",
        "discussion_on": None,
        "compares_sides": True,
        "ranges_held_back": False,
        "i_am_respondent": True,
        "i_have_finished": False,
    }


@contextmanager
def rendering(app: Any) -> Iterator[list[float]]:
    """Milliseconds of processor time that each page spends in its template."""
    began: list[float] = []
    spent: list[float] = []

    def begin(*_: Any, **__: Any) -> None:
        began.append(time.thread_time())

    def end(*_: Any, **__: Any) -> None:
        spent.append((time.thread_time() - began.pop()) * 1000)

    with before_render_template.connected_to(begin, app), template_rendered.connected_to(end, app):
        yield spent


def cost_of(portal: PortalUnderTest, path: str) -> float:
    browser = answering(portal)
    browser.get(path)
    slower = []
    with rendering(portal.app) as spent:
        for _ in range(LOOKS):
            slower.append(max(1.0, yardstick() / YARDSTICK_MS))
            assert browser.get(path).status_code == 200
    return statistics.median(ms / factor for ms, factor in zip(spent, slower, strict=True))


def test_the_list_of_all_22_answers_costs_five_milliseconds_in_the_template(portal: PortalUnderTest) -> None:
    assert cost_of(portal, f"/rounds/{ROUND}/answers") <= MOST_MS


def test_the_check_of_all_22_answers_costs_five_milliseconds_in_the_template(portal: PortalUnderTest) -> None:
    assert cost_of(portal, f"/rounds/{ROUND}/answers/check") <= MOST_MS


def test_one_question_costs_five_milliseconds_in_the_template(portal: PortalUnderTest) -> None:
    assert cost_of(portal, f"/rounds/{ROUND}/answers/{ITEMS[0]['id']}") <= MOST_MS


def test_a_page_of_answers_asks_each_thing_once(portal: PortalUnderTest) -> None:
    browser = answering(portal)

    browser.get(f"/rounds/{ROUND}/answers")

    asked = [one.path for one in portal.services.received if one.service == "assessment"]
    assert sorted(asked) == ["/question-sets/trust-2026-1", f"/rounds/{ROUND}", f"/rounds/{ROUND}/my-answers"]
