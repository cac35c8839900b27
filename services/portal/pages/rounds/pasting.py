"""People pasted from a list: names, e-mail addresses and the part each has on the board, a line each."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.portal.api import Refused
from services.portal.forms import FormRefused, Typed
from services.portal.visit import Visit
from shared.contracts.roles import Role
from shared.email_addresses import email_address
from shared.person_names import person_name

BETWEEN = re.compile(r"[,;\t<>]+")
SIDES = {
    "executive": ("executive", "exec", "ed"),
    "non_executive": ("non-executive", "non executive", "nonexecutive", "non-exec", "ned", "chair"),
}
MOST_LINES = 100
INVITERS = frozenset({Role.ACCESS_MANAGER, Role.ICB_ACCESS_MANAGER})


@dataclass(frozen=True, slots=True)
class Pasted:
    """One line of the list."""

    name: str
    email: str
    part: str

    @property
    def words(self) -> str:
        """How the page names the line."""
        return f"{self.name} ({self.email})" if self.name and self.email else self.name or self.email


@dataclass(frozen=True, slots=True)
class Matched:
    """Who of the list is known here, by person id with their part, and who is not."""

    known: Mapping[str, str]
    unknown: Sequence[Pasted]


NOBODY = Matched({}, ())


def read_lines(text: str) -> list[Pasted]:
    """Return the people of a pasted list; a line may hold name, address and part in any order."""
    return [one for line in text.splitlines() if (one := _read(line)) is not None]


def _read(line: str) -> Pasted | None:
    parts = [part.strip() for part in BETWEEN.split(line) if part.strip()]
    email = next((part for part in parts if "@" in part), "")
    side = next((side for part in parts for side, words in SIDES.items() if _is_side(part, words)), "")
    name = next((part for part in parts if part != email and not any(_is_side(part, w) for w in SIDES.values())), "")
    return Pasted(name, email.lower(), side) if name or email else None


def _is_side(part: str, words: Sequence[str]) -> bool:
    return part.lower().removesuffix(" director").removesuffix(" member") in words


def match(visit: Visit, typed: Typed, people: Sequence[Mapping[str, Any]]) -> Matched:
    """Return who of the pasted list is among `people`, who may be asked: by address, else by name.

    Notes what is wrong with the list. Whoever is here in another role counts as unknown: a role comes first.
    """
    lines = read_lines(typed.text("pasted", longest=10_000))
    if not lines:
        return NOBODY
    if (wrong := _what_is_wrong_with_addresses(lines)) is not None:
        typed.wrong("pasted", wrong)
        return NOBODY
    matched = _look_up(visit, lines, people)
    # The directory knows how those are called whom it found: a mail program's way of writing them is no matter.
    if may_invite(visit) and (wrong := _what_is_wrong_with_names(matched.unknown)) is not None:
        typed.wrong("pasted", wrong)
        return NOBODY
    return matched


def _look_up(visit: Visit, lines: Sequence[Pasted], people: Sequence[Mapping[str, Any]]) -> Matched:
    addresses = sorted({line.email for line in lines if line.email})
    found = visit.api.directory.ask("/people/find", {"emails": addresses})["found"] if addresses else {}
    by_name, may_be_asked = _unique_names(people), {person["person_id"] for person in people}
    known: dict[str, str] = {}
    unknown = []
    for line in lines:
        person = found.get(line.email) or by_name.get(line.name.casefold())
        if person and person in may_be_asked:
            known[person] = line.part
        else:
            unknown.append(line)
    return Matched(known, unknown)


def _what_is_wrong_with_addresses(lines: Sequence[Pasted]) -> str | None:
    """Return what a list must have changed before anybody in it can be looked up."""
    if len(lines) > MOST_LINES:
        return f"Paste at most {MOST_LINES} people."
    return _refused(lines, lambda line: email_address(line.email))


def _what_is_wrong_with_names(unknown: Sequence[Pasted]) -> str | None:
    """Return what must be changed before those who are not known here can be invited."""
    return _refused(unknown, lambda line: person_name(line.name or line.email))


def _refused(lines: Sequence[Pasted], rule: Callable[[Pasted], object]) -> str | None:
    """Return what the rule says of the first line with an address that it refuses."""
    for line in (line for line in lines if line.email):
        try:
            rule(line)
        except ValueError as wrong:
            return f"{line.words}: {wrong}"
    return None


def _unique_names(people: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return ids by name, without names that two people share: nobody is asked by mistake."""
    names = [str(person["name"]).casefold() for person in people]
    return {
        name: str(person["person_id"]) for name, person in zip(names, people, strict=True) if names.count(name) == 1
    }


def may_invite(visit: Visit) -> bool:
    """Tell whether whoever opens the self-assessment also looks after access, and so can invite the others."""
    return visit.acting.holds(INVITERS)


def invite(visit: Visit, unknown: Sequence[Pasted]) -> int:
    """Invite those who are not known here as board members; who is invited already stays so. Returns how many."""
    sent = 0
    for line in unknown:
        if not line.email:
            continue
        try:
            body = {"name": line.name or line.email, "email": line.email, "role": Role.BOARD_MEMBER.value}
            visit.api.directory.post("/invitations", body)
            sent += 1
        except Refused as refused:
            if refused.slug != "invitation-open":
                said = refused.errors[0]["message"] if refused.errors else refused.detail
                raise FormRefused([{"field": "pasted", "message": f"{line.words}: {said}"}]) from refused
    return sent
