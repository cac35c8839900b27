"""A machine that asks too often is told when to go on; everybody else notices nothing, and no request pays for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared.clock import FrozenClock
from shared.config import RateLimits
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.rate_limits import RateLimiter, TooManyRequests
from shared.service_state import state_of
from shared.testing.service_under_test import ServiceUnderTest

NOON = datetime(2027, 3, 28, 12, 0, 20, tzinfo=UTC)
NEVER = 0.0
"""No thread: the test settles by itself."""


def limiter(service: ServiceUnderTest, clock: FrozenClock) -> RateLimiter:
    return RateLimiter(service.config.database_url, clock, every=NEVER)


def counted(limiter_: RateLimiter, subject: str, times: int, allowed: int = 10) -> None:
    for _ in range(times):
        limiter_.count(subject, allowed)


def test_the_last_allowed_request_passes_and_the_next_is_told_to_wait(notification: ServiceUnderTest) -> None:
    one, subject = limiter(notification, FrozenClock(NOON)), f"person {new_id()}"
    counted(one, subject, 10)

    with pytest.raises(TooManyRequests) as refused:
        one.count(subject, 10)

    assert refused.value.headers["Retry-After"] == "40"


def test_processes_count_together_once_they_have_settled(notification: ServiceUnderTest) -> None:
    clock, subject = FrozenClock(NOON), f"person {new_id()}"
    one, other = limiter(notification, clock), limiter(notification, clock)
    counted(one, subject, 6)
    counted(other, subject, 3)

    one.settle()
    other.settle()
    other.count(subject, 10)

    with pytest.raises(TooManyRequests):
        other.count(subject, 10)


def test_a_new_minute_begins_with_nothing_counted(notification: ServiceUnderTest) -> None:
    clock, subject = FrozenClock(NOON), f"person {new_id()}"
    one = limiter(notification, clock)
    counted(one, subject, 10)
    one.settle()

    clock.advance(timedelta(seconds=41))

    counted(one, subject, 10)


def test_without_a_database_a_process_counts_by_itself_and_settles_later(notification: ServiceUnderTest) -> None:
    clock, subject = FrozenClock(NOON), f"person {new_id()}"
    alone = RateLimiter("postgresql://nobody@127.0.0.1:1/nowhere", clock, every=NEVER)
    counted(alone, subject, 7)

    with pytest.raises(psycopg.Error):
        alone.settle()
    alone._url = limiter(notification, clock)._url
    alone.settle()

    assert requests_of(notification, subject) == 7
    counted(alone, subject, 3)
    with pytest.raises(TooManyRequests):
        alone.count(subject, 10)


def requests_of(service: ServiceUnderTest, subject: str) -> int:
    with psycopg.connect(service.superuser_url) as connection:
        query = "select sum(requests) from notification.request_count where subject = %s"
        row = connection.execute(query, [subject]).fetchone()
    return int(row[0] or 0) if row else 0


@pytest.fixture
def limited(notification: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> ServiceUnderTest:
    """Return the service with a limit of three requests a minute, on a clock that stands still."""
    state = state_of(notification.app)
    limits = RateLimits(per_person=3, per_address=3)
    monkeypatch.setattr(state, "config", replace(state.config, rate_limits=limits))
    monkeypatch.setattr(state, "limiter", limiter(notification, FrozenClock(NOON)))
    return notification


def test_a_person_over_the_limit_gets_a_problem_and_nobody_else_does(limited: ServiceUnderTest) -> None:
    flooding = limited.client(limited.world.national(Role.OPERATOR))
    other = limited.client(limited.world.national(Role.OPERATOR))
    before = [flooding.get("/v1/operations").status_code for _ in range(3)]

    refused = flooding.get("/v1/operations")

    assert before == [200, 200, 200]
    assert refused.status_code == 429
    assert refused.json["type"] == "/problems/too-many-requests"
    assert refused.headers["Retry-After"] == "40"
    assert other.get("/v1/operations").status_code == 200


def test_guessing_tokens_counts_for_the_address_and_signed_in_people_go_on(limited: ServiceUnderTest) -> None:
    guesses = [limited.client_with("guess").get("/v1/operations").status_code for _ in range(4)]

    assert guesses == [401, 401, 401, 429]
    assert limited.client(limited.world.national(Role.OPERATOR)).get("/v1/operations").status_code == 200


def test_counting_sends_no_statement_in_a_request(limited: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = limited.client(limited.world.national(Role.OPERATOR))
    with limited.counted_statements() as with_limits:
        operator.get("/v1/operations")
    state = state_of(limited.app)
    monkeypatch.setattr(state, "config", replace(state.config, rate_limits=RateLimits()))
    with limited.counted_statements() as without:
        operator.get("/v1/operations")

    assert len(with_limits) == len(without)
