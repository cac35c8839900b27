"""A running broker is compared with the topic files; passwords of its users can be changed."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from infra.kafka.__main__ import main
from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.drift import differences
from infra.kafka.topics import Topic
from infra.servers import Servers

TOPICS = [Topic("impact.assessment", "assessment", ("insight",), 2, -1)]


@pytest.fixture
def prefix() -> str:
    return f"t{secrets.token_hex(4)}-"


@pytest.fixture
def admin(local_servers: Servers, prefix: str) -> Iterator[BrokerAdmin]:
    """Return the broker's administrator, with TOPICS made under this test's prefix."""
    with BrokerAdmin(local_servers.settings.kafka.client_options("admin")) as administrator:
        administrator.make_topics(TOPICS, prefix)
        administrator.regulate(TOPICS, prefix)
        yield administrator
        administrator.remove(prefix)


def test_a_broker_just_filled_is_as_the_files_say(admin: BrokerAdmin, prefix: str) -> None:
    assert differences(TOPICS, admin, prefix) == []


def test_every_difference_is_named(admin: BrokerAdmin, prefix: str) -> None:
    wanted = [
        replace(TOPICS[0], partitions=3, retention_ms=1000, consumers=("notification",)),
        Topic("impact.measure", "action_plan", ("notification",), 1, -1),
    ]

    found = differences(wanted, admin, prefix)

    assert f"topic {prefix}impact.assessment: 2 partitions kept for -1 ms instead of 3 for 1000" in found
    assert f"topic {prefix}impact.measure is missing" in found
    assert f"missing: notification may read topic {prefix}impact.assessment from *" in found
    assert f"not ours: insight may read topic {prefix}impact.assessment from *" in found


def test_a_topic_that_no_file_knows_is_named(admin: BrokerAdmin, prefix: str) -> None:
    assert f"topic {prefix}impact.assessment is not ours" in differences([], admin, prefix)


def test_the_command_needs_to_know_whom_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift"], {}) == 1
    assert main([], {}) == 64
    assert "KAFKA_BOOTSTRAP" in capsys.readouterr().err


def test_a_user_signs_in_with_the_new_password_only(admin: BrokerAdmin, local_servers: Servers) -> None:
    user, old, new = f"user{secrets.token_hex(4)}", secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    admin.make_users({user: old})

    kept = admin.make_users({user: new})
    renewed = admin.make_users({user: new}, renew=True)

    assert (kept, renewed) == ([], [user])
    options = local_servers.settings.kafka.client_options("admin") | {"sasl_plain_username": user}
    KafkaAdminClient(**options | {"sasl_plain_password": new}).close()
    with pytest.raises(KafkaError):
        KafkaAdminClient(**options | {"sasl_plain_password": old}, bootstrap_timeout_ms=3000)
