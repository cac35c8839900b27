"""Slow connections hold up nobody: on a service's real web process, with fewer threads than slow callers."""

import os
import time
from collections.abc import Iterator

import pytest

from infra.servers import Profile
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from tests.bench.web_process import Door, web_process
from tests.integration.slow_callers import HALF_A_HEAD, HOST, NOTHING, WITHOUT_ITS_BODY, ask, send_slowly, waiting

CALLERS = 24
"""Three times the threads of the one worker."""
UPLOAD = "/v1/rounds/0190aaaa-0000-7000-8000-000000000000/evidence/files"


@pytest.fixture(scope="module")
def door(assessment: ServiceUnderTest) -> Iterator[Door]:
    profile = Profile(os.environ.get("IMPACT_TEST_PROFILE", "test"))
    with web_process(assessment, profile, workers=1, more={"REQUESTS_PER_ADDRESS": "0"}) as door:
        yield door


@pytest.mark.parametrize("beginning", [NOTHING, HALF_A_HEAD, WITHOUT_ITS_BODY])
def test_more_slow_callers_than_threads_hold_up_nobody(door: Door, beginning: str) -> None:
    with waiting(door.port, *[beginning] * CALLERS):
        time.sleep(0.3)
        asked = [ask(door.port) for _ in range(5)]

    assert [one.status for one in asked] == [200] * 5
    assert max(one.seconds for one in asked) < 4


def upload(door: Door, size: int) -> bytes:
    """Return the request with which a lead sends a file."""
    person = door.service.world.person(door.service.world.trust(), Role.IMPROVEMENT_LEAD)
    part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = part.encode() + b"x" * size + b"\r\n--b--\r\n"
    headers = door.headers(person) | {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(body)),
        "Idempotency-Key": "slow-upload",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {UPLOAD} HTTP/1.1\r\n{HOST}{head}\r\n".encode() + body


def test_a_slow_upload_is_read_to_its_end(door: Door) -> None:
    content = upload(door, 600_000)

    answer = send_slowly(door.port, content, piece=20_000, every=0.1)

    assert answer.sent >= len(content)
    assert answer.status in (404, 422)


@pytest.mark.long
def test_a_slow_upload_of_five_megabytes_is_read_to_its_end_and_one_that_stops_is_ended(door: Door) -> None:
    content = upload(door, 5_000_000)

    whole = send_slowly(door.port, content, piece=20_000, every=0.1)
    with waiting(door.port, upload(door, 5_000_000)[:100_000].decode()) as [line]:
        began = time.monotonic()
        line.settimeout(60)
        answered = line.recv(12)
        ended = time.monotonic() - began

    assert whole.sent >= len(content)
    assert whole.status in (404, 422)
    assert answered.startswith(b"HTTP/1.1 4")
    assert 28 < ended < 60
