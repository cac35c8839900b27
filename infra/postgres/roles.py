"""Which roles exist, and what each is for (one schema a service, named like the service).

owner_<service>    no login; owns the schema and its tables
migrate_<service>  signs in for migrations and does SET ROLE to the owner
app_<service>      runs the service; owns nothing, cannot bypass row security
relay_<service>    outbox only (the migrations grant it SELECT and DELETE there)
"""

from collections.abc import Mapping

SERVICES = (
    "directory",
    "assessment",
    "action_plan",
    "competency_framework",
    "notification",
    "insight",
    "portal",
)

RANGE_READER = "range_reader"
"""No login. Owns the one function that may see all answers of a round, to count them."""

PROFILE_READER = "profile_reader"
"""No login. Owns the one function that may see all finished reflections of a board, to put them into words."""

COUNTING_ROLES: Mapping[str, str] = {RANGE_READER: "assessment", PROFILE_READER: "competency_framework"}
"""Roles that nobody signs in as, with the schema in which they may count what is private."""

EXTRA_LOGINS: Mapping[str, str] = {
    "aggregator_insight": "insight",
    "national_insight": "insight",
}
"""Further roles that sign in, with the schema they work in: the aggregator reads status rows of
all tenants and writes cells; the national login reads published figures alone."""

BACKUP = "backup"
KEYCLOAK = "keycloak"
SUPERUSER = "postgres"


def logins_of(service: str) -> tuple[str, ...]:
    """The roles of a service that sign in."""
    return (f"migrate_{service}", f"app_{service}", f"relay_{service}")


def product_roles() -> tuple[str, ...]:
    """Every role that signs in to the product's database."""
    ours = tuple(role for service in SERVICES for role in logins_of(service))
    return (*ours, *EXTRA_LOGINS, BACKUP)


def login_roles() -> tuple[str, ...]:
    """Every role that signs in anywhere, the superuser left out."""
    return (*product_roles(), KEYCLOAK)
