"""Links to files hold for their time and their file only, on the local object store as on the real one."""

import secrets
import time
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from infra.servers import ConnectionSettings


@pytest.fixture(scope="module")
def client(connections: ConnectionSettings) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=connections.s3.endpoint,
        region_name=connections.s3.region,
        aws_access_key_id=connections.s3.access_key,
        aws_secret_access_key=connections.s3.secret_key,
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
    )


@pytest.fixture
def key(client: Any, connections: ConnectionSettings) -> str:
    name = f"DEMO01/{secrets.token_hex(6)}.txt"
    client.put_object(Bucket=connections.s3.bucket, Key=name, Body=b"board pack", ContentType="text/plain")
    return name


def link_to(client: Any, connections: ConnectionSettings, key: str, seconds: int = 60) -> str:
    params = {"Bucket": connections.s3.bucket, "Key": key}
    return str(client.generate_presigned_url("get_object", Params=params, ExpiresIn=seconds))


def test_a_valid_link_gives_the_file_with_its_type(client: Any, connections: ConnectionSettings, key: str) -> None:
    answer = requests.get(link_to(client, connections, key), timeout=10)

    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"board pack", "text/plain")


def test_an_expired_link_is_refused(client: Any, connections: ConnectionSettings, key: str) -> None:
    link = link_to(client, connections, key, seconds=1)
    time.sleep(2.1)

    assert requests.get(link, timeout=10).status_code == 403


def test_a_link_with_an_altered_signature_is_refused(client: Any, connections: ConnectionSettings, key: str) -> None:
    link = link_to(client, connections, key)
    altered = link[:-1] + ("0" if link[-1] != "0" else "1")

    assert requests.get(altered, timeout=10).status_code == 403


def test_a_link_does_not_open_another_file(client: Any, connections: ConnectionSettings, key: str) -> None:
    link = link_to(client, connections, key)

    assert requests.get(link.replace("DEMO01", "DEMO02"), timeout=10).status_code == 403


def test_a_link_for_reading_does_not_write(client: Any, connections: ConnectionSettings, key: str) -> None:
    assert requests.put(link_to(client, connections, key), data=b"forged", timeout=10).status_code == 403


def test_a_request_without_a_signature_is_refused(connections: ConnectionSettings, key: str) -> None:
    address = f"{connections.s3.endpoint}/{connections.s3.bucket}/{key}"

    assert requests.get(address, timeout=10).status_code == 403
