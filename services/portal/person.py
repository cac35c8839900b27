"""Who is signed in, and for which organisation they act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.roles import Role, kind_for_roles, role_register
from shared.principal import NATIONAL_TENANT

NATIONAL_TEAM = "National improvement team"


def role_words(codes: Sequence[str]) -> str:
    """Return roles in words: "improvement lead and board member"."""
    titles = {role.value: entry.title_in_a_sentence for role, entry in role_register().items()}
    words = [titles[code] for code in sorted(codes, key=list(titles).index) if code in titles]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@dataclass(frozen=True, slots=True)
class Membership:
    """One organisation a person may act for, with the roles held there."""

    org_id: str
    org_name: str
    org_kind: str
    tenant_id: str
    tenant_name: str
    roles: tuple[str, ...]
    fictional: bool

    @property
    def narrowed_to(self) -> str | None:
        """The tenant a token for this membership names; national people's tokens name none."""
        return None if self.is_national_team else self.tenant_id

    @property
    def is_national_team(self) -> bool:
        """Whether it is the national team, whose roles count everywhere, and not an organisation's own work."""
        return self.org_id == NATIONAL_TENANT

    @property
    def has_icb(self) -> bool:
        """Whether the organisation has an ICB above it, with which it may share."""
        return self.org_kind in {"trust", "place"}

    @property
    def is_followed(self) -> bool:
        """Whether its ICB sees how it is getting on, and may be shown the plan: of a place only a summary can be."""
        return self.org_kind == "trust"

    @property
    def kind_for_roles(self) -> str:
        """The kind of organisation in the words of the role list."""
        return kind_for_roles(self.org_kind, code=self.org_id, tenant=self.tenant_id)

    @property
    def shown_name(self) -> str:
        """The organisation's name, with the word fictional where that is so."""
        return _with_fictional(self.org_name, self.fictional)

    @property
    def words(self) -> str:
        """Role, organisation and ICB in one line: what stands under the header of every page."""
        words = f"{role_words(self.roles)}, {self.shown_name}"
        if not self.has_icb:
            return words
        return f"{words}, in {_with_fictional(self.tenant_name, self.fictional)}"

    @property
    def part(self) -> str:
        """Role and ICB, for a place where the organisation's name already stands."""
        return self.words.replace(f", {self.shown_name}", "", 1)

    def holds(self, roles: frozenset[Role]) -> bool:
        """Tell whether one of `roles` is held here."""
        return not roles.isdisjoint(self.roles)


def _with_fictional(name: str, fictional: bool) -> str:
    return f"{name} (fictional)" if fictional and "fictional" not in name.lower() else name


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in, as directory knows them."""

    id: str
    name: str
    email: str
    memberships: tuple[Membership, ...]

    def membership(self, org_id: str | None) -> Membership | None:
        """Return the membership in one organisation, or None."""
        return next((one for one in self.memberships if one.org_id == org_id), None)


def person_from(me: Mapping[str, Any]) -> Person:
    """Build a person from directory's `/me`; national roles become a membership in the national team.

    A membership without a tenant is left out: no token could be asked for it, and the session would be lost over that.
    """
    memberships = [
        Membership(
            org_id=str(one["org_id"]),
            org_name=str(one["org_name"]),
            org_kind=str(one["org_kind"]),
            tenant_id=str(one["tenant_id"]),
            tenant_name=str(one.get("tenant_name") or ""),
            roles=tuple(one["roles"]),
            fictional=bool(one.get("fictional")),
        )
        for one in me.get("memberships", ())
        if one.get("tenant_id")
    ]
    if national := tuple(me.get("national_roles") or ()):
        memberships.append(
            Membership(NATIONAL_TENANT, NATIONAL_TEAM, "national", NATIONAL_TENANT, "", national, fictional=False)
        )
    return Person(str(me["person_id"]), str(me.get("name") or ""), str(me.get("email") or ""), tuple(memberships))
