"""What a published register file would change, worked out before anything is changed.

Two traps of the published file shape this: a row is in it long after the organisation closed
(column 12 decides, not presence), and an organisation that is *absent* has not thereby closed. Both
are listed; absence is never acted on. ODS does not say when an ICB code changed: the day is taken from
the ICB succession where that explains the change, else it is the day of the import.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.directory.domain.intervals import Interval
from services.directory.domain.names import same_name, tidy_name
from services.directory.domain.register_file import RegisterRow

_FAR_PAST = date.min


@dataclass(frozen=True, slots=True)
class RegisteredTrust:
    """A trust as the register has it today; `icb` None while no ICB is confirmed, `since` its first day there."""

    code: str
    name: str
    region: str | None
    icb: str | None
    open: Interval
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """What a file is compared with. `successions` maps (old ICB, new ICB) to the day the new one took over."""

    trusts: Mapping[str, RegisteredTrust]
    regions: frozenset[str]
    icbs: Mapping[str, Interval]
    successions: Mapping[tuple[str, str], date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the field's value before and after, and the day it takes effect where it has one."""

    code: str
    name: str
    before: str | None = None
    after: str | None = None
    effective_on: date | None = None


@dataclass(slots=True)
class Differences:
    """The differences by kind. The last four lists are for reading only: nothing in them is ever applied."""

    new: list[RegisterRow] = field(default_factory=list)
    renamed: list[Change] = field(default_factory=list)
    closed: list[Change] = field(default_factory=list)
    reopened: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    unknown_icb: list[Change] = field(default_factory=list)
    outside_england: list[Change] = field(default_factory=list)
    absent: list[Change] = field(default_factory=list)
    long_closed: list[Change] = field(default_factory=list)
    unchanged: int = 0

    @property
    def to_apply(self) -> int:
        return sum(len(part) for part in (self.new, self.renamed, self.closed, self.reopened, self.moved))


def compare(rows: Iterable[RegisterRow], register: Register, *, today: date) -> Differences:
    """The differences between a file and today's register, each organisation in every list that fits it."""
    found = Differences()
    codes = set()
    for row in rows:
        codes.add(row.code)
        if row.region not in register.regions:
            found.outside_england.append(Change(row.code, tidy_name(row.name), after=row.region))
        elif row.code in register.trusts:
            _compare_known(found, row, register.trusts[row.code], register, today)
        else:
            _sort_unknown(found, row, register, today)
    for code, trust in register.trusts.items():
        if code not in codes and trust.open.holds(today):
            found.absent.append(Change(code, trust.name))
    return found


def _sort_unknown(found: Differences, row: RegisterRow, register: Register, today: date) -> None:
    if row.open.end is not None and row.open.end <= today:
        found.long_closed.append(Change(row.code, tidy_name(row.name), effective_on=row.open.end))
    elif not _icb_is_open(row.icb, register, today):
        found.unknown_icb.append(Change(row.code, tidy_name(row.name), after=row.icb))
    else:
        found.new.append(row)


def _compare_known(
    found: Differences, row: RegisterRow, trust: RegisteredTrust, register: Register, today: date
) -> None:
    before = found.to_apply + len(found.unknown_icb)
    if not same_name(row.name, trust.name):
        found.renamed.append(Change(row.code, trust.name, trust.name, tidy_name(row.name), today))
    _compare_opening(found, row, trust)
    if row.open.holds(today) and row.icb != trust.icb:
        _compare_icb(found, row, trust, register, today)
    if found.to_apply + len(found.unknown_icb) == before:
        found.unchanged += 1


def _compare_opening(found: Differences, row: RegisterRow, trust: RegisteredTrust) -> None:
    if row.open.end == trust.open.end:
        return
    change = Change(row.code, trust.name, _written(trust.open.end), _written(row.open.end), row.open.end)
    (found.reopened if row.open.end is None else found.closed).append(change)


def _compare_icb(found: Differences, row: RegisterRow, trust: RegisteredTrust, register: Register, today: date) -> None:
    if not _icb_is_open(row.icb, register, today):
        found.unknown_icb.append(Change(row.code, trust.name, trust.icb, row.icb))
        return
    succeeded_on = register.successions.get((trust.icb or "", row.icb or ""), today)
    usable = trust.since is None or succeeded_on > trust.since
    found.moved.append(Change(row.code, trust.name, trust.icb, row.icb, succeeded_on if usable else today))


def _icb_is_open(icb: str | None, register: Register, today: date) -> bool:
    return icb is not None and register.icbs.get(icb, Interval(_FAR_PAST, _FAR_PAST)).holds(today)


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
