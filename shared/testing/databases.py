"""A migrated database per service and test worker: a template made once per version of the migrations, then copied."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from infra.postgres.bootstrap import copy_database, make_service_database, run_after_migrations
from infra.servers.settings import PostgresSettings
from shared.migrations import ROOT, upgrade

LOCKS = ROOT / ".local" / "locks"
INGREDIENTS = (
    "shared/mechanism.py",
    "shared/mechanism_changes.py",
    "shared/tenancy.py",
    "infra/postgres",
    "services/{service}/migrations",
    "services/{service}/models.py",
    "services/{service}/table_shapes.py",
    "services/{service}/policies.py",
)
"""What a template is made of; a first migration makes its tables from the models."""


def _version(service: str) -> str:
    digest = hashlib.sha256()
    for ingredient in INGREDIENTS:
        place = ROOT / ingredient.format(service=service)
        files = (
            [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.suffix in {".py", ".sql"})
        )
        for path in files:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


@contextmanager
def _locked(name: str) -> Iterator[None]:
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _exists(superuser: str, name: str) -> bool:
    with psycopg.connect(superuser, autocommit=True) as connection:
        return connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def template_for(postgres: PostgresSettings, service: str) -> str:
    """Return the name of a database in which `service` is migrated, made now if there is none of this version."""
    superuser = postgres.superuser_dsn("postgres")
    name = f"template_{service}_{_version(service)}"
    with _locked(f"template_{service}"):
        if not _exists(superuser, name):
            building = f"building_{service}"
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute(f"drop database if exists {building} with (force)".encode())
            make_service_database(superuser, building)
            upgrade(service, postgres.dsn(f"migrate_{service}", building, scheme="postgresql+psycopg"))
            run_after_migrations(superuser, building, [service])
            with psycopg.connect(superuser, autocommit=True) as connection:
                connection.execute(f"alter database {building} rename to {name}".encode())
    return name


def fresh_database(postgres: PostgresSettings, service: str, worker: str) -> str:
    """Return the name of a fresh copy of the service's template for one test worker."""
    template = template_for(postgres, service)
    name = f"test_{service}_{worker}"
    with _locked(f"template_{service}"):  # PostgreSQL copies a template only while nobody uses it
        copy_database(postgres.superuser_dsn("postgres"), template=template, name=name)
    return name
