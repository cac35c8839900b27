"""Who asks: one person (or one of our own processes) acting for one organisation in one tenant."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

NATIONAL_TENANT = "NATIONAL"
"""The tenant of the national body and the regions. Its shown name is a row in the register, for bodies are renamed."""


class Scope(StrEnum):
    """How far a principal sees; row policies compare with these words."""

    ORG = "org"
    TENANT = "tenant"
    NATIONAL = "national"
    OPERATOR = "operator"
    SERVICE = "service"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Principal:
    """Person, tenant, organisation, the roles held in that organisation, and how they signed in.

    `person_id` is the directory's id and the only name of a person that rows, events and policies know.
    `acr` and `auth_time` are the strength and the instant of the sign-in as the identity provider states them.
    """

    person_id: str | None
    tenant_id: str
    org_id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    scope: Scope = Scope.ORG
    acr: str | None = None
    auth_time: datetime | None = None
    session_id: str | None = None

    @classmethod
    def service(cls, tenant_id: str, org_id: str) -> "Principal":
        """Return the principal of a consumer or scheduler that works for one organisation."""
        return cls(person_id=None, tenant_id=tenant_id, org_id=org_id, scope=Scope.SERVICE)

    @classmethod
    def public(cls) -> "Principal":
        """Return the principal of somebody who has not signed in: a tenant that owns nothing."""
        return cls(person_id=None, tenant_id="PUBLIC", org_id="PUBLIC", scope=Scope.PUBLIC)

    def holds(self, *roles: str) -> bool:
        """Tell whether at least one of `roles` is held in the organisation acted for."""
        return not self.roles.isdisjoint(roles)
