"""Fills the servers before our processes start: roles, databases, schemas; users, topics, rights; the files' bucket.

May be run again; what is there is left alone, but `renew` gives broker users the passwords that the environment says
now, as every run does for database roles. Where the servers are and every password comes from the environment:
`administration()` of deploy/processes.py lists the names, compose and a cluster give the values.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping

from infra.kafka.__main__ import administrator
from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.topics import read_topics
from infra.postgres import bootstrap
from infra.postgres.connection import PostgresSettings, from_environment
from infra.postgres.roles import SERVICES
from shared.config import aws_config
from shared.storage import FilesAway, FileStore

DATABASE = "impact"
STORE_ANSWERS_WITHIN = 60.0


def fill_postgres(environment: Mapping[str, str]) -> PostgresSettings:
    """Make roles, both databases and the schemas; returns how the database is reached."""
    postgres = from_environment(environment, DATABASE)
    superuser = postgres.superuser_dsn("postgres")
    bootstrap.make_roles(superuser, postgres.passwords)
    bootstrap.make_service_database(superuser, DATABASE)
    bootstrap.make_keycloak_database(superuser)
    return postgres


def fill_kafka(environment: Mapping[str, str], *, renew: bool = False) -> None:
    topics = read_topics()
    with BrokerAdmin(administrator(environment)) as admin:
        admin.make_users({name: environment[f"KAFKA_{name.upper()}_PASSWORD"] for name in SERVICES}, renew=renew)
        admin.make_topics(topics)
        admin.regulate(topics)


def fill_object_store(environment: Mapping[str, str], *, patience: float = STORE_ANSWERS_WITHIN) -> None:
    """Make the bucket. The store's image has nothing that says when it is ready, so it is asked until it answers."""
    store, deadline = FileStore(aws_config(environment)), time.monotonic() + patience
    while True:
        try:
            store.make_bucket()
            return
        except FilesAway:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def main(arguments: list[str]) -> None:
    """`renew` changes broker users' passwords too; `after-migrations` does only what comes after all migrations."""
    postgres = fill_postgres(os.environ)
    if arguments == ["after-migrations"]:
        bootstrap.run_after_migrations(postgres.superuser_dsn(), DATABASE)
    else:
        fill_kafka(os.environ, renew=arguments == ["renew"])
        fill_object_store(os.environ)


if __name__ == "__main__":
    main(sys.argv[1:])
