"""The one disclosure rule: which numbers about trusts may be shown to others.

The promise protects trusts, so the unit is the trust. Everything that shows an aggregate over trusts (page, CSV, API)
reads what `disclose` returned; nothing else in the product counts trusts for other eyes. The rule
(docs/adr/0010), for one measure such as "levels of practice 2":

1. A group has a number only if at least 8 trusts contributed.
2. Counts are rounded to the nearest 5; totals are sums of rounded cells; percentages come from rounded numbers.
3. One filter at a time: England, or one region, or one sector; never an ICB, never region and sector together.
4. A row in which one value would hold the whole group after rounding is hidden, and so is a row whose rounded numbers
   leave one possible truth only, if need be to one of the trusts counted (nine trusts shown as 5, 5, 5 can only be
   3, 3, 3; ten of which one knows itself to stand elsewhere are the same nine).
5. A group gets a new snapshot only if at least 8 trusts differ from its last one; until then the last one stands.
   The same holds against every other row ever computed: two rows whose trusts differ by 1 to 7 are never both shown,
   because subtracting them would show those few (England beside a region that holds all but three of its trusts).
6. Hidden is a code of its own, never null, nought or blank.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

SUPPRESSED: Final = "suppressed"
SMALLEST_GROUP: Final = 8
"""Trusts that must have contributed before a group has a number, and trusts that must differ between two rows."""
STEP: Final = 5
"""Counts are published as multiples of this."""
REACH: Final = STEP // 2
"""How far a whole number can lie from its rounded value: 2, since no whole number lies half-way between fives."""


class Breakdown(StrEnum):
    """What a table is broken down by; one at a time."""

    ENGLAND = "england"
    REGION = "region"
    SECTOR = "sector"


class Hidden(StrEnum):
    """Why a row has no numbers."""

    FEWER_THAN_EIGHT = "fewer-than-eight"
    TOO_ALIKE = "too-alike"
    TOO_CLOSE = "too-close"
    TOO_TELLING = "too-telling"


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """England as a whole, one region or one sector."""

    breakdown: Breakdown
    code: str


ENGLAND: Final = Group(Breakdown.ENGLAND, "ENG")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One trust's part in one measure. `edition` changes whenever `value` does, so that changes can be counted."""

    region: str | None
    sector: str | None
    value: str
    edition: str


@dataclass(frozen=True, slots=True)
class Row:
    """One group's numbers as everybody sees them: a count for each value in the measure's order, or a reason why not.

    `as_at` is the label of the release whose snapshot the numbers are; it is older than the release that shows them
    when fewer than 8 trusts have changed since.
    """

    group: Group
    counts: tuple[int, ...] | None
    hidden: Hidden | None
    as_at: str

    @property
    def total(self) -> int | str:
        """The sum of the rounded counts, or `suppressed`."""
        return SUPPRESSED if self.counts is None else sum(self.counts)

    def cells(self, width: int) -> list[int | str]:
        """The counts, or as many times `suppressed`."""
        return [SUPPRESSED] * width if self.counts is None else list(self.counts)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A row when it was computed, with the trusts (and their editions) that it was computed from. Never shown."""

    row: Row
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one measure may show: every group's row, and the snapshots among them that are new."""

    rows: tuple[Row, ...]
    new: tuple[Snapshot, ...]


def rounded(count: int) -> int:
    """Round a number of trusts to the nearest 5, half up."""
    return STEP * ((2 * count + STEP) // (2 * STEP))


def percentage(count: int | str, total: int | str) -> int | str:
    """Return a rounded count as a share of a rounded total, without decimals, half up."""
    if isinstance(count, str) or isinstance(total, str) or total == 0:
        return SUPPRESSED
    return (200 * count + total) // (2 * total)


def distance(one: Mapping[str, str], other: Mapping[str, str]) -> int:
    """Count the trusts that are in one set only, or in both with different editions."""
    return len(dict(one.items() ^ other.items()))


def possible_range(count: int) -> tuple[int, int]:
    """Return the smallest and largest true number behind a rounded one."""
    return max(0, count - REACH), count + REACH


def leaves_doubt(size: int, counts: Sequence[int]) -> bool:
    """Tell whether a reader who knows that `size` trusts contributed cannot work out a true count.

    The reader may be one of the trusts: it adds one to a value shown as 0, and so narrows what is left for the others.
    """
    ranges = [possible_range(count) for count in counts]
    return sum(low for low, _ in ranges) + 1 < size < sum(high for _, high in ranges)


def disclose(
    contributions: Mapping[str, Contribution],
    values: Sequence[str],
    history: Sequence[Snapshot],
    *,
    as_at: str,
    groups: Iterable[Group] = (),
    withheld: Collection[Breakdown] = (),
) -> Disclosure:
    """Return what may be shown of one measure.

    `values` are the measure's possible values in order. `history` holds every snapshot of this measure ever released,
    oldest first. `groups` names groups to report even if nobody in them contributed; the rows of `withheld` breakdowns
    get no new snapshot (the auditor found that all rows together say too much). England is decided first, then
    regions, then sectors, each by code, so that the outcome does not depend on the order of the input. Raises
    ValueError for a contribution whose value the measure does not have.
    """
    if unknown := {part.value for part in contributions.values()} - set(values):
        raise ValueError(f"Not values of this measure: {sorted(unknown)}")
    accepted = list(history)
    rows: list[Row] = []
    for group in sorted({ENGLAND, *groups, *_groups_of(contributions.values())}):
        members = {org: part for org, part in contributions.items() if belongs(part, group)}
        if group.breakdown in withheld:
            snapshot = _last_or_hidden(group, members, accepted, Hidden.TOO_TELLING, as_at)
        else:
            snapshot = _decide(group, members, values, accepted, as_at=as_at)
        rows.append(snapshot.row)
        if snapshot.members:
            accepted.append(snapshot)
    return Disclosure(tuple(rows), tuple(accepted[len(history) :]))


def belongs(part: Contribution, group: Group) -> bool:
    """Tell whether a contribution counts in a group."""
    if group.breakdown is Breakdown.ENGLAND:
        return True
    return (part.region if group.breakdown is Breakdown.REGION else part.sector) == group.code


def _groups_of(parts: Iterable[Contribution]) -> set[Group]:
    found: set[Group] = set()
    for part in parts:
        if part.region is not None:
            found.add(Group(Breakdown.REGION, part.region))
        if part.sector is not None:
            found.add(Group(Breakdown.SECTOR, part.sector))
    return found


def _decide(
    group: Group, parts: Mapping[str, Contribution], values: Sequence[str], known: Sequence[Snapshot], *, as_at: str
) -> Snapshot:
    """Return the group's snapshot; without members when it stands on an older one or shows nothing."""
    members = {org: part.edition for org, part in parts.items()}
    may_be_new = all(gap == 0 or gap >= SMALLEST_GROUP for gap in _gaps(group, members, known))
    if len(parts) >= SMALLEST_GROUP and may_be_new:
        return Snapshot(_count(group, parts, values, as_at), members)
    return _last_or_hidden(group, parts, known, Hidden.TOO_CLOSE, as_at)


def _last_or_hidden(
    group: Group, parts: Mapping[str, Contribution], known: Sequence[Snapshot], reason: Hidden, as_at: str
) -> Snapshot:
    """Repeat the group's last row if it still has trusts enough; otherwise hide it for `reason`."""
    if len(parts) < SMALLEST_GROUP:
        return Snapshot(Row(group, None, Hidden.FEWER_THAN_EIGHT, as_at), {})
    last = next((old.row for old in reversed(known) if old.row.group == group), None)
    return Snapshot(last or Row(group, None, reason, as_at), {})


def _gaps(group: Group, members: Mapping[str, str], known: Sequence[Snapshot]) -> Iterable[int]:
    """Yield how many trusts lie between the new row and every row ever computed.

    An unchanged row of the same group is no new snapshot either: it is reported as a gap that is too small, so that
    the row keeps the date of the figures it repeats.
    """
    last = next((old for old in reversed(known) if old.row.group == group), None)
    for old in known:
        gap = distance(members, old.members)
        yield 1 if gap == 0 and old is last else gap


def _count(group: Group, parts: Mapping[str, Contribution], values: Sequence[str], as_at: str) -> Row:
    tally = Counter(part.value for part in parts.values())
    counts = tuple(rounded(tally[value]) for value in values)
    row = Row(group, counts, None, as_at)
    one_value_holds_all = sum(count > 0 for count in counts) <= 1
    if one_value_holds_all or not leaves_doubt(len(parts), counts):
        return replace(row, counts=None, hidden=Hidden.TOO_ALIKE)
    return row
