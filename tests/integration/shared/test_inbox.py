"""A key's line after a dead letter, where each event stands for itself."""

from collections.abc import Iterator

import pytest

from shared import inbox
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest

TOPIC = "impact.notification"


@pytest.fixture
def uow(notification: ServiceUnderTest) -> Iterator[UnitOfWork]:
    """Return an open transaction of the service itself; nothing of it is kept."""
    with notification.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("stands_at", "dead", "goes_on_at"),
    [(0, 1, 1), (4, 5, 5), (4, 3, 4), (4, 4, 4), (4, 7, 4)],
    ids=["the very first", "the next", "an old one", "one handled before", "one that came early"],
)
def test_only_the_next_in_line_is_stepped_over(uow: UnitOfWork, stands_at: int, dead: int, goes_on_at: int) -> None:
    key = str(new_id())
    if stands_at:
        inbox.advance(uow, "notification", TOPIC, key, stands_at)

    inbox.step_over(uow, "notification", TOPIC, key, dead)

    assert inbox.position(uow, "notification", TOPIC, key) == goes_on_at
