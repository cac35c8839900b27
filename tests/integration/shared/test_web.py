"""The web role's own routes, on the notification service."""

import pytest

from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest


def test_a_service_is_alive_and_ready(notification: ServiceUnderTest) -> None:
    anybody = notification.client_with(None)

    assert anybody.get("/health/live").status_code == 200
    assert anybody.get("/health/ready").status_code == 200


def test_an_access_manager_reads_the_audit_trail_of_the_organisation_and_leaves_a_line(
    notification: ServiceUnderTest,
) -> None:
    trust = notification.world.trust()
    manager = notification.client(notification.world.person(trust, Role.ACCESS_MANAGER))

    manager.get("/v1/audit")
    trail = manager.get("/v1/audit")

    assert trail.status_code == 200
    assert [row["action"] for row in trail.json["items"]] == ["audit.read"]


def test_nobody_reads_anything_without_a_token(notification: ServiceUnderTest) -> None:
    refused = notification.client_with(None).get("/v1/audit")

    assert refused.status_code == 401
    assert refused.json["type"] == "/problems/not-signed-in"


def test_a_role_in_the_token_that_the_register_does_not_hold_counts_for_nothing(
    notification: ServiceUnderTest,
) -> None:
    trust = notification.world.trust()
    stranger = notification.world.person(trust, Role.BOARD_MEMBER)

    refused = notification.client(stranger, roles=frozenset({Role.ACCESS_MANAGER})).get("/v1/audit")

    assert refused.status_code == 403


@pytest.mark.parametrize("cursor", ["²", "-1", "1/0", "9" * 30, "null", "1\n"])
@pytest.mark.parametrize("place", ["/v1/audit", "/v1/inbox"])
def test_a_cursor_that_no_page_gave_is_refused(notification: ServiceUnderTest, place: str, cursor: str) -> None:
    person = notification.client(notification.world.person(notification.world.trust(), Role.CHAIR))

    refused = person.get(place, query_string={"cursor": cursor})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("version", ["²", "-1", "9" * 30, "one", "", "*"])
def test_a_version_that_no_resource_can_have_counts_as_none(
    competency_framework: ServiceUnderTest, version: str
) -> None:
    trust = competency_framework.world.trust()
    member = competency_framework.client(competency_framework.world.person(trust, Role.BOARD_MEMBER))
    sent = version.encode().decode("latin-1")

    refused = member.put("/v1/my-reflection/s1", {"frequency": "frequently"}, headers={"If-Match": f'"{sent}"'})

    assert refused.status_code == 428
