"""A consumer whose broker is away at its start waits for it: it neither ends nor makes a client that gives up."""

import argparse
import logging
import socket
import time
from typing import Any

import pytest

from shared import kafka, worker
from shared.config import KafkaConfig, service_config
from shared.kafka import wait_until_a_broker_listens

NOBODY_THERE = "127.0.0.1:9"
SETTINGS = {
    "MODE": "test",
    "PORTAL_URL": "http://localhost:8000",
    "DATABASE_URL": "postgresql+psycopg://app_assessment@127.0.0.1:9/impact",
    "KAFKA_BOOTSTRAP": NOBODY_THERE,
    "KAFKA_USERNAME": "assessment",
    "KAFKA_PASSWORD": "not asked for",
}


class Stop(worker.StopFlag):
    """Tells the process to end after a few beats of its heart."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.beats: list[float] = []
        self._after = after

    def beat(self) -> None:
        self.beats.append(time.monotonic())

    def __call__(self) -> bool:
        return len(self.beats) >= self._after


def broker(bootstrap: str) -> KafkaConfig:
    config = service_config("assessment", "consumer", SETTINGS | {"KAFKA_BOOTSTRAP": bootstrap}).kafka
    assert config is not None
    return config


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "LOOK", 0.01)


def test_a_consumer_waits_with_a_heartbeat_says_so_once_and_ends_when_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def too_early(*_: Any) -> None:
        raise AssertionError("made a consumer although no broker listens")

    monkeypatch.setattr(worker, "build_consumer", too_early)
    monkeypatch.setattr(worker, "parts_of", lambda *_: None)
    stop = Stop(after=3)

    with caplog.at_level(logging.WARNING):
        config = service_config("assessment", "consumer", SETTINGS)
        worker._run(argparse.Namespace(role="consumer", as_of=None), config, stop, stop.beat)

    assert len(stop.beats) == 3
    assert [record.message for record in caplog.records] == ["The broker is away"]


def test_one_of_several_brokers_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = f"127.0.0.1:{listening.getsockname()[1]}"
        stop = Stop(after=1)

        wait_until_a_broker_listens(broker(f"{NOBODY_THERE},{there}"), stop=stop, on_turn=stop.beat)

    assert stop.beats == []


@pytest.mark.parametrize(
    ("bootstrap", "asked"),
    [
        ("broker", ("broker", 9092)),
        ("[::1]:9094", ("::1", 9094)),
        ("[::1]", ("::1", 9092)),
        ("SASL_SSL://broker:9094", ("broker", 9094)),
    ],
)
def test_an_address_is_read_as_the_client_reads_it(
    monkeypatch: pytest.MonkeyPatch, bootstrap: str, asked: tuple[str, int]
) -> None:
    tried: list[tuple[str, int]] = []

    def nobody(address: tuple[str, int], **_: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", nobody)
    stop = Stop(after=1)

    wait_until_a_broker_listens(broker(bootstrap), stop=stop, on_turn=stop.beat)

    assert tried == [asked]


def test_a_name_that_is_not_known_yet_is_waited_for() -> None:
    stop = Stop(after=2)

    wait_until_a_broker_listens(broker("broker.invalid:9092"), stop=stop, on_turn=stop.beat)

    assert len(stop.beats) == 2
