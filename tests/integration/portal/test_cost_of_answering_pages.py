"""What the pages of one's own answers cost: calls in the template, calls to the services. Times are in `make bench`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import before_render_template, template_rendered

from tests.integration.portal.portal_under_test import TRUST, Browser, PortalUnderTest

QUESTIONS = yaml.safe_load(
    (Path(__file__).parents[3] / "services/assessment/question_sets/trust-2026-1.yaml").read_text(encoding="utf-8")
)
ITEMS = [item for practice in QUESTIONS["practices"] for item in practice["items"]]
ROUND = "0190c1a2-0000-7000-8000-000000000001"
ASKED = [{"person_id": f"0190c1a2-0000-7000-8000-0000000001{number}", "executive": None} for number in range(10, 22)]
MOST_CALLS = 16_000
"""Calls of functions in a template: about 0.3 µs each, so within the 5 ms of processor time a page may take there."""


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
    names = {one["person_id"]: f"Colleague {number}" for number, one in enumerate(ASKED)}
    portal.services.on("POST", "/names", {"names": names})
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
        "respondents": {"invited": 12, "finished": 3, "not_finished": None, "people": ASKED},
        "i_am_respondent": True,
        "i_have_finished": False,
    }


@contextmanager
def rendering(app: Any) -> Iterator[list[int]]:
    """Count the calls of functions that each page makes in its template: the same on every machine, unlike time."""
    calls: list[int] = []

    def count(_: Any, event: str, __: Any) -> None:
        calls[-1] += event in ("call", "c_call")

    def begin(*_: Any, **__: Any) -> None:
        calls.append(0)
        sys.setprofile(count)

    def end(*_: Any, **__: Any) -> None:
        sys.setprofile(None)

    with before_render_template.connected_to(begin, app), template_rendered.connected_to(end, app):
        yield calls


def cost_of(portal: PortalUnderTest, path: str) -> int:
    browser = answering(portal)
    browser.get(path)
    with rendering(portal.app) as calls:
        assert browser.get(path).status_code == 200
    return calls[0]


@pytest.mark.parametrize("page", ["answers", "answers/check", f"answers/{ITEMS[0]['id']}"])
def test_a_page_of_answers_costs_little_in_its_template(portal: PortalUnderTest, page: str) -> None:
    assert 50 < cost_of(portal, f"/rounds/{ROUND}/{page}") <= MOST_CALLS


def test_a_page_of_answers_asks_each_thing_once(portal: PortalUnderTest) -> None:
    browser = answering(portal)

    browser.get(f"/rounds/{ROUND}/answers")

    asked = [one.path for one in portal.services.received if one.service == "assessment"]
    assert len(portal.services.asked("POST", "/names")) == 1
    assert sorted(asked) == ["/question-sets/trust-2026-1", f"/rounds/{ROUND}", f"/rounds/{ROUND}/my-answers"]
