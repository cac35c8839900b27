"""Boards of which some members have reflected."""

from datetime import UTC, datetime
from typing import Any

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person


def statement_ids(framework: dict[str, Any]) -> list[str]:
    """Return the ids of a framework's statements."""
    return [statement["id"] for domain in framework["domains"] for statement in domain["statements"]]


def answer_all(client: Client, framework: dict[str, Any], frequency: str = "frequently") -> None:
    """Answer every statement with the same frequency."""
    for statement in statement_ids(framework):
        saved = client.put(f"/v1/my-reflection/{statement}", {"frequency": frequency}, if_match=0)
        assert saved.status_code == 200, saved.json


def new_member(service: ServiceUnderTest, trust: str) -> Person:
    """Give a new person a seat on the board."""
    return service.world.person(trust, Role.BOARD_MEMBER)


def end_seat(service: ServiceUnderTest, person: Person) -> None:
    """Tell the service that somebody's seat on the board has ended."""
    ended = {
        "membership_id": str(new_id()),
        "person_id": person.person_id,
        "org_id": person.org_id,
        "role": Role.BOARD_MEMBER.value,
        "ended_at": datetime.now(UTC).isoformat(),
    }
    service.deliver(event_types.MEMBERSHIP_ENDED, ended, org=person.org_id)


def who_finished(service: ServiceUnderTest, trust: str, framework: dict[str, Any], frequency: str) -> Client:
    """Let a new member of the board answer everything and finish; return their client."""
    client = service.client(new_member(service, trust))
    answer_all(client, framework, frequency)
    assert client.post("/v1/my-reflection/finish").status_code == 200
    return client
