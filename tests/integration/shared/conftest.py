"""The event path between two services."""

import logging
from collections.abc import Callable, Collection, Iterator

import psycopg
import pytest

from infra.servers import ConnectionSettings
from shared.config import KafkaConfig
from shared.observability import JsonFormatter
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.event_path import TOPIC, EventPath


@pytest.fixture
def path(
    action_plan: ServiceUnderTest,
    notification: ServiceUnderTest,
    broker: Callable[[Collection[str]], Callable[[str], KafkaConfig]],
    servers: ConnectionSettings,
    worker: str,
) -> Iterator[EventPath]:
    """Return an event path for an organisation of its own; what other tests left unsent is not sent by this one."""
    with psycopg.connect(action_plan.superuser_url) as connection:
        connection.execute("delete from action_plan.outbox")
    relay_url = servers.postgres.dsn("relay_action_plan", f"test_action_plan_{worker}")
    event_path = EventPath(action_plan, notification, broker([TOPIC]), relay_url)
    yield event_path
    event_path.close()


@pytest.fixture
def logging_of_a_process() -> Iterator[None]:
    """Let a test be a whole process that says where its log goes; afterwards that is forgotten, as when it ends."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler.formatter, JsonFormatter)]
