"""The demonstration's tenants, organisations and people, read from demo_people.yaml.

Used by the realm and by the loader that fills the directory, so that both name the same person by the same id.
"""

import base64
import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.keycloak.representation import fixed_id

LIST = Path(__file__).with_name("demo_people.yaml")
CODE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A tenant; it is an organisation of its own as well. `region` is the code of an ICB's region."""

    code: str
    name: str
    kind: str
    region: str | None


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """An organisation in a tenant. `sector` is known for trusts alone."""

    code: str
    name: str
    kind: str
    tenant: str
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class DemoMembership:
    """The roles of a person in one organisation; `executive` says which half of the board a respondent sits in."""

    organisation: str
    roles: tuple[str, ...]
    executive: bool | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can sign in. National people have realm roles and no membership."""

    username: str
    person_id: str
    first_name: str
    last_name: str
    memberships: tuple[DemoMembership, ...]
    realm_roles: tuple[str, ...]
    work_account: bool = False
    """Signs in at the employer's issuer, and has a second factor of ours but no password."""

    @property
    def email(self) -> str:
        """An address in a domain that never receives mail."""
        return f"{self.username}@demo.example"

    def belongs_to(self, codes: frozenset[str]) -> bool:
        """Whether the person has a role in one of these organisations."""
        return any(membership.organisation in codes for membership in self.memberships)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Everything the demonstration starts from."""

    tenants: tuple[DemoTenant, ...]
    organisations: tuple[DemoOrganisation, ...]
    people: tuple[DemoPerson, ...]

    def organisations_of(self, tenant: str) -> list[DemoOrganisation]:
        """Return the organisations of a tenant, the tenant's own first."""
        own = [DemoOrganisation(t.code, t.name, t.kind, t.code) for t in self.tenants if t.code == tenant]
        return own + [organisation for organisation in self.organisations if organisation.tenant == tenant]

    def codes_of(self, tenant: str) -> frozenset[str]:
        """Return the codes of a tenant's organisations."""
        return frozenset(organisation.code for organisation in self.organisations_of(tenant))

    def person(self, username: str) -> DemoPerson:
        """Return one person; raises KeyError when nobody has that name."""
        for person in self.people:
            if person.username == username:
                return person
        raise KeyError(username)


def load(path: Path = LIST) -> Demonstration:
    """Return the demonstration as the list says it."""
    data = yaml.safe_load(path.read_text())
    organisations = tuple(DemoOrganisation(**organisation) for organisation in data["organisations"])
    tenants = tuple(DemoTenant(**{"region": None, **tenant}) for tenant in data["tenants"])
    people = (*map(_person, data["people"]), *_people_elsewhere(data["elsewhere"], organisations))
    return Demonstration(tenants=tenants, organisations=organisations, people=people)


def credentials_of(username: str, secret: str) -> tuple[str, str]:
    """Return a person's password and the base32 secret of the second factor, derived from this machine's `secret`.

    All people share one password, so that whoever tries the demonstration types one; the second factors differ.
    """
    letters = base64.b32encode(_derive("password", secret)).decode().lower()
    password = "-".join(("demo", letters[:5], letters[5:10], letters[10:15]))
    return password, base64.b32encode(_derive(f"otp:{username}", secret)[:20]).decode()


def work_subject(username: str, realm: str) -> str:
    """Return how the demonstration's issuer of work accounts names a person to the clients of `realm`."""
    return fixed_id(realm, "work-account", username)


def one_time_code(otp_secret: str, at: float) -> str:
    """Return the six digits that an authenticator app shows at `at` (seconds since 1970; RFC 6238, HMAC-SHA-1)."""
    counter = struct.pack(">Q", int(at) // CODE_SECONDS)
    digest = hmac.new(base64.b32decode(otp_secret), counter, "sha1").digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _derive(purpose: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def _person(entry: dict[str, Any]) -> DemoPerson:
    first, last = entry["name"]
    return DemoPerson(
        username=entry["username"],
        person_id=fixed_id("person", entry["username"]),
        first_name=first,
        last_name=last,
        memberships=tuple(map(_membership, entry.get("memberships", ()))),
        realm_roles=tuple(entry.get("realm_roles", ())),
        work_account=bool(entry.get("work_account", False)),
    )


def _membership(entry: dict[str, Any]) -> DemoMembership:
    return DemoMembership(entry["organisation"], tuple(entry["roles"]), entry.get("executive"))


def _people_elsewhere(rule: dict[str, Any], organisations: tuple[DemoOrganisation, ...]) -> Iterator[DemoPerson]:
    """Deal the posts of `elsewhere` out to every trust from the named one on."""
    trusts = [o.code for o in organisations if o.kind == "trust" and o.code >= rule["from"]]
    places = [(trust, post) for trust in trusts for post in rule["posts"]]
    first, last = rule["first_names"], rule["last_names"]
    for number, (trust, post) in enumerate(places):
        # The two lists have lengths without a common divisor: no full name comes twice.
        name = [first[number % len(first)], last[number % len(last)]]
        membership = {**post, "organisation": trust}
        yield _person({"username": f"{post['post']}.{trust.lower()}", "name": name, "memberships": [membership]})
