"""The web role's own routes, on the notification service."""

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
