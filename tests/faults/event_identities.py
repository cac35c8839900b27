"""The identities of an event's way from outbox to effect, as pure functions: none lost, doubled or misplaced."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.faults.identities import Finding, Row

TopicKey = tuple[str, str]


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
    type: str | None = None
    said_org: str | None = None
    said_tenant: str | None = None
    """Organisation and tenant as the content says them, where it says one."""


@dataclass(frozen=True, slots=True)
class Handled:
    """An inbox row."""

    id: str
    at: datetime


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


def has_its_effect(handled: Collection[str], effects: Iterable[str]) -> Finding:
    """E3: every event handled had its one effect, and nothing had one that was not handled."""
    counted = Counter(effects)
    wrong = [f"no effect: {each}" for each in sorted(set(handled) - counted.keys())]
    wrong += [f"effect without being handled: {each}" for each in sorted(counted.keys() - set(handled))]
    wrong += [f"{count} effects: {each}" for each, count in sorted(counted.items()) if count > 1]
    return Finding("E3", len(handled), tuple(wrong))


def shows_the_last(sent: Iterable[Sent], shown: Mapping[TopicKey, int]) -> Finding:
    """E3: a row of a read model shows the last of its key's events; `sent` are those that it is made of."""
    last: dict[TopicKey, int] = {}
    for each in sent:
        if each.key is not None and each.version is not None:
            last[(each.topic, each.key)] = max(each.version, last.get((each.topic, each.key), 0))
    wrong = [f"shows {shown.get(key, 0)} of {at}: {key[1]}" for key, at in last.items() if shown.get(key, 0) != at]
    return Finding("E3", len(last), tuple(wrong))


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


def in_its_tenant(
    sent: Iterable[Sent], rows: Iterable[Row], belongs: Mapping[str, Sequence[str]], owners: Mapping[str, str]
) -> Finding:
    """E5: an event names a tenant its organisation belonged to, a row the one it belongs to now (the last).

    What the event's content says is the same, and its key is a thing of that organisation (`owners`, by key).
    """
    wrong: list[str] = []
    looked_at = 0
    for record in sent:
        if record.org in belongs:
            looked_at += 1
            wrong += _misplaced(record, belongs[record.org], owners)
    for row in rows:
        looked_at += 1
        if row.trust not in belongs or row.tenant != belongs[row.trust][-1]:
            wrong.append(f"row {row.id}: {row.trust} in {row.tenant}")
    return Finding("E5", looked_at, tuple(wrong))


def _misplaced(record: Sent, tenants: Sequence[str], owners: Mapping[str, str]) -> Iterator[str]:
    if record.tenant not in tenants:
        yield f"event {record.id}: {record.org} told for {record.tenant}"
    if record.said_org not in (None, record.org):
        yield f"event {record.id}: {record.org} told, {record.said_org} said"
    if record.said_tenant not in (None, record.tenant):
        yield f"event {record.id}: {record.tenant} told, {record.said_tenant} said"
    if owners.get(record.key or "", record.org) != record.org:
        yield f"event {record.id}: {record.org} told of a thing of {owners[record.key or '']}"
