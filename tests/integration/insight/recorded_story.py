"""A story of some trusts as the records that the topics would hold, and other orders in which they may be read."""

import random
import string
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import orjson
from insight_story import NOON, Teller

from shared import catalogue
from shared.contracts import event_types as types
from shared.envelope import headers_for
from shared.ids import new_id
from shared.kafka import Record
from shared.testing.service_under_test import ServiceUnderTest


@dataclass
class Recorder(Teller):
    """Writes down what happened as the records that the topics would hold."""

    tenant: str = ""
    records: list[Record] = field(default_factory=list)

    def tell(self, event_type: str, key: str, **data: Any) -> None:
        catalogue.check(event_type, data)
        topic = catalogue.topic_of(event_type).name
        self.versions[f"{topic}/{key}"] = version = self.versions.get(f"{topic}/{key}", 0) + 1
        headers = headers_for(
            {
                "id": str(new_id()),
                "type": event_type,
                "source": "/services/test",
                "time": NOON.isoformat(),
                "tenant_id": self.tenant,
                "org_id": self.org,
                "partition_key": key,
                "aggregate_version": str(version),
            }
        )
        self.records.append(Record(topic, 0, len(self.records), key.encode(), orjson.dumps(data), tuple(headers)))

    def icb(self) -> str:
        return self.tenant

    def registered(self, kind: str = "trust") -> None:
        self.tell(
            types.ORGANISATION_REGISTERED,
            self.org,
            code=self.org,
            name=f"{self.org} (fictional)",
            kind=kind,
            tenant=self.tenant,
            region="Y60",
            sector="acute" if kind == "trust" else None,
            fictional=True,
            valid_from="2020-04-01",
        )

    def moved(self, to: str) -> None:
        self.tell(
            types.ORGANISATION_MOVED,
            self.org,
            code=self.org,
            from_tenant=self.tenant,
            to_tenant=to,
            effective_on="2026-08-01",
        )


def code() -> str:
    return "".join(random.choices(string.ascii_uppercase, k=7))


def story(insight: ServiceUnderTest, *, trusts: int = 3) -> list[Record]:
    """Some trusts of two ICBs: stages, plans and revisions, sharing, contributions; one moves, one thinks again."""
    old, new = code(), code()
    records: list[Record] = []
    for tenant in (old, new):
        icb = Recorder(insight, tenant, tenant=tenant)
        icb.registered("icb")
        records += icb.records
    for number in range(trusts):
        recorder = Recorder(insight, code(), tenant=old)
        recorder.registered()
        recorder.all_stages()
        recorder.plan_drafted()
        recorder.plan_approval_requested()
        recorder.plan_approved()
        recorder.action_done(done=1, under_way=2)
        recorder.plan_revised(under_way=2)
        recorder.plan_approval_requested(priorities=4)
        if number != 0:
            recorder.plan_sent_back()
        if number == 2:
            recorder.plan_approved(day="2026-07-20", priorities=5)
            recorder.plan_closed()
        sharing = recorder.shared(with_tenant=old)
        recorder.counted("23321")
        recorder.counted(f"2332{number + 1}")
        recorder.visible(number != 1)
        if number == 1:
            recorder.plan_id = str(new_id())
            recorder.plan_drafted("2026-11-01")
            recorder.plan_closed("superseded", result_withdrawn=True)
        if number == 2:
            recorder.stopped_sharing(sharing)
            recorder.not_counted()
        if number == 0:
            recorder.moved(new)
        records += recorder.records
    return records


def interleaved(records: list[Record], seed: int) -> list[Record]:
    """Another order in which the topics may be read: each key in its order, some records twice."""
    dice = random.Random(seed)
    by_key: dict[tuple[str, bytes | None], list[Record]] = defaultdict(list)
    for record in records:
        by_key[(record.topic, record.key)].append(record)
    order: list[Record] = []
    seen: list[Record] = []
    while by_key:
        place = dice.choice(sorted(by_key))
        record = by_key[place].pop(0)
        if not by_key[place]:
            del by_key[place]
        order.append(record)
        seen.append(record)
        if dice.random() < 0.3:
            order.append(dice.choice(seen))
    return [Record(r.topic, r.partition, number, r.key, r.value, r.headers) for number, r in enumerate(order)]
