"""One service at a time, on a real PostgreSQL: `assessment`, `action_plan` and so on are services under test.

A plugin of tests/conftest.py, so that integration and security tests share the fixtures.
"""

import importlib
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.topics import read_topics
from infra.servers import ConnectionSettings
from infra.servers.testing import servers_for_tests
from shared.config import AwsConfig, KafkaConfig, ServiceConfig
from shared.database import Database
from shared.testing.databases import fresh_database
from shared.testing.service_under_test import ServiceUnderTest, service_config_for_tests
from shared.testing.token_mint import TokenMint


@contextmanager
def service_under_test(
    name: str, servers: ConnectionSettings, mint: TokenMint, worker: str
) -> Iterator[ServiceUnderTest]:
    """One service on a fresh database that belongs to this worker."""
    database_name = fresh_database(servers.postgres, name, worker)
    url = servers.postgres.dsn(f"app_{name}", database_name, scheme="postgresql+psycopg")
    config = service_config_for_tests(name, url, mint)
    if name == "insight":
        config = with_insights_logins(config, servers, database_name)
    database = Database(url, pool_size=8)
    app = importlib.import_module(f"services.{name}.app").create_app(config, database=database)
    yield ServiceUnderTest(name, app, database, servers.postgres.superuser_dsn(database_name), mint, config)
    database.dispose()


def with_insights_logins(config: ServiceConfig, servers: ConnectionSettings, database_name: str) -> ServiceConfig:
    from services.insight.config import with_further_logins

    def url(role: str) -> str:
        return servers.postgres.dsn(role, database_name, scheme="postgresql+psycopg")

    logins = {"AGGREGATOR_DATABASE_URL": url("aggregator_insight"), "NATIONAL_DATABASE_URL": url("national_insight")}
    return with_further_logins(config, logins)


def _fixture(name: str) -> Any:
    @pytest.fixture(scope="session", name=name)
    def service(servers: ConnectionSettings, mint: TokenMint, worker: str) -> Iterator[ServiceUnderTest]:
        with service_under_test(name, servers, mint, worker) as under_test:
            yield under_test

    return service


directory = _fixture("directory")
assessment = _fixture("assessment")
action_plan = _fixture("action_plan")
competency_framework = _fixture("competency_framework")
notification = _fixture("notification")
insight = _fixture("insight")


@pytest.fixture(scope="session")
def outside(servers: ConnectionSettings) -> ConnectionSettings:
    """Return how to reach what lies outside a service: the object store and the stand-in of the mail service."""
    if "IMPACT_TEST_PROFILE" in os.environ:
        return servers
    return servers_for_tests(only=["postgres", "s3", "ses"]).settings


@pytest.fixture(scope="session")
def aws(outside: ConnectionSettings) -> AwsConfig:
    """Return the settings with which a service reaches both."""
    s3, ses = outside.s3, outside.ses
    return AwsConfig(s3.region, s3.access_key, s3.secret_key, s3.endpoint, ses.endpoint, s3.bucket, ses.sender)


Broker = Callable[[str], KafkaConfig]


@contextmanager
def own_topics(servers: ConnectionSettings, worker: str, names: Collection[str]) -> Iterator[Broker]:
    """Topics under a prefix that nobody else uses, with the permissions of the real ones; removed afterwards."""
    prefix = f"{worker}-{secrets.token_hex(3)}."
    topics = [topic for topic in read_topics() if topic.name in names]
    with BrokerAdmin(servers.kafka.client_options("admin")) as admin:
        admin.make_topics(topics, prefix)
        admin.regulate(topics, prefix)

    def settings(service: str) -> KafkaConfig:
        return KafkaConfig(
            bootstrap=servers.kafka.bootstrap,
            username=service,
            password=servers.kafka.passwords[service],
            security_protocol="SASL_PLAINTEXT",
            topic_prefix=prefix,
            group_prefix=prefix,
            session_timeout_ms=10_000,
            cafile=None,
        )

    yield settings
    with BrokerAdmin(servers.kafka.client_options("admin")) as admin:
        admin.remove(prefix)


@pytest.fixture
def broker(servers: ConnectionSettings, worker: str) -> Iterator[Callable[[Collection[str]], Broker]]:
    """Return a maker of topics that only this test uses: given their names, the settings of a service's Kafka user."""
    with ExitStack() as opened:
        yield lambda names: opened.enter_context(own_topics(servers, worker, names))
