"""Records of the test's own making: one plan's events with headers as ours, and every way to spoil one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from shared.contracts import event_types
from shared.ids import new_id
from tests.faults.foreign_writer import Raw
from tests.faults.register import Trust

TWO_MEGABYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A record that nobody should have sent. `reason`: why it is set aside; None: it is an event like any other."""

    name: str
    raw: Raw
    reason: str | None


def progressed(trust: Trust, plan_id: str, done: int) -> dict[str, Any]:
    """Return the data of an event by which the counts of a plan change."""
    return {
        "plan_id": plan_id,
        "action_id": str(new_id()),
        "owner_id": trust.lead,
        "status": "on_track",
        "previous_status": "not_started",
        "due_on": "2027-01-31",
        "blocked": False,
        "action_counts": {"done": done, "under_way": 1, "overdue": 0},
    }


def event(trust: Trust, plan_id: str, version: int, **headers: str) -> Raw:
    """Return one event of a plan as a record; `headers` replace ours, by their short names."""
    ours = {
        "specversion": "1.0",
        "id": str(new_id()),
        "type": event_types.ACTION_PROGRESSED,
        "source": "/services/action_plan",
        "time": datetime.now(UTC).isoformat(),
        "subject": plan_id,
        "tenantid": trust.tenant,
        "orgid": trust.code,
        "partitionkey": plan_id,
        "aggregateversion": str(version),
    } | headers
    value = orjson.dumps(progressed(trust, plan_id, version))
    return Raw(plan_id.encode(), value, {f"ce_{name}": text for name, text in ours.items()})


def id_of(raw: Raw) -> str:
    """Return the event id of a record."""
    return raw.headers["ce_id"]


def every_poison(trust: Trust) -> list[Spoiled]:
    """Return one record of each kind of poison, each for a plan of its own."""

    def plain(**headers: str) -> Raw:
        return event(trust, str(new_id()), 1, **headers)

    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    no_time: Mapping[str, str] = {name: text for name, text in plain().headers.items() if name != "ce_time"}
    return [
        Spoiled("bad JSON", replace(plain(), value=b"{not json"), "unreadable"),
        Spoiled("unknown version", plain(type="impact.action-plan.action.progressed.v9"), "unknown-type"),
        Spoiled("unknown type", plain(type="impact.action-plan.plan.exploded.v1"), "unknown-type"),
        Spoiled("two megabytes", replace(plain(), value=b"x" * TWO_MEGABYTES), "unreadable"),
        Spoiled("wrong tenant", plain(tenantid="QELSE"), "tenant-differs"),
        Spoiled("no key", replace(plain(), key=None), "unreadable"),
        Spoiled("a NUL in the key", replace(plain(), key=b"plan\0"), "unreadable"),
        Spoiled("no time", replace(plain(), headers=no_time), "unreadable"),
        Spoiled("broken contract", replace(plain(), value=b'{"plan_id": 7}'), "contract-broken"),
        Spoiled("a time to come", plain(time=next_year), None),
    ]
