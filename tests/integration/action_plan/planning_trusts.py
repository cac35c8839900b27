"""A made-up trust with everybody a plan needs, and the steps of its plan through events and public routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shared.clock import local_day
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person

ITEMS = (
    {"item_id": "p1-purpose", "practice_id": "p1", "level": 2, "aim_level": 4, "previous_level": 3},
    {"item_id": "p2-culture", "practice_id": "p2", "level": 1, "aim_level": None, "previous_level": None},
    {"item_id": "p3-leaders", "practice_id": "p3", "level": 3, "aim_level": 4, "previous_level": 3},
    {"item_id": "p4-skills", "practice_id": "p4", "level": 4, "aim_level": None, "previous_level": 2},
    {"item_id": "p5-goals", "practice_id": "p5", "level": 5, "aim_level": None, "previous_level": None},
    {"item_id": "p5-daily", "practice_id": "p5", "level": 3, "aim_level": None, "previous_level": None},
)
CHOSEN = ("p1-purpose", "p3-leaders", "p2-culture")
BINDING = ("approve", "send-back")
AIM = "By next spring every ward can say what it is improving"


@dataclass
class PlanningTrust:
    """One trust: who may do what there, and clients for them."""

    service: ServiceUnderTest
    tenant: str
    org: str
    lead: Person
    chair: Person
    chief: Person
    secretary: Person
    member: Person
    owner: Person

    def acting(self, person: Person, **options: Any) -> Client:
        return self.service.client(person, **options)

    @property
    def today(self) -> date:
        """The day in England, as the service's clock has it."""
        return local_day(self.service.clock.now())

    def in_days(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def result(self, round_id: str, items: Sequence[dict[str, Any]] = ITEMS, **changes: Any) -> dict[str, Any]:
        """What assessment tells when a board has agreed its levels."""
        practices = sorted({item["practice_id"] for item in items})
        body = {
            "round_id": round_id,
            "org_id": self.org,
            "question_set_id": "trust-2026-1",
            "agreed_on": self.today.isoformat(),
            "items": list(items),
            "practices": [{"practice_id": practice_id, "level": 3} for practice_id in practices],
            "previous_round_id": None,
        }
        return body | changes

    def agree(self, round_id: str | None = None, items: Sequence[dict[str, Any]] = ITEMS, **changes: Any) -> str:
        """The board agrees its levels; return the self-assessment."""
        round_id = round_id or str(new_id())
        data = self.result(round_id, items, **changes)
        self.service.deliver(event_types.RESULT_AGREED, data, org=self.org, key=round_id)
        return round_id

    def sign_off(self, round_id: str, items: Sequence[dict[str, Any]] = ITEMS) -> None:
        day = self.today.isoformat()
        data = self.result(round_id, items, signed_off_on=day, meeting_on=day)
        self.service.deliver(event_types.RESULT_SIGNED_OFF, data, org=self.org, key=round_id)

    def correct(self, round_id: str, items: Sequence[dict[str, Any]]) -> None:
        data = self.result(round_id, items, corrected_on=self.today.isoformat(), revision=2)
        del data["agreed_on"]
        self.service.deliver(event_types.RESULT_CORRECTED, data, org=self.org, key=round_id)

    def take_back(self, round_id: str, how: str) -> None:
        """The agreed levels hold no longer."""
        data = {"round_id": round_id, "org_id": self.org, "withdrawn_on": self.today.isoformat(), "withdrawn_code": how}
        self.service.deliver(event_types.RESULT_WITHDRAWN, data, org=self.org, key=round_id)

    def plans(self) -> list[dict[str, Any]]:
        return list(self.acting(self.lead).get("/v1/plans").json["items"])

    def plan_of(self, round_id: str) -> dict[str, Any]:
        (found,) = [plan for plan in self.plans() if plan["round_id"] == round_id]
        return self.plan(found["id"])

    def plan(self, plan_id: str, person: Person | None = None) -> dict[str, Any]:
        response = self.acting(person or self.lead).get(f"/v1/plans/{plan_id}")
        assert response.status_code == 200, response.json
        return dict(response.json)

    def drafted(self) -> dict[str, Any]:
        """A plan as the event drafts it."""
        return self.plan_of(self.agree())

    def choose(self, plan: dict[str, Any], chosen: Sequence[str] = CHOSEN) -> dict[str, Any]:
        body = {"priorities": [{"item_id": item_id, "title": f"Move on: {item_id}"} for item_id in chosen]}
        response = self.acting(self.lead).put(f"/v1/plans/{plan['id']}/priorities", body, if_match=plan["version"])
        assert response.status_code == 200, response.json
        return dict(response.json)

    def prepared(self) -> dict[str, Any]:
        """A plan with priorities and an aim."""
        plan = self.choose(self.drafted())
        response = self.acting(self.lead).put(f"/v1/plans/{plan['id']}/aim", {"aim": AIM}, if_match=plan["version"])
        assert response.status_code == 200, response.json
        return dict(response.json)

    def do(self, person: Person, plan_id: str, step: str, body: Any = None) -> dict[str, Any]:
        response = self.acting(person).post(f"/v1/plans/{plan_id}/{step}", body, if_match=self.shown(plan_id, step))
        assert response.status_code == 200, response.json
        return dict(response.json)

    def shown(self, plan_id: str, step: str) -> int | None:
        """The version of the plan that stands now, for a step that binds the board to what was shown."""
        return self.plan(plan_id)["version"] if step in BINDING else None

    def share(self, plan_id: str, *, share: bool = True, chair: Person | None = None) -> Any:
        """The chair decides on what the page shows now; return the answer."""
        path = f"/v1/plans/{plan_id}/sharing"
        client = self.acting(chair or self.chair)
        version = client.get(path).json["version"]
        return client.put(path, {"share_priorities": share}, if_match=version)

    def waiting(self) -> dict[str, Any]:
        """A plan that waits for approval."""
        return self.do(self.lead, self.prepared()["id"], "request-approval")

    def refused(self, person: Person, plan_id: str, step: str) -> dict[str, Any]:
        response = self.acting(person).post(f"/v1/plans/{plan_id}/{step}", if_match=self.shown(plan_id, step))
        assert response.status_code == 409, response.json
        return dict(response.json)

    def approved(self) -> dict[str, Any]:
        return self.do(self.chair, self.waiting()["id"], "approve")

    def action_body(self, plan: dict[str, Any], **changes: Any) -> dict[str, Any]:
        body = {
            "priority_id": plan["priorities"][0]["id"],
            "title": "Visit one team a week",
            "owner_id": self.owner.person_id,
            "due_on": self.in_days(30),
        }
        return body | changes

    def add(self, plan: dict[str, Any], **changes: Any) -> dict[str, Any]:
        response = self.acting(self.lead).post(f"/v1/plans/{plan['id']}/actions", self.action_body(plan, **changes))
        assert response.status_code == 201, response.json
        return dict(response.json)

    def change(self, action: dict[str, Any], person: Person | None = None, **wanted: Any) -> dict[str, Any]:
        client = self.acting(person or self.owner)
        response = client.patch(f"/v1/actions/{action['id']}", wanted, if_match=action["version"])
        assert response.status_code == 200, response.json
        return dict(response.json)

    def told(self, *types: str) -> list[dict[str, Any]]:
        return [dict(event.data) for event in self.service.events(*types, org=self.org)]


def found_trust(service: ServiceUnderTest, *, tenant: str | None = None) -> PlanningTrust:
    """Make a trust with a lead, a chair, a chief executive, a secretary, a board member and an action owner."""
    world = service.world
    tenant = tenant or world.tenant()
    org = world.trust(tenant)
    return PlanningTrust(
        service=service,
        tenant=tenant,
        org=org,
        lead=world.person(org, Role.IMPROVEMENT_LEAD),
        chair=world.person(org, Role.CHAIR),
        chief=world.person(org, Role.CHIEF_EXECUTIVE),
        secretary=world.person(org, Role.COMPANY_SECRETARY),
        member=world.person(org, Role.BOARD_MEMBER),
        owner=world.person(org, Role.ACTION_OWNER),
    )
