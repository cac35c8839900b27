"""What a page costs: CPU in its template, and the whole of it at the portal, with what the services really answer."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import before_render_template, template_rendered

from shared.testing.service_under_test import ServiceUnderTest
from tests.bench.nation import Nation
from tests.bench.past_rounds import DISCUSSING
from tests.bench.rows import WARM_UP, Row
from tests.integration.portal.portal_under_test import TRUST, PortalUnderTest

TEMPLATE_GOAL = 5.0
"""Milliseconds of CPU in the template, for a form page with all items."""
PAGE_GOAL = 100.0


@dataclass(frozen=True)
class Pages:
    """The measurements of pages, fed with the answers of the assessment service on the bench's data."""

    nation: Nation
    portal: PortalUnderTest
    assessment: ServiceUnderTest
    times: int = 60

    def rows(self) -> Iterator[Row]:
        """Measure the pages that hold every item."""
        trust = self.nation.trusts[DISCUSSING]
        self._answers_of(trust.lead, f"/rounds/{trust.open_round}", f"/rounds/{trust.open_round}/discussion")
        yield self._page(
            "All items in the board's discussion", f"/rounds/{trust.open_round}/discussion", "improvement-lead"
        )
        answering = self.nation.trusts[DISCUSSING + 2]
        here = f"/rounds/{answering.open_round}"
        self._answers_of(answering.member(0), here, f"{here}/my-answers")
        yield self._page("All own answers on one page", f"{here}/answers", "board-member")
        item = next(iter(self.nation.questions.items))
        yield self._page("The form of one item", f"{here}/answers/{item}", "board-member")

    def _answers_of(self, person: Any, *paths: str) -> None:
        """Let the stand-in answer what the real service answers this person."""
        client = self.assessment.client(person)
        self.portal.services.on("GET", "/inbox", {"items": [], "unread": 0})
        for path in (*paths, f"/question-sets/{self.nation.questions.id}"):
            answer = client.get(f"/v1{path}")
            assert answer.status_code == 200, (path, answer.text)
            self.portal.services.on("GET", path, answer.json)

    def _page(self, what: str, path: str, role: str) -> Row:
        browser = self.portal.signed_in(_trust_with(role))
        whole, templates = [], []
        with _template_cpu() as spent:
            for number in range(WARM_UP + self.times):
                spent.clear()
                started = time.perf_counter()
                answer = browser.get(path)
                assert answer.status_code == 200, answer.text[:400]
                if number >= WARM_UP:
                    whole.append(1000 * (time.perf_counter() - started))
                    templates.append(1000 * sum(spent))
        template, page = statistics.median(templates), statistics.median(whole)
        words = f"{template:.1f} ms CPU in the template, {page:.0f} ms the page"
        good = template <= TEMPLATE_GOAL and page <= PAGE_GOAL
        goal = f"≤ {TEMPLATE_GOAL:.0f} ms CPU, ≤ {PAGE_GOAL:.0f} ms"
        return Row(f"Page: {what}", goal, words, good, "one call after another to the services, then the template")


def _trust_with(role: str) -> dict[str, Any]:
    return TRUST | {"roles": [role]}


@contextmanager
def _template_cpu() -> Iterator[list[float]]:
    """Collect the CPU seconds that each template took."""
    spent: list[float] = []
    began: list[float] = []

    def before(*_: Any, **__: Any) -> None:
        began.append(time.thread_time())

    def after(*_: Any, **__: Any) -> None:
        spent.append(time.thread_time() - began.pop())

    with before_render_template.connected_to(before), template_rendered.connected_to(after):
        yield spent
