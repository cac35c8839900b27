"""Slow connections hold up nobody: on the portal's real web process, with fewer threads than slow callers."""

import http.client
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from werkzeug.test import EnvironBuilder

from tests.integration.portal.portal_process import THREADS, portal_process
from tests.integration.portal.portal_under_test import BASE, Browser, PortalUnderTest
from tests.integration.slow_callers import (
    HALF_A_HEAD,
    HOST,
    NOTHING,
    WITHOUT_ITS_BODY,
    ask,
    ended_after,
    line_to,
    send_slowly,
    status_of,
    waiting,
)

EVIDENCE = "/rounds/r1/evidence/i1"
SOON = 4.0
"""Seconds: a busy machine's patience, and less than any wait of gunicorn's own."""


@pytest.fixture(scope="module")
def port(running_portal: PortalUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with portal_process(running_portal, tmp_path_factory.mktemp("portal") / "web.log") as port:
        yield port


def upload(browser: Browser, size: int, *, path: str = EVIDENCE) -> bytes:
    """Return the request with which a browser sends a file and a title."""
    hidden = browser.hidden(browser.get("/note"))
    fields = hidden | {"title": "Minutes", "file": (b"x" * size, "minutes.pdf")}
    return _request(path, fields, browser.session_id or "")


def _request(path: str, fields: Mapping[str, object], session: str) -> bytes:
    parts = {name: _part(value) for name, value in fields.items()}
    request = EnvironBuilder(path, BASE, method="POST", data=parts).get_request()
    body = request.get_data()
    head = (
        f"POST {path} HTTP/1.1\r\n{HOST}Origin: {BASE}\r\nCookie: portal-session={session}\r\n"
        f"Content-Type: {request.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _part(value: object) -> object:
    return (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value


@pytest.mark.parametrize("beginning", [NOTHING, HALF_A_HEAD, WITHOUT_ITS_BODY, "\r\n\r\nG"])
def test_more_slow_strangers_than_threads_hold_up_nobody(port: int, beginning: str) -> None:
    with waiting(port, *[beginning] * (3 * THREADS)):
        time.sleep(0.3)
        asked = [ask(port) for _ in range(5)]

    assert [one.status for one in asked] == [200] * 5
    assert max(one.seconds for one in asked) < SOON


def test_callers_that_do_not_leave_hold_up_nobody(port: int) -> None:
    goodbye = f"GET /health/live HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
    with waiting(port, *[goodbye] * (3 * THREADS)):
        time.sleep(0.3)
        asked = ask(port)

    assert asked.status == 200
    assert asked.seconds < SOON


def test_strangers_who_announce_a_large_body_are_refused_before_it_is_read(port: int) -> None:
    announced = f"POST /note HTTP/1.1\r\n{HOST}Content-Length: 20000000\r\n\r\n" + "a" * 70_000
    began = time.monotonic()
    with waiting(port, *[announced] * (3 * THREADS)) as lines:
        statuses = [status_of(line) for line in lines]

    assert statuses == [413] * (3 * THREADS)
    assert time.monotonic() - began < 3 * SOON


def test_a_body_of_no_announced_length_is_refused_before_it_is_read(port: int) -> None:
    chunked = f"POST /note HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n5\r\n"
    with waiting(port, *[chunked] * (3 * THREADS)) as lines:
        statuses = [status_of(line) for line in lines]

    assert statuses == [411] * (3 * THREADS)


def test_a_head_that_does_not_come_to_its_end_is_ended_after_ten_seconds(port: int) -> None:
    dripping = f"{HALF_A_HEAD}{'x' * 200}\r\n\r\n".encode()
    with ThreadPoolExecutor() as pool, line_to(port) as silent:
        drip = pool.submit(send_slowly, port, dripping, piece=1, every=0.3)
        silent_for = ended_after(silent)
        dripped = drip.result()

    assert dripped.status == 408
    assert 9 < dripped.seconds < 20
    assert 9 < silent_for < 20


def test_a_head_without_an_end_is_refused(port: int) -> None:
    with waiting(port, HALF_A_HEAD + "x" * 70_000) as [line]:
        assert status_of(line) == 431


def test_several_requests_on_one_connection_are_each_answered(port: int) -> None:
    get = f"GET /health/live HTTP/1.1\r\n{HOST}\r\n".encode()
    post = f"POST /session/stay HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\nhello".encode()
    with line_to(port) as line:
        statuses = []
        for request in (get, post, get):
            line.sendall(request)
            statuses.append(_whole_answer(line))
        line.sendall(get + get[:20])
        statuses.append(_whole_answer(line))
        line.sendall(get[20:])
        statuses.append(_whole_answer(line))

    assert statuses == [200, 400, 200, 200, 200]


def _whole_answer(line: socket.socket) -> int:
    answer = http.client.HTTPResponse(line)
    answer.begin()
    answer.read()
    return answer.status


def test_an_upload_by_somebody_signed_in_is_taken(portal: PortalUnderTest, port: int) -> None:
    browser = portal.signed_in()
    portal.services.on("POST", "/rounds/r1/evidence/files", {})

    sent = send_slowly(port, upload(browser, 2_000_000), piece=2_000_000, every=0)

    assert (sent.status, sent.goes_on) == (303, EVIDENCE)


def test_an_upload_that_breaks_off_is_not_taken_for_the_whole(portal: PortalUnderTest, port: int) -> None:
    browser = portal.signed_in()
    portal.services.on("POST", "/rounds/r1/evidence/files", {})
    content = upload(browser, 1_000_000)
    with line_to(port) as line:
        line.sendall(content[:500_000])
        line.shutdown(socket.SHUT_WR)
        status = status_of(line)

    assert status == 400
    assert not portal.services.asked("POST", "/rounds/r1/evidence/files")


@pytest.mark.long
def test_an_honest_upload_on_a_slow_line_is_taken_and_one_that_drips_is_ended(
    portal: PortalUnderTest, port: int
) -> None:
    browser = portal.signed_in()
    portal.services.on("POST", "/rounds/r1/evidence/files", {})
    content = upload(browser, 5_000_000)
    with ThreadPoolExecutor() as pool:
        honest = pool.submit(send_slowly, port, content, piece=20_000, every=0.1)
        drip = pool.submit(send_slowly, port, content, at_once=80_000, piece=1, every=0.3)
        stranger = pool.submit(
            send_slowly,
            port,
            (WITHOUT_ITS_BODY + "x" * 500).encode(),
            at_once=len(WITHOUT_ITS_BODY),
            piece=1,
            every=0.3,
        )
        drips = [drip.result(), stranger.result()]

    assert (honest.result().status, honest.result().goes_on) == (303, EVIDENCE)
    assert honest.result().sent >= len(content)
    assert [one.status for one in drips] == [400, 408]
    assert all(28 < one.seconds < 60 for one in drips)
