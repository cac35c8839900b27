"""The identities that hold after every fault, as pure functions over ledger, database and topics.

Each answers with a `Finding`: what is wrong, item by item, and how much was looked at, because a check of nothing
proves nothing. How the evidence is gathered is evidence.py's business.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.faults.ledger import Operation, Outcome

TopicKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One identity's verdict. `noted` counts what is allowed but worth knowing (repeated records)."""

    identity: str
    looked_at: int
    wrong: tuple[str, ...]
    noted: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether something was looked at and nothing is wrong."""
        return self.looked_at > 0 and not self.wrong


@dataclass(frozen=True, slots=True)
class Row:
    """A business row that an operation made: `operation` is the mark the client left in it."""

    operation: str
    id: str
    tenant: str
    trust: str


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it was put into an outbox."""

    id: str
    topic: str
    key: str
    version: int
    tenant: str
    org: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as another client read it from the topic; what cannot be read of it is None."""

    topic: str
    partition: int
    offset: int
    key: str | None
    id: str | None
    version: int | None
    tenant: str | None
    org: str | None


@dataclass(frozen=True, slots=True)
class Handled:
    """An inbox row."""

    id: str
    at: datetime


def acknowledged_is_durable(operations: Collection[Operation], rows: Collection[Row]) -> Finding:
    """E1: nothing acknowledged is lost, nothing exists that nobody may have asked for, nothing exists twice."""
    counted = Counter(row.operation for row in rows)
    acknowledged = {operation.id for operation in operations if operation.outcome is Outcome.OK}
    possible = acknowledged | {operation.id for operation in operations if operation.outcome is Outcome.UNKNOWN}
    wrong = [f"lost: {each}" for each in sorted(acknowledged - counted.keys())]
    wrong += [f"phantom: {each}" for each in sorted(counted.keys() - possible)]
    wrong += [f"{count} times: {each}" for each, count in sorted(counted.items()) if count > 1]
    return Finding("E1", len(acknowledged), tuple(wrong))


def outbox_is_topic(told: Collection[Told], sent: Collection[Sent], foreign: Collection[str] = ()) -> Finding:
    """E2: every event ever told is on its topic for its tenant, and no other; `foreign` were put there by the test."""
    by_id = {each.id: each for each in sent if each.id is not None}
    wrong = [f"never sent: {each.id}" for each in told if each.id not in by_id]
    known = {each.id: each for each in told}
    for id_, record in by_id.items():
        if id_ in foreign:
            continue
        event = known.get(id_)
        if event is None:
            wrong.append(f"told by nobody: {id_}")
        elif (event.topic, event.key, event.tenant, event.version) != (
            record.topic,
            record.key,
            record.tenant,
            record.version,
        ):
            wrong.append(f"changed on the way: {id_}")
    return Finding(
        "E2", len(told), tuple(wrong), noted=sum(each.id in known for each in sent) - len(by_id.keys() & known)
    )


def topic_is_inbox(sent: Iterable[Sent], handled: Collection[Handled], set_aside: Collection[str]) -> Finding:
    """E3: what a consumer has handled is exactly what its topics hold, less what was set aside."""
    wanted = {each.id for each in sent if each.id is not None} - set(set_aside)
    got = Counter(each.id for each in handled)
    wrong = [f"not handled: {each}" for each in sorted(wanted - got.keys())]
    wrong += [f"handled, but on no topic: {each}" for each in sorted(got.keys() - wanted - set(set_aside))]
    wrong += [f"handled {count} times: {each}" for each, count in sorted(got.items()) if count > 1]
    return Finding("E3", len(wanted), tuple(wrong))


def in_order(
    sent: Iterable[Sent], positions: Mapping[TopicKey, int], handled: Iterable[Handled], passed: Collection[str] = ()
) -> Finding:
    """E4: versions of a key are 1..n without a gap on the topic, all applied, and applied in that order."""
    versions: dict[TopicKey, list[tuple[int, str]]] = defaultdict(list)
    seen: set[str] = set()
    for record in sorted(sent, key=lambda each: (each.topic, each.partition, each.offset)):
        if record.id is None or record.id in seen or record.id in passed or record.key is None:
            continue
        seen.add(record.id)
        versions[(record.topic, record.key)].append((record.version or 0, record.id))
    at = {each.id: each.at for each in handled}
    wrong: list[str] = []
    for key, found in versions.items():
        numbers = [number for number, _ in found]
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"versions on the topic: {key[1]} {numbers[:20]}")
        if positions.get(key, 0) != max(numbers):
            wrong.append(f"applied up to {positions.get(key, 0)} of {max(numbers)}: {key[1]}")
        times = [at[id_] for _, id_ in sorted(found) if id_ in at]
        if times != sorted(times):
            wrong.append(f"applied out of order: {key[1]}")
    return Finding("E4", len(versions), tuple(wrong))


def in_its_tenant(sent: Iterable[Sent], rows: Iterable[Row], belongs: Mapping[str, Sequence[str]]) -> Finding:
    """E5: an event names a tenant its organisation belonged to, a row the one it belongs to now (the last)."""
    wrong: list[str] = []
    looked_at = 0
    for record in sent:
        if record.org in belongs:
            looked_at += 1
            if record.tenant not in belongs[record.org]:
                wrong.append(f"event {record.id}: {record.org} told for {record.tenant}")
    for row in rows:
        looked_at += 1
        if row.trust not in belongs or row.tenant != belongs[row.trust][-1]:
            wrong.append(f"row {row.id}: {row.trust} in {row.tenant}")
    return Finding("E5", looked_at, tuple(wrong))


def audited_once(rows: Collection[Row], audited: Iterable[str], broken: Mapping[str, int]) -> Finding:
    """E6: one audit row for each thing done and none for what was not; every tenant's chain bears out."""
    counted = Counter(audited)
    ids = {row.id for row in rows}
    wrong = [f"not audited: {each}" for each in sorted(ids - counted.keys())]
    wrong += [f"audited, not done: {each}" for each in sorted(counted.keys() - ids)]
    wrong += [f"audited {count} times: {each}" for each, count in sorted(counted.items()) if count > 1]
    wrong += [f"chain of {tenant} breaks at {position}" for tenant, position in sorted(broken.items())]
    return Finding("E6", len(ids), tuple(wrong))


def mailed(accepted: Collection[str], delivered: Iterable[str], crashes: int) -> Finding:
    """E7: every accepted mail is delivered; at most one more for each crash inside the send window."""
    counted = Counter(delivered)
    again = sum(count - 1 for count in counted.values())
    wrong = [f"never delivered: {each}" for each in sorted(set(accepted) - counted.keys())]
    if again > crashes:
        wrong.append(f"{again} delivered again, {crashes} crashes")
    return Finding("E7", len(accepted), tuple(wrong), noted=again)


def rebuilt_is_live(live: Mapping[str, str], fresh: Mapping[str, str]) -> Finding:
    """E8: the read model built again from the first event has the same bytes."""
    wrong = tuple(
        f"differs: {table}" for table in sorted(live.keys() | fresh.keys()) if live.get(table) != fresh.get(table)
    )
    return Finding("E8", len(live), wrong)


def back_within(operations: Iterable[Operation], fault_at: float, seconds: float) -> tuple[Finding, float]:
    """E9: the first operation begun after the fault that was acknowledged ended soon enough; return how soon."""
    ended = [each.ended for each in operations if each.outcome is Outcome.OK and each.began >= fault_at and each.ended]
    took = min(ended) - fault_at if ended else float("inf")
    wrong = () if took <= seconds else (f"back after {took:.1f} s, allowed are {seconds:.0f}",)
    return Finding("E9", len(ended), wrong), took
