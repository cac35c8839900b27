"""Messages of a trust's people: to the chair, who must act, and to nobody else."""

from pathlib import Path

import orjson

from shared.catalogue import CONTRACTS
from shared.contracts import event_types
from shared.contracts.roles import Role
from tests.security.canaries.recording import Recording, Scene


def tell(service: Recording, _: Path) -> Scene:
    """Let a chair use every route of the service."""
    tenant = service.world.tenant()
    org = service.world.trust(tenant)
    chair = service.world.person(org, Role.CHAIR)
    example = next((CONTRACTS / "events" / event_types.ROUND_SIGN_OFF_REQUESTED).glob("*.json"))
    service.deliver(event_types.ROUND_SIGN_OFF_REQUESTED, orjson.loads(example.read_bytes())["data"], org=org)
    client = service.client(chair)
    (message,) = client.get("/v1/inbox").json["items"]
    assert client.get(f"/v1/inbox/{message['id']}").status_code == 200
    assert client.post(f"/v1/inbox/{message['id']}/read").status_code == 200
    assert client.put("/v1/preferences", {"mails": {"action-overdue": False}}).status_code == 200
    assert client.get("/v1/preferences").status_code == 200
    colleagues = {
        "lead": service.world.person(org, Role.IMPROVEMENT_LEAD),
        "member": service.world.person(org, Role.BOARD_MEMBER),
        "secretary": service.world.person(org, Role.COMPANY_SECRETARY),
    }
    return Scene(service, tenant, org, chair, colleagues)
