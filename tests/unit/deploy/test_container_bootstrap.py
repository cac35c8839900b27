"""What fills the servers finds them where the environment says; the bucket is made once, found again, waited for."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from moto.server import ThreadedMotoServer

from deploy.containers import bootstrap
from deploy.containers.bootstrap import fill_object_store
from deploy.processes import administration
from infra.kafka.__main__ import administrator
from infra.postgres.connection import from_environment
from shared.aws import s3_client
from shared.config import MissingSetting, aws_config
from shared.storage import FilesAway

ENVIRONMENT = {
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "impact",
    "AWS_SECRET_ACCESS_KEY": "only-for-tests",
    "S3_BUCKET": "impact",
}


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def test_the_bucket_is_made_once_and_keeps_what_is_in_it(endpoint: str) -> None:
    environment = {**ENVIRONMENT, "S3_ENDPOINT": endpoint}
    store = s3_client(aws_config(environment), endpoint)

    fill_object_store(environment)
    store.put_object(Bucket="impact", Key="kept", Body=b"words")
    fill_object_store(environment)

    assert store.get_object(Bucket="impact", Key="kept")["Body"].read() == b"words"


def test_a_store_that_never_answers_is_not_waited_for_without_end() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"

        with pytest.raises(FilesAway):
            fill_object_store({**ENVIRONMENT, "S3_ENDPOINT": closed}, patience=0)


def everything(**more: str) -> dict[str, str]:
    return dict.fromkeys(administration().settings, "only-for-tests") | {"POSTGRES_ADDRESS": "db.test:6432"} | more


def test_the_database_is_found_where_the_environment_says_and_must_prove_who_it_is() -> None:
    postgres = from_environment(everything(POSTGRES_PASSWORD="a/b", POSTGRES_CA_FILE="/run/authorities/postgres.crt"))

    found = urlsplit(postgres.superuser_dsn("postgres"))
    assert (found.hostname, found.port, found.username, found.password) == ("db.test", 6432, "postgres", "a%2Fb")
    assert found.query == "sslmode=verify-full&sslrootcert=/run/authorities/postgres.crt"
    assert "?" not in from_environment(everything(POSTGRES_CA_FILE="")).superuser_dsn()


def test_the_broker_is_found_where_the_environment_says() -> None:
    options = administrator(everything(KAFKA_BOOTSTRAP="broker.test:9093", KAFKA_CA_FILE="/run/authorities/kafka.crt"))

    assert options["bootstrap_servers"] == "broker.test:9093"
    assert options["ssl_cafile"] == "/run/authorities/kafka.crt"


@pytest.mark.parametrize("missing", ["POSTGRES_ADDRESS", "APP_INSIGHT_PASSWORD", "KEYCLOAK_PASSWORD"])
def test_a_missing_setting_is_named_before_anything_is_made(missing: str) -> None:
    with pytest.raises(MissingSetting, match=missing):
        bootstrap.fill_postgres({name: value for name, value in everything().items() if name != missing})
