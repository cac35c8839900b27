"""How to reach a PostgreSQL as any of its roles, on this machine or elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from infra.postgres.roles import SUPERUSER, login_roles
from shared.config import Environment

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """`dsn(role)` for each role of infra/postgres/roles.py and for the superuser `postgres`."""

    port: int
    database: str
    passwords: Mapping[str, str] = field(repr=False)
    host: str = HOST
    options: str = ""
    """What follows the database's name in an address: how the server proves who it is."""

    def dsn(self, role: str, database: str | None = None, *, scheme: str = "postgresql") -> str:
        """An address libpq and psycopg accept; `scheme="postgresql+psycopg"` suits SQLAlchemy."""
        secret = quote(self.passwords[role], safe="")
        options = f"?{self.options}" if self.options else ""
        return f"{scheme}://{role}:{secret}@{self.host}:{self.port}/{database or self.database}{options}"

    def superuser_dsn(self, database: str | None = None) -> str:
        """For bootstrap, restore and tests only; no process of the product ever gets it."""
        return self.dsn(SUPERUSER, database)


def from_environment(
    values: Mapping[str, str], database: str = "impact", *, roles: Collection[str] = (SUPERUSER, *login_roles())
) -> PostgresSettings:
    """Read POSTGRES_ADDRESS (host:port), POSTGRES_CA_FILE and <ROLE>_PASSWORD of these roles; raises MissingSetting.

    Without a file of the authority the connection is not encrypted, as on loopback.
    """
    env = Environment(values)
    host, _, port = env.text("POSTGRES_ADDRESS").partition(":")
    authority = env.optional("POSTGRES_CA_FILE")
    passwords = {role: env.text(f"{role.upper()}_PASSWORD") for role in roles}
    options = f"sslmode=verify-full&sslrootcert={authority}" if authority else ""
    return PostgresSettings(int(port or 5432), database, passwords, host, options)
