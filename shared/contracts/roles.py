"""The roles of ``roles.yaml`` as a type; a test holds the two equal."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROLES_FILE: Final = Path(__file__).with_name("roles.yaml")


class Role(StrEnum):
    """What a person may do for the organisation they act for; the value is the code in group paths and tokens."""

    BOARD_MEMBER = "board-member"
    IMPROVEMENT_LEAD = "improvement-lead"
    CHAIR = "chair"
    CHIEF_EXECUTIVE = "chief-executive"
    COMPANY_SECRETARY = "company-secretary"
    ACTION_OWNER = "action-owner"
    ACCESS_MANAGER = "access-manager"
    ICB_LEAD = "icb-lead"
    ICB_ACCESS_MANAGER = "icb-access-manager"
    PLACE_CONVENOR = "place-convenor"
    REGIONAL_LEAD = "regional-lead"
    NATIONAL_ANALYST = "national-analyst"
    NATIONAL_EDITOR = "national-editor"
    NATIONAL_APPROVER = "national-approver"
    NATIONAL_ADMINISTRATOR = "national-administrator"
    OPERATOR = "operator"
    NOTIFICATION_SENDER = "notification-sender"


class Level(StrEnum):
    """Where the power of a role lies."""

    TRUST = "trust"
    ICB = "icb"
    PLACE = "place"
    REGION = "region"
    NATIONAL = "national"
    OPERATOR = "operator"
    SERVICE = "service"


NATIONAL_BODY: Final = "national-body"


def kind_for_roles(kind: str, *, code: str, tenant: str | None) -> str:
    """Return an organisation's kind in the words of ``held_in``.

    The register calls both `national`: the team, which is the national tenant itself, and the body it works for. Only
    the team's roles count outside their organisation, so no role of the one is ever held in the other.
    """
    return NATIONAL_BODY if kind == "national" and code != tenant else kind


@dataclass(frozen=True, slots=True)
class Appointment:
    """One way to be given a role: ``role`` held in ``of`` (same-organisation, its-icb or national) may grant it."""

    role: Role
    of: str
    only_for: str | None = None
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """One role as data: words for pages, and who may appoint it.

    ``held_in`` and ``answers_in`` list kinds of organisation: where it is held, and where whoever holds it may be asked
    to answer the self-assessment.
    """

    role: Role
    level: Level
    held_in: frozenset[str]
    answers_in: frozenset[str]
    title: str
    meaning: str
    appointed_by: tuple[Appointment, ...]

    @property
    def title_in_a_sentence(self) -> str:
        """The title as people write it after "as": "improvement lead", but "ICB improvement lead"."""
        return self.title if self.title[:2].isupper() else self.title[:1].lower() + self.title[1:]


@cache
def role_register() -> dict[Role, RoleEntry]:
    """Every role with its entry, in the order of the file. Raises ValueError for a code that is no Role."""
    listed = yaml.safe_load(ROLES_FILE.read_text(encoding="utf-8"))["roles"]
    return {entry.role: entry for entry in map(_entry, listed)}


def answering_roles(kind: str) -> list[RoleEntry]:
    """Return the roles whose holders may be asked to answer in an organisation of this kind, in the file's order."""
    return [entry for entry in role_register().values() if kind in entry.answers_in]


def answering_somewhere() -> tuple[Role, ...]:
    """Return the roles whose holders may be asked to answer in some kind of organisation."""
    return tuple(role for role, entry in role_register().items() if entry.answers_in)


def _entry(raw: dict[str, Any]) -> RoleEntry:
    appointments = tuple(Appointment(**{**way, "role": Role(way["role"])}) for way in raw["appointed_by"])
    return RoleEntry(
        role=Role(raw["code"]),
        level=Level(raw["level"]),
        held_in=frozenset(raw["held_in"]),
        answers_in=frozenset(raw.get("answers_in", ())),
        title=raw["title"],
        meaning=raw["meaning"],
        appointed_by=appointments,
    )
