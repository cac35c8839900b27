"""What an ICB and the nation read: progress of trusts, and published figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.insight import models
from shared.ids import new_id
from tests.bench.assessments import InProcess
from tests.bench.nation import NOW, QUESTION_SET, Nation, days_ago, put
from tests.bench.past_rounds import level_of
from tests.bench.rows import Row, time_each, within
from tests.bench.statements import what_bounds
from tests.bench.web_process import Door


def load_read_model(connection: Connection, nation: Nation) -> None:
    """Write what events of three years would have left."""
    put(connection, models.assessment_status, _assessments(nation))
    put(connection, models.plan_status, _plans(nation))
    put(connection, models.sharing_status, _sharings(nation))
    put(connection, models.contribution, _contributions(nation))
    practices = [{"id": key, "title": title} for key, title in nation.questions.practices.items()]
    words = {"question_set_id": QUESTION_SET, "audience": "trust", "practices": practices, "illustrative": True}
    put(connection, models.question_set, iter([words | {"effective_from": date(2020, 1, 1), "version": 1}]))


def _stamp() -> dict[str, Any]:
    return {"version": 20, "changed_at": NOW}


def _assessments(nation: Nation) -> Iterator[dict[str, Any]]:
    for trust in nation.trusts:
        for year in range(nation.size.years, -1, -1):
            began = days_ago(365 * year + 10).date()
            yield _stamp() | {
                "tenant_id": trust.tenant,
                "org_id": trust.code,
                "round_id": str(new_id()),
                "question_set_id": QUESTION_SET,
                "audience": "trust",
                "stage": "signed_off" if year else "open",
                "stage_since": began,
                "opened_on": began,
                "closes_on": began,
                "signed_off_on": began if year else None,
                "invited": nation.size.board,
                "finished": nation.size.board if year else 3,
            }


def _plans(nation: Nation) -> Iterator[dict[str, Any]]:
    for trust in nation.trusts:
        for year in range(nation.size.years, 0, -1):
            began = days_ago(365 * year).date()
            yield _stamp() | {
                "tenant_id": trust.tenant,
                "org_id": trust.code,
                "plan_id": str(new_id()),
                "state": "approved",
                "state_since": began,
                "drafted_on": began,
                "priorities": 4,
                "done": 5,
                "under_way": 4,
                "overdue": 1,
            }


def _sharings(nation: Nation) -> Iterator[dict[str, Any]]:
    for trust in nation.trusts:
        yield _stamp() | {
            "tenant_id": trust.tenant,
            "org_id": trust.code,
            "sharing_id": str(new_id()),
            "what": "practice-summary",
            "shown_to": trust.tenant,
            "granted_on": days_ago(100).date(),
        }


def _contributions(nation: Nation) -> Iterator[dict[str, Any]]:
    for trust in nation.trusts:
        levels = {practice: level_of(trust.code, practice) for practice in nation.questions.practices}
        yield _stamp() | {
            "tenant_id": trust.tenant,
            "org_id": trust.code,
            "question_set_id": QUESTION_SET,
            "contributed_on": days_ago(100).date(),
            "levels": levels,
            "edition": 1,
        }


@dataclass(frozen=True)
class Monitoring:
    """The measurements of insight."""

    nation: Nation
    door: Door
    times: int = 200

    def rows(self) -> Iterator[Row]:
        """Measure both."""
        lead = self.nation.icb_lead
        yield self._reading(
            f"Our trusts ({self.nation.size.largest} of them)", InPlace(self.door, lead, "/v1/trust-status"), 20
        )
        published = self._publish()
        what = f"Published figures ({published['count']} rows)"
        path = f"/v1/published-figures/{published['id']}"
        yield self._reading(what, InPlace(self.door, self.nation.analyst, path), 20)

    def _publish(self) -> dict[str, Any]:
        """Ask for a set, let it be made and checked, publish it."""
        service = self.door.service
        client = service.client(self.nation.analyst)
        asked = client.post("/v1/published-figures").json
        service.run_scheduler()
        made = client.post(f"/v1/published-figures/{asked['id']}/publish")
        assert made.status_code == 200, made.text
        shown = client.get(f"/v1/published-figures/{asked['id']}").json
        return {"id": asked["id"], "count": len(shown["rows"])}

    def _reading(self, what: str, place: "InPlace", goal: float) -> Row:
        timing = time_each(lambda _: place.over_http(), self.times)
        return within(what, timing, goal, what_bounds(self.door.service, place.in_process))


class InPlace:
    """One address read by one person, over HTTP and in this process."""

    def __init__(self, door: Door, person: Any, path: str) -> None:
        self._caller, self._mine, self._path = door.caller(person), InProcess(door.service, person), path

    def over_http(self) -> None:
        """Read it from the web process."""
        self._caller.call("GET", self._path)

    def in_process(self) -> None:
        """Read it here."""
        self._mine.call("GET", self._path)
