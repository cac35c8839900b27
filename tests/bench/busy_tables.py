"""Tables as full as after many years, made inside the database, and the busiest requests that read them.

Plans and directory are England's boards with more behind them than any will have; there are a million messages and a
million lines of one audit trail; the read model is that of a nation a hundred times as large, since a trust has a few
rows there for good.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.bench.assessments import InProcess
from tests.bench.nation import NOW, Nation, Size, load_register
from tests.bench.query_plans import Asked
from tests.bench.trusts import load_read_model

ENGLAND = Size(board=12)
A_HUNDRED_TIMES = Size(icbs=500, trusts=20_000, largest=40, board=1, years=3, long_history=3)
SCRIPTS = Path(__file__).with_name("full_tables")


@dataclass(frozen=True, slots=True)
class Busy:
    """One service: how its tables are filled, which are large then, and who asks what."""

    service: str
    size: Size
    fill: Callable[[Connection, Nation], None]
    asked: Callable[[ServiceUnderTest, Nation], Iterator[Asked]]
    large: frozenset[str]


def _by_scripts(*names: str) -> Callable[[Connection, Nation], None]:
    def fill(connection: Connection, nation: Nation) -> None:
        load_register(connection, nation)
        for name in ("holders", *names):
            for statement in (SCRIPTS / f"{name}.sql").read_text().split(";\n"):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    return fill


def _read_model(connection: Connection, nation: Nation) -> None:
    load_register(connection, nation)
    load_read_model(connection, nation)


def _reading(service: ServiceUnderTest, person: Person, *paths: str) -> Iterator[Asked]:
    mine = InProcess(service, person)
    for path in paths:
        yield person, f"GET {path.split('?')[0]}", lambda path=path: mine.call("GET", path)


def plans(service: ServiceUnderTest, nation: Nation) -> Iterator[Asked]:
    """A lead at the plans of a trust, and somebody who reports on an action."""
    lead = nation.trusts[5].lead
    mine = InProcess(service, lead)
    plan = mine.call("GET", "/v1/plans")["items"][0]["id"]
    action = mine.call("GET", "/v1/actions?limit=1")["items"][0]["id"]
    pages = ("/v1/plans?limit=200", f"/v1/plans/{plan}", "/v1/actions", "/v1/actions?mine=true")
    yield from _reading(service, lead, *pages, f"/v1/actions/{action}", f"/v1/plans/{plan}/sharing", "/v1/audit")
    yield from _reading(service, nation.icb_lead, "/v1/shared-plans")

    known = mine.call("GET", f"/v1/actions/{action}")

    def report() -> None:
        due_on = (NOW + timedelta(days=30 + known["version"] % 9)).date().isoformat()
        changed = mine.call("PATCH", f"/v1/actions/{action}", {"due_on": due_on}, version=known["version"])
        known.update(version=changed["version"])

    yield lead, "report on an action", report


def messages(service: ServiceUnderTest, nation: Nation) -> Iterator[Asked]:
    """Somebody at the inbox, and the number that every page shows."""
    member = nation.trusts[5].member(0)
    mine = InProcess(service, member)
    one = mine.call("GET", "/v1/inbox")["items"][0]["id"]
    pages = ("/v1/inbox", "/v1/inbox?unread=true", f"/v1/inbox/{one}", "/v1/preferences", "/v1/audit")
    yield from _reading(service, member, *pages)
    yield member, "read a message", lambda: mine.call("POST", f"/v1/inbox/{one}/read", {})


def people(service: ServiceUnderTest, nation: Nation) -> Iterator[Asked]:
    """What the portal asks for every page, and the list of people."""
    trust = nation.trusts[5]
    lead, mine = trust.lead, InProcess(service, trust.lead)
    yield from _reading(service, lead, "/v1/me", "/v1/people", f"/v1/organisations/{trust.code}", "/v1/audit")
    asked: dict[str, Any] = {"person_ids": list(trust.people)}
    yield lead, "names for a page", lambda: mine.call("POST", "/v1/names", asked)


def progress(service: ServiceUnderTest, nation: Nation) -> Iterator[Asked]:
    """An ICB at its trusts, and a trust at what its ICB sees."""
    trust = nation.trusts[5]
    yield from _reading(service, nation.icb_lead, "/v1/trust-status", f"/v1/trust-status/{trust.code}")
    yield from _reading(service, trust.lead, "/v1/our-status")


BUSY = (
    Busy(
        "action_plan", ENGLAND, _by_scripts("action_plan", "audit"), plans,
        frozenset({"plan", "priority", "action", "action_change", "audit_entry"}),
    ),
    Busy(
        "notification", ENGLAND, _by_scripts("notification"), messages,
        frozenset({"message"}),
    ),
    Busy(
        "directory", ENGLAND, _by_scripts("directory"), people,
        frozenset({"person", "appointment", "invitation"}),
    ),
    Busy(
        "insight", A_HUNDRED_TIMES, _read_model, progress,
        frozenset({"assessment_status", "plan_status", "sharing_status", "known_membership"}),
    ),
)  # fmt: skip
