"""The containers' bucket: made once, found again, waited for."""

import socket
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from deploy.containers.bootstrap import fill_object_store
from shared.aws import s3_client
from shared.config import aws_config
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
