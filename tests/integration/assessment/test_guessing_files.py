"""T11: files are found by nobody who guesses, listed for nobody, and links to them stand in no log."""

import io
import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import psycopg
import pytest
import requests

from shared.observability import configure_logging
from shared.storage import FileStore
from tests.integration.assessment.boards import found_board
from tests.integration.assessment.evidence_shelf import Shelf, nobodys_id

NAMES_BEFORE = ("boto3", "botocore", "urllib3", "kafka", "werkzeug")
LISTINGS = ("", "?list-type=2", "?list-type=2&prefix={tenant}/", "?versions", "?uploads", "?acl", "?policy")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what a web process writes to its log when it is asked for every detail."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in NAMES_BEFORE}
    configure_logging("assessment", "web", "DEBUG")
    lines = io.StringIO()
    root.handlers[0].setStream(lines)  # type: ignore[attr-defined]
    yield lines
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


def opened(shelf: Shelf) -> tuple[str, str]:
    """Return a link to a file, and the file's key."""
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)
    return str(shelf.link_to(round_id, piece).json["link"]), str(shelf.rows()[0]["key"])


def answers_to(addresses: list[str]) -> Counter[int]:
    """Ask for every address, a few at once on kept connections; return how often each status was answered."""
    kept = local()

    def ask(address: str) -> int:
        kept.session = getattr(kept, "session", None) or requests.Session()
        return int(kept.session.get(address, timeout=20).status_code)

    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(ask, addresses))


@pytest.mark.parametrize("guesses", [200, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_guessed_addresses_of_files_open_nothing(shelf: Shelf, guesses: int) -> None:
    """A third bare, a third with a signature made up, a third with that of a real link to another file."""
    link, key = opened(shelf)
    place, _, signed = link.partition("?")
    base = place.removesuffix(key)
    addresses = []
    for number in range(guesses):
        guess = f"{base}{FileStore.new_key(shelf.board.tenant)}"
        made_up = f"{signed.rpartition('=')[0]}={secrets.token_hex(32)}"
        addresses.append([guess, f"{guess}?{made_up}", f"{guess}?{signed}"][number % 3])

    answers = answers_to(addresses)

    assert requests.get(link, timeout=20).status_code == 200, "the link opens nothing, so nothing is shown"
    assert answers.keys() <= {403, 404}


@pytest.mark.parametrize("guesses", [100, pytest.param(10_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_guessed_pieces_of_evidence_have_no_link(shelf: Shelf, guesses: int) -> None:
    """Those of others look exactly like those that nobody has."""
    round_id = shelf.board.open()
    others = Shelf(found_board(shelf.board.service), shelf.aws)
    others_piece = others.ready_file(others.board.open())
    asked = shelf.link_to(round_id, others_piece)

    answers = [shelf.link_to(round_id, nobodys_id()) for _ in range(guesses)]

    def shown(answer: Any) -> tuple[int, dict[str, Any]]:
        return answer.status_code, {name: value for name, value in answer.json.items() if name != "request_id"}

    assert asked.status_code == 404
    assert [answer for answer in answers if shown(answer) != shown(asked)] == []


def test_keys_are_never_twice_the_same(shelf: Shelf) -> None:
    keys = {FileStore.new_key("X") for _ in range(10_000)}

    assert len(keys) == 10_000
    assert {len(key) for key in keys} == {len("X/") + 32}


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("signed", [False, True], ids=["bare", "with the signature of a link"])
def test_nobody_lists_the_files(shelf: Shelf, listing: str, signed: bool) -> None:
    link, key = opened(shelf)
    place, _, signature = link.partition("?")
    bucket = place.removesuffix(f"/{key}")
    query = listing.format(tenant=shelf.board.tenant)
    address = bucket + (query or "?") + (f"&{signature}" if signed else "")

    for asked in (address, address.replace(bucket, bucket.rpartition("/")[0] + "/")):
        answer = requests.get(asked, timeout=20)
        assert answer.status_code in (400, 403, 501), asked
        assert key.partition("/")[2] not in answer.text


@pytest.mark.parametrize("way", ["../{other}", "..%2f{other}", "{other}/../{own}", "%2e%2e/{other}"])
def test_a_link_leads_to_no_other_place(shelf: Shelf, way: str) -> None:
    link, key = opened(shelf)
    others = Shelf(found_board(shelf.board.service), shelf.aws)
    _, others_key = opened(others)

    moved = link.replace(key, way.format(other=others_key, own=key))
    with requests.Session() as session:
        request = requests.Request("GET", link).prepare()
        request.url = moved
        answer = session.send(request, timeout=20)

    assert answer.status_code in (400, 403, 404)


def test_a_link_and_the_key_in_it_stand_in_no_log_no_trail_and_no_event(shelf: Shelf, log: io.StringIO) -> None:
    service = shelf.board.service

    link, key = opened(shelf)

    with psycopg.connect(service.superuser_url) as connection:
        written = [
            str(connection.execute(f"select json_agg(t) from {service.name}.{table} t".encode()).fetchone())
            for table in ("audit_entry", "outbox", "idempotency_key")
        ]
    signature = link.rpartition("=")[2]
    assert "X-Amz-Signature" in link
    assert log.getvalue().count("\n") >= 3, "nothing was logged, so nothing is shown"
    for place in (log.getvalue(), *written):
        assert [word for word in (signature, "X-Amz-", key.partition("/")[2]) if word in place] == []
