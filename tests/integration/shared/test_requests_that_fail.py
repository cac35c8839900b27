"""Rehearses the alert RequestsFail: errors of ours count for it, refusals do not, and it is over when they are."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from shared import replica
from shared.contracts.roles import Role
from shared.database import Database
from shared.metrics import REQUEST_SECONDS
from shared.testing.service_under_test import Client, ServiceUnderTest

ROOT = Path(__file__).resolve().parents[3]
WORDS = "what somebody wrote in confidence"


@pytest.fixture
def manager(notification: ServiceUnderTest) -> Client:
    return notification.client(notification.world.person(notification.world.trust(), Role.ACCESS_MANAGER))


@pytest.fixture
def fires() -> Callable[[float], bool]:
    """Say whether the alert's rule would fire at this share of errors."""
    groups = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())["groups"]
    (rule,) = (each for group in groups for each in group["rules"] if each["alert"] == "RequestsFail")
    found = re.search(r"> ([0-9.]+)$", rule["expr"])
    assert found is not None
    assert rule["expr"].count('status=~"5.."') == 1
    return lambda share: share > float(found[1])


def counted() -> dict[str, float]:
    """How many requests were answered so far, by status, as a collector reads it."""
    totals: dict[str, float] = {}
    for family in REQUEST_SECONDS.collect():
        for sample in family.samples:
            if sample.name == "http_request_seconds_count":
                status = sample.labels["status"]
                totals[status] = totals.get(status, 0) + sample.value
    return totals


class Share:
    """The share of errors of ours among the requests that were answered within a block."""

    value = 0.0


@contextmanager
def share_of_errors() -> Iterator[Share]:
    before, found = counted(), Share()
    yield found
    new = {status: total - before.get(status, 0) for status, total in counted().items()}
    found.value = sum(total for status, total in new.items() if status.startswith("5")) / sum(new.values())


def test_a_database_that_is_away_is_answered_503_and_counts_until_it_is_back(
    notification: ServiceUnderTest,
    manager: Client,
    fires: Callable[[float], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with share_of_errors() as away, monkeypatch.context() as meanwhile:
        nowhere = Database("postgresql+psycopg://127.0.0.1:1/impact", pool_size=1)
        meanwhile.setattr(notification.app.extensions["service"], "database", nowhere)
        refused = manager.get("/v1/audit")
    with share_of_errors() as back:
        again = manager.get("/v1/audit")

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert refused.json["detail"] == "Nothing was lost. Try again in a moment."
    assert again.status_code == 200
    assert (fires(away.value), fires(back.value)) == (True, False)


def test_a_bug_is_answered_500_with_a_reference_and_its_trace_is_in_the_log_alone(
    manager: Client, fires: Callable[[float], bool], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> frozenset[str]:
        raise ZeroDivisionError(WORDS)

    monkeypatch.setattr(replica, "current_roles", broken)
    with share_of_errors() as share:
        answer = manager.get("/v1/audit", headers={"X-Request-Id": "a-request-of-somebody"})

    (record,) = (each for each in caplog.records if each.getMessage() == "Unexpected error")
    assert answer.status_code == 500
    assert answer.json["request_id"] == answer.headers["X-Request-Id"] == "a-request-of-somebody"
    assert WORDS not in answer.text
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError
    assert fires(share.value)


def test_one_error_in_many_and_what_people_do_wrong_wake_nobody(
    notification: ServiceUnderTest,
    manager: Client,
    fires: Callable[[float], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with share_of_errors() as share:
        for _ in range(120):
            notification.client_with(None).get("/v1/audit")
            manager.get("/v1/audit", query_string={"cursor": "made up"})
        monkeypatch.setattr(replica, "current_roles", lambda _: 1 / 0)
        manager.get("/v1/audit")

    assert share.value > 0
    assert not fires(share.value)
