"""F19: the store fails, refuses, dawdles, breaks off: no row without its file is ever seen, no file is left over."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import IO

import pytest

from shared.aws import s3_client
from shared.clock import FrozenClock
from shared.config import AwsConfig
from shared.scanning import ScannerAway
from shared.storage import FileStore
from shared.testing import sample_files
from shared.testing.faulty_store import FaultyStore, faulty_store
from tests.integration.assessment.evidence_shelf import Shelf

PAGES_GIVE_UP_AFTER = 10
LONG = sample_files.PDF.replace(b"endobj", b"% " + b"x" * 400_000 + b"\nendobj")


@pytest.fixture
def proxy(aws: AwsConfig) -> Iterator[FaultyStore]:
    with faulty_store(str(aws.s3_endpoint)) as server:
        yield server


@pytest.fixture
def through(shelf: Shelf, proxy: FaultyStore) -> AwsConfig:
    """Let the service reach the store through the proxy; return the settings for the scheduler as well."""
    settings = replace(shelf.aws, s3_endpoint=proxy.endpoint)
    shelf.board.service.app.extensions["files"] = FileStore(settings)
    return settings


def in_minutes(minutes: int) -> FrozenClock:
    return FrozenClock(datetime.now(UTC) + timedelta(minutes=minutes))


@pytest.mark.parametrize("fault", ["500", "503", "403", "cut", "slow"])
def test_a_store_that_fails_is_said_in_time_and_nothing_is_seen_or_left(
    shelf: Shelf, proxy: FaultyStore, through: AwsConfig, fault: str
) -> None:
    round_id = shelf.board.open()
    proxy.fault = fault
    begun = time.monotonic()

    answer = shelf.add_file(round_id, content=LONG)
    took = time.monotonic() - begun
    seen = [shelf.shown(round_id, by=one)["items"] for one in (shelf.board.lead, shelf.board.members[0])]
    proxy.fault = None
    shelf.work(clock=in_minutes(20), aws=through)

    assert (answer.status_code, answer.json["type"]) == (503, "/problems/files-away")
    assert took < PAGES_GIVE_UP_AFTER
    assert seen == [[], []]
    assert (shelf.objects(), shelf.rows(), shelf.rows("evidence")) == ([], [], [])


def test_after_a_bad_moment_the_same_form_adds_the_file_once(
    shelf: Shelf, proxy: FaultyStore, through: AwsConfig
) -> None:
    round_id = shelf.board.open()
    proxy.fault = "500"
    assert shelf.add_file(round_id, key="form").status_code == 503

    proxy.fault = None
    again = shelf.add_file(round_id, key="form")
    shelf.work(clock=in_minutes(20), aws=through)

    assert again.status_code == 201
    assert [one["file"]["state"] for one in shelf.shown(round_id)["items"]] == ["ready"]
    assert len(shelf.objects()) == len(shelf.rows()) == 1


def test_a_file_is_not_opened_before_a_scan_that_could_not_be_made_is_made(
    shelf: Shelf, proxy: FaultyStore, through: AwsConfig
) -> None:
    round_id = shelf.board.open()
    piece = shelf.add_file(round_id).json["items"][0]["id"]

    proxy.fault = "500"
    shelf.work(aws=through)
    waiting = shelf.link_to(round_id, piece)
    proxy.fault = None
    shelf.work(clock=in_minutes(1), aws=through)

    assert waiting.status_code == 409
    assert shelf.link_to(round_id, piece).status_code == 200


class AwayScanner:
    """A scanner that does not answer."""

    def scan(self, file: IO[bytes]) -> str | None:
        raise ScannerAway("not there")


def test_a_scanner_that_is_away_keeps_the_file_in_quarantine_until_it_is_back(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    shelf.add_file(round_id)

    shelf.work(scanner=AwayScanner())
    waiting = shelf.shown(round_id)["items"][0]["file"]["state"]
    shelf.work(clock=in_minutes(1))

    assert (waiting, shelf.shown(round_id)["items"][0]["file"]["state"]) == ("checking", "ready")


def test_content_that_is_not_what_was_sent_is_never_opened(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    shelf.add_file(round_id)
    store = s3_client(shelf.aws, shelf.aws.s3_endpoint)
    store.put_object(Bucket=shelf.aws.bucket, Key=shelf.rows()[0]["key"], Body=b"something else")

    shelf.work()

    file = shelf.shown(round_id)["items"][0]["file"]
    assert (file["state"], file["refused_because"]) == ("refused", "damaged")


def test_content_that_vanished_before_the_scan_is_refused(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    shelf.add_file(round_id)
    s3_client(shelf.aws, shelf.aws.s3_endpoint).delete_object(Bucket=shelf.aws.bucket, Key=shelf.rows()[0]["key"])

    shelf.work()

    assert shelf.shown(round_id)["items"][0]["file"]["refused_because"] == "damaged"


def test_a_file_that_comes_after_the_self_assessment_was_put_forward_is_swept(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = shelf.board
    round_id = board.open()
    board.everybody_answers(round_id)
    board.close(round_id)
    board.record_everything(round_id)
    files: FileStore = board.service.app.extensions["files"]
    put = files.put

    def put_meanwhile(key: str, content: IO[bytes], media_type: str) -> None:
        put(key, content, media_type)
        board.do(board.lead, round_id, "agree")

    monkeypatch.setattr(files, "put", put_meanwhile)
    answer = shelf.add_file(round_id)
    there = shelf.objects()
    shelf.work(clock=in_minutes(20))

    assert answer.status_code == 409
    assert len(there) == 1
    assert (shelf.objects(), shelf.rows(), shelf.rows("evidence")) == ([], [], [])
