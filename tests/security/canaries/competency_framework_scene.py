"""A board's reflections with a note on every statement; one member shows a summary to the chair, another stopped."""

from pathlib import Path
from typing import Any

from services.competency_framework.queries import current_framework
from services.competency_framework.worker import publish
from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording, Scene

ENOUGH_FOR_A_PROFILE = 7


def tell(service: Recording, _: Path) -> Scene:
    """Let a board use every route of the service."""
    publish(service.database)
    with service.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        framework: dict[str, Any] = dict(current_framework(uow).content)
    tenant = service.world.tenant()
    org = service.world.trust(tenant)
    chair = service.world.person(org, Role.CHAIR)
    members = [service.world.person(org, Role.BOARD_MEMBER) for _ in range(ENOUGH_FOR_A_PROFILE)]
    domains = {"domains": [framework["domains"][0]["id"]]}
    for member in members:
        _reflect(service.client(member), framework, domains)
    assert service.client(members[-1]).post("/v1/my-reflection/stop-sharing").status_code == 200
    for place in ("/v1/shared-reflections", "/v1/board-profile", "/v1/frameworks"):
        assert service.client(chair).get(place).status_code == 200
    assert service.client(chair).get(f"/v1/frameworks/{framework['id']}").status_code == 200
    colleagues = {
        "chair": chair,
        "member": members[1],
        "chief executive": service.world.person(org, Role.CHIEF_EXECUTIVE),
        "access manager": service.world.person(org, Role.ACCESS_MANAGER),
    }
    return Scene(service, tenant, org, members[0], colleagues)


def _reflect(client: Client, framework: dict[str, Any], domains: dict[str, Any]) -> None:
    for domain in framework["domains"]:
        for statement in domain["statements"]:
            body = {"frequency": "frequently", "note": words("author", "reflection")}
            saved = client.put(f"/v1/my-reflection/{statement['id']}", body, if_match=0)
            assert saved.status_code == 200, saved.json
    assert client.get("/v1/my-reflection").status_code == 200
    assert client.post("/v1/my-reflection/finish").status_code == 200
    assert client.post("/v1/my-reflection/share", domains).status_code == 200
