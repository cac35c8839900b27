"""What topics hold: the highest number that was told of each thing, and who told it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.kafka.broker_admin import everything_in
from infra.kafka.topics import Topic

NEEDED = ("ce_aggregateversion", "ce_tenantid", "ce_orgid")


@dataclass(frozen=True, slots=True)
class Told:
    """The last event of one thing: its number, and whose it was then."""

    version: int
    tenant_id: str
    org_id: str


Line = tuple[str, str]
"""Topic and key."""


def highest(records: Iterable[Any], known: dict[Line, Told]) -> None:
    """Note the highest number of each thing; what is no event of ours is passed over, as consumers do."""
    for record in records:
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers or ()}
        version, tenant, organisation = (headers.get(name, "") for name in NEEDED)
        if not (record.key and version.isdecimal()):
            continue
        line = (str(record.topic), record.key.decode(errors="replace"))
        if line not in known or known[line].version < int(version):
            known[line] = Told(int(version), tenant, organisation)


def read_from_the_first(options: Mapping[str, str], topics: Iterable[Topic]) -> dict[Line, Told]:
    """Read every topic to where it ends now."""
    known: dict[Line, Told] = {}
    for records in everything_in(options, [topic.name for topic in topics]):
        highest(records, known)
    return known
