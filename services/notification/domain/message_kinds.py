"""What kinds of message there are: who gets them, when they exist at all, and their words.

The words are data (`messages/*.yaml`); this reads them into types and fills their gaps. A gap holds a date, an
organisation's name or a role's title, never a person's name and never text that somebody typed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

NAMES_OF_ORGANISATIONS = frozenset({"organisation.name", "audience.name"})
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}")
"""What the code of an organisation looks like; a name that looks the same is nobody's code, and stays."""


class WordingError(Exception):
    """A message asks for something that its event does not carry."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets a message: people named in the event's `field`, or holders of `roles` in the organisation `of`.

    `of` is `organisation` (where it happened), `audience` (the one something is shared with) or `everywhere`.
    """

    field: str | None
    roles: tuple[str, ...]
    of: str


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One gap: where its value comes from, and what stands there when there is none."""

    name: str
    source: str
    when_empty: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds for an event whose `field` has any of some values."""

    field: str
    has_any: tuple[str, ...]

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Tell whether it does; a field that is missing has no value."""
        found = data.get(self.field) or ()
        return not set(self.has_any).isdisjoint([found] if isinstance(found, str) else found)


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of message with its words."""

    kind: str
    events: tuple[str, ...]
    recipients: tuple[Recipients, ...]
    urgent: bool
    mail_can_be_turned_off: bool
    link: str
    title: str
    inbox_line: str
    subject: str
    body: str
    placeholders: tuple[Placeholder, ...]
    only_if: Condition | None = None
    not_if: Condition | None = None

    def may_reach(self, roles: frozenset[str]) -> bool:
        """Tell whether somebody with these roles may ever get it: as one of them, or named by an event."""
        return any(each.field is not None or not roles.isdisjoint(each.roles) for each in self.recipients)

    @property
    def is_about_oneself(self) -> bool:
        """Tell whether it tells people of their own role or sign-in: somebody who has left hears of that as well."""
        return any(each.field == "person_id" for each in self.recipients)

    def is_wanted_for(self, data: Mapping[str, Any]) -> bool:
        """Tell whether an event with this data gives rise to the message."""
        refused = self.not_if is not None and self.not_if.holds(data)
        return not refused and (self.only_if is None or self.only_if.holds(data))


def read_kind(raw: Mapping[str, Any]) -> MessageKind:
    """Return the message kind that one file describes; raises KeyError naming what is missing."""
    return MessageKind(
        kind=raw["kind"],
        events=tuple(raw["events"]),
        recipients=tuple(
            Recipients(entry.get("people"), tuple(entry.get("roles", ())), entry.get("of", "organisation"))
            for entry in raw["recipients"]
        ),
        urgent=raw["urgent"],
        mail_can_be_turned_off=raw["mail_can_be_turned_off"],
        link=raw["link"],
        title=raw["title"],
        inbox_line=raw["inbox_line"],
        subject=raw["subject"],
        body=raw["body"],
        placeholders=tuple(
            Placeholder(gap["name"], gap["from"], gap.get("when_empty", "")) for gap in raw["placeholders"]
        ),
        only_if=_condition(raw.get("only_if")),
        not_if=_condition(raw.get("not_if")),
    )


def _condition(raw: Mapping[str, Any] | None) -> Condition | None:
    return Condition(raw["field"], tuple(raw["has_any"])) if raw else None


def people_in(data: Mapping[str, Any], field: str) -> list[str]:
    """Return the person ids that an event's field holds: none, one or several."""
    value = data.get(field)
    if value is None:
        return []
    return [str(person) for person in value] if isinstance(value, list | tuple) else [str(value)]


def values_for(kind: MessageKind, data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return what stands in each gap of `kind`.

    `names` holds what is not in the event: `organisation.name`, `audience.name`, `role.title`.
    Raises WordingError for a gap whose source is neither.
    """
    return {gap.name: _value(gap, data, names) for gap in kind.placeholders}


def _value(gap: Placeholder, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if gap.source.startswith("data."):
        value = data.get(gap.source.removeprefix("data."))
        return gap.when_empty if value in (None, "") else in_words(value)
    if gap.source not in names:
        raise WordingError(f"{gap.name} wants {gap.source}")
    return names[gap.source] or gap.when_empty


def codes_in(kind: MessageKind, gaps: Mapping[str, str]) -> set[str]:
    """Return the codes that stand where names of organisations belong.

    A message may be written before its organisation's entry comes in: what is told of people and what is told of
    organisations overtake one another.
    """
    said = (gaps.get(gap.name, "") for gap in kind.placeholders if gap.source in NAMES_OF_ORGANISATIONS)
    return {value for value in said if CODE.fullmatch(value)}


def with_names(kind: MessageKind, gaps: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the gaps with the names known by now in place of codes; a code stays where no name is known."""
    codes = codes_in(kind, gaps)
    return {name: names.get(value, value) if value in codes else value for name, value in gaps.items()}


def in_words(value: Any) -> str:
    """Return a value as it stands in a sentence: a date as 3 March 2026, everything else as it is."""
    text = str(value)
    try:
        day = date.fromisoformat(text[:10]) if len(text) >= 10 and text[4:5] == "-" else None
    except ValueError:
        day = None
    return f"{day.day} {day:%B %Y}" if day else text


def link_for(kind: MessageKind, data: Mapping[str, Any]) -> str:
    """Return the portal address of the thing a message is about; raises WordingError when an id is missing."""
    try:
        return kind.link.format(**data)
    except KeyError as error:
        raise WordingError(f"{kind.kind} links to {error.args[0]}, which its event does not carry") from error


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its gaps filled; a gap without a value stays visible rather than failing."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def kinds_by_event(kinds: Sequence[MessageKind]) -> dict[str, tuple[MessageKind, ...]]:
    """Return the kinds that each event type gives rise to."""
    types = {event for kind in kinds for event in kind.events}
    return {event: tuple(kind for kind in kinds if event in kind.events) for event in types}
