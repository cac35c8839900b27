"""Fills the servers before our processes start: roles, databases, schemas; users, topics, rights; the files' bucket.

May be run again; what is there is left alone, but `renew` gives broker users the passwords that the environment says
now, as every run does for database roles. Reads its settings from the container's environment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from urllib.parse import quote

from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.topics import read_topics
from infra.postgres import bootstrap
from infra.postgres.roles import SERVICES, login_roles
from shared.config import aws_config
from shared.storage import FilesAway, FileStore

DATABASE = "impact"
STORE_ANSWERS_WITHIN = 60.0


def fill_postgres(environment: Mapping[str, str]) -> str:
    """Make roles, both databases and the schemas; returns the superuser's address for what comes after migrations."""
    password = quote(environment["POSTGRES_PASSWORD"], safe="")
    tls = f"sslmode=verify-full&sslrootcert={environment['CERTIFICATE_AUTHORITY']}"
    superuser = f"postgresql://postgres:{password}@postgres:5432/postgres?{tls}"
    bootstrap.make_roles(superuser, {role: environment[f"{role.upper()}_PASSWORD"] for role in login_roles()})
    bootstrap.make_service_database(superuser, DATABASE)
    bootstrap.make_keycloak_database(superuser)
    return superuser


def fill_kafka(environment: Mapping[str, str], *, renew: bool = False) -> None:
    options = {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "SASL_SSL",
        "ssl_cafile": environment["CERTIFICATE_AUTHORITY"],
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "admin",
        "sasl_plain_password": environment["KAFKA_ADMIN_PASSWORD"],
    }
    topics = read_topics()
    with BrokerAdmin(options) as admin:
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
    superuser = fill_postgres(os.environ)
    if arguments == ["after-migrations"]:
        bootstrap.run_after_migrations(superuser, DATABASE)
    else:
        fill_kafka(os.environ, renew=arguments == ["renew"])
        fill_object_store(os.environ)


if __name__ == "__main__":
    main(sys.argv[1:])
