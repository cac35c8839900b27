"""The identities that hold after every fault, as pure functions over ledger, database and topics.

Each answers with a `Finding`: what is wrong, item by item, and how much was looked at, because a check of nothing
proves nothing. Those about events are in event_identities.py; how the evidence is gathered is evidence.py's business.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tests.faults.ledger import Operation, Outcome

DENIED = frozenset({401, 403})
"""Refused for who asked, which the audit trail keeps."""


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
class Message:
    """A message of which a person is told by mail; `mail`: the provider's id of the mail that did, None: none did."""

    id: str
    person: str
    mail: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the provider took it."""

    id: str
    person: str


def acknowledged_is_durable(operations: Collection[Operation], rows: Collection[Row]) -> Finding:
    """E1: nothing acknowledged is lost, nothing exists that nobody may have asked for, nothing exists twice."""
    counted = Counter(row.operation for row in rows)
    acknowledged = {operation.id for operation in operations if operation.outcome is Outcome.OK}
    possible = acknowledged | {operation.id for operation in operations if operation.outcome is Outcome.UNKNOWN}
    wrong = [f"lost: {each}" for each in sorted(acknowledged - counted.keys())]
    wrong += [f"phantom: {each}" for each in sorted(counted.keys() - possible)]
    wrong += [f"{count} times: {each}" for each, count in sorted(counted.items()) if count > 1]
    return Finding("E1", len(acknowledged), tuple(wrong))


def audited_once(rows: Collection[Row], audited: Iterable[str], broken: Mapping[str, int]) -> Finding:
    """E6: one audit row for each operation that was done and none for any other; every tenant's chain bears out.

    `audited` are the operations that audit rows name.
    """
    counted = Counter(audited)
    done = {row.operation for row in rows}
    wrong = [f"not audited: {each}" for each in sorted(done - counted.keys())]
    wrong += [f"audited, not done: {each}" for each in sorted(counted.keys() - done)]
    wrong += [f"audited {count} times: {each}" for each, count in sorted(counted.items()) if count > 1]
    wrong += [f"chain of {tenant} breaks at {position}" for tenant, position in sorted(broken.items())]
    return Finding("E6", len(done), tuple(wrong))


def refused_once(operations: Iterable[Operation], refusals: Iterable[str]) -> Finding:
    """E6: one audit row for each operation that was refused for who asked, and none for any other."""
    counted = Counter(refusals)
    known = {each.id: each.status for each in operations}
    refused = {name for name, status in known.items() if status in DENIED}
    wrong = [f"refusal not audited: {each}" for each in sorted(refused - counted.keys())]
    wrong += [f"refusal audited, not refused: {each}" for each in sorted(counted.keys() - refused)]
    wrong += [f"refusal audited {count} times: {each}" for each, count in sorted(counted.items()) if count > 1]
    return Finding("E6", len(known), tuple(wrong))


def mailed(messages: Collection[Message], mails: Collection[Mail], crashes: int) -> Finding:
    """E7: every message reached its person by mail; at most one mail more for each crash inside the send window."""
    sent = {mail.id: mail for mail in mails}
    wrong = [f"never delivered: {each.id}" for each in messages if each.mail not in sent]
    wrong += [
        f"to somebody else: {each.id}"
        for each in messages
        if each.mail in sent and sent[each.mail].person != each.person
    ]
    again = len(mails) - len(sent.keys() & {each.mail for each in messages})
    if again > crashes:
        wrong.append(f"{again} mails more than messages, {crashes} crashes")
    return Finding("E7", len(messages), tuple(wrong), noted=again)


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
