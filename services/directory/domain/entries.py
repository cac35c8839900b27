"""Entries of the register made by hand: what the published file of trusts does not hold.

Integrated care boards merge and split on the first of April, places are ours to name, and the national body is renamed
and replaced; a national administrator enters them. Trusts come from the published file, so that nobody mistypes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.directory.domain.errors import RuleBroken
from services.directory.domain.intervals import Interval


class EntryInvalid(RuleBroken):
    """What was entered cannot be right."""

    slug = "entry-invalid"
    kind = "invalid"


class EntryRefused(RuleBroken):
    """The entry is right in itself and cannot be made now."""

    slug = "entry-refused"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An organisation to be entered by hand."""

    code: str
    kind: str
    tenant: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known around an entry: its code taken, its board's days, whether its region exists."""

    code_taken: bool
    board_open: Interval | None
    region_known: bool


def code_taken(code: str) -> EntryRefused:
    """The refusal of a code that is in use."""
    return EntryRefused(f"{code} is in the register already. A code is never used for two organisations.")


def check_new_entry(entry: NewEntry, standing: Standing, *, opens_on: date) -> None:
    """Raises EntryInvalid naming the field, or EntryRefused for a code that is in use: codes are never used twice."""
    if standing.code_taken:
        raise code_taken(entry.code)
    if entry.kind == "place" and standing.board_open is None:
        raise EntryInvalid("A place belongs to an ICB. Give the code of an ICB in the register.", field="tenant")
    if entry.kind == "place" and standing.board_open and not standing.board_open.holds(opens_on):
        raise EntryInvalid(f"{entry.tenant} is not open on that day.", field="tenant")
    if entry.kind == "icb" and entry.tenant is not None:
        raise EntryInvalid("An ICB belongs to itself. Leave this empty.", field="tenant")
    if entry.kind == "national" and (entry.tenant or entry.region):
        raise EntryInvalid("The national body belongs to no ICB and no region. Leave both empty.", field="tenant")
    if entry.kind == "icb" and not standing.region_known:
        raise EntryInvalid("Give the code of one of the seven regions.", field="region")


def check_closing(open_: Interval, open_until: date, *, kind: str, members: int) -> None:
    """Raises EntryInvalid for an impossible day, EntryRefused while an ICB still has trusts or places.

    `kind` in the words of the role list, which tell the national body from the national team.
    """
    if open_.end is not None:
        raise EntryRefused("This organisation has a closing date already.")
    if open_until <= open_.start:
        raise EntryInvalid("This is before the organisation opened.", field="last_day")
    if kind not in ("icb", "place", "national-body"):
        raise EntryRefused("Trusts are closed by the published register file, and the national team stays.")
    if members:
        raise EntryRefused(f"{members} organisations still belong to it. Move them first.")


def check_successors(code: str, successors: Sequence[str]) -> None:
    """Raises EntryInvalid for an organisation named twice, or that would take over from itself."""
    if len(set(successors)) < len(successors):
        raise EntryInvalid("Name each organisation that takes over once.", field="successors")
    if code in successors:
        raise EntryInvalid("An organisation does not take over from itself.", field="successors")
