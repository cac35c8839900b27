"""When a request has arrived, and until when it may."""

import pytest

from deploy.reading_in_time import BODY_WITHIN, HEAD_WITHIN, HELD, LONGEST_HEAD, MINIMUM_RATE, Arrival

HEAD = b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n"


@pytest.mark.parametrize("cut", range(1, len(HEAD) + 10))
def test_a_request_is_here_when_its_last_byte_is_wherever_it_was_cut(cut: int) -> None:
    whole = HEAD + b"0123456789"
    arrival = Arrival(whole[:cut], 0.0)
    before = arrival.is_here
    arrival.add(whole[cut:], 0.0)

    assert not before
    assert arrival.is_here


def test_a_request_without_a_body_is_here_with_its_head() -> None:
    assert Arrival(b"GET / HTTP/1.1\r\nX: content-length: 5\r\n\r\n", 0.0).is_here


def test_of_a_large_body_only_the_beginning_is_waited_for() -> None:
    head = b"POST / HTTP/1.1\r\ncontent-length:  20000000\r\n\r\n"

    assert not Arrival(head + b"x" * (HELD - 1), 0.0).is_here
    assert Arrival(head + b"x" * HELD, 0.0).is_here


def test_a_head_has_ten_seconds_however_much_of_it_comes() -> None:
    arrival = Arrival(HEAD[:5], 100.0)
    arrival.add(HEAD[5:20], 109.0)

    assert arrival.late_at == 100.0 + HEAD_WITHIN


def test_a_body_has_thirty_seconds_from_its_head_and_more_as_it_comes() -> None:
    arrival = Arrival(b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n", 100.0)
    arrival.add(b"x" * 50_000, 120.0)

    assert arrival.late_at == 100.0 + BODY_WITHIN + 50_000 / MINIMUM_RATE


def test_a_head_that_never_ends_is_too_long() -> None:
    assert not Arrival(b"x" * LONGEST_HEAD, 0.0).is_too_long
    assert Arrival(b"x" * (LONGEST_HEAD + 1), 0.0).is_too_long
