"""A made-up trust with a board, and the steps of its self-assessment through the public routes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person

SMALL = "small-1"
SMALL_FOR_ICBS = "small-icb-1"
SMALL_ITEMS = ("i1", "i2", "i3")
SMALL_PRACTICES = ("p1", "p2")
BINDING = {"sign-off": "", "send-back": "", "sharing/decide": "/sharing"}
"""Steps that name the version they answer, and below which address of the round that is read."""


def today() -> date:
    return date.today()


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


@dataclass
class Board:
    """One trust: who may do what there, and clients for them."""

    service: ServiceUnderTest
    tenant: str
    org: str
    lead: Person
    chair: Person
    chief: Person
    secretary: Person
    members: list[Person] = field(default_factory=list)
    question_set_id: str = SMALL

    def acting(self, person: Person, **options: Any) -> Client:
        return self.service.client(person, **options)

    def invitation(self, people: Sequence[Person] | None = None, **changes: Any) -> dict[str, Any]:
        """The body that opens a self-assessment: a small question set, closing in a week."""
        invited = self.members if people is None else people
        body = {
            "question_set_id": self.question_set_id,
            "name": "Spring 2026",
            "closes_on": in_days(7).isoformat(),
            "discussion_on": in_days(14).isoformat(),
            "respondents": [{"person_id": person.person_id, "executive": None} for person in invited],
        }
        return body | changes

    def open(self, people: Sequence[Person] | None = None, **changes: Any) -> str:
        response = self.acting(self.lead).post("/v1/rounds", self.invitation(people, **changes))
        assert response.status_code == 201, response.json
        return str(response.json["id"])

    def answer(
        self, person: Person, round_id: str, item_id: str, level: int | None, *, version: int = 0, **words: Any
    ) -> None:
        """Save an answer."""
        body = {"level": level, "cannot_judge": level is None, **words}
        path = f"/v1/rounds/{round_id}/my-answers/{item_id}"
        response = self.acting(person).put(path, body, if_match=version)
        assert response.status_code == 200, response.json

    def everybody_answers(self, round_id: str, levels: Mapping[str, Sequence[int | None]] | None = None) -> None:
        """Each member answers each item: 3 unless `levels` says otherwise, in the order of the members."""
        for item_id in SMALL_ITEMS:
            wanted = (levels or {}).get(item_id, [3] * len(self.members))
            for person, level in zip(self.members, wanted, strict=True):
                self.answer(person, round_id, item_id, level)
        self.all_finish(round_id)

    def all_finish(self, round_id: str, people: Sequence[Person] | None = None) -> None:
        """People say that they have finished, which is what counts their answers."""
        for person in self.members if people is None else people:
            self.do(person, round_id, "my-answers/finish")

    def do(self, person: Person, round_id: str, step: str, body: Any = None) -> dict[str, Any]:
        response = self.acting(person).post(f"/v1/rounds/{round_id}/{step}", body, if_match=self.shown(round_id, step))
        assert response.status_code == 200, response.json
        return dict(response.json)

    def shown(self, round_id: str, step: str) -> int | None:
        """The version of what stands now, for a step that binds the organisation to what was shown."""
        if step not in BINDING:
            return None
        response = self.acting(self.chair).get(f"/v1/rounds/{round_id}{BINDING[step]}")
        assert response.status_code == 200, response.json
        return int(response.json["version"])

    def close(self, round_id: str) -> dict[str, Any]:
        return self.do(self.lead, round_id, "close")

    def discussion(self, round_id: str, person: Person | None = None) -> dict[str, Any]:
        response = self.acting(person or self.lead).get(f"/v1/rounds/{round_id}/discussion")
        assert response.status_code == 200, response.json
        return dict(response.json)

    def ranges(self, round_id: str) -> dict[str, Any]:
        return {item["item_id"]: item["range"] for item in self.discussion(round_id)["items"]}

    def record(self, round_id: str, item_id: str, level: int, *, version: int = 0, **words: Any) -> dict[str, Any]:
        path = f"/v1/rounds/{round_id}/agreements/{item_id}"
        body = {"level": level, "reason": "We talked about it.", **words}
        response = self.acting(self.lead).put(path, body, if_match=version)
        assert response.status_code == 200, response.json
        return dict(response.json)

    def record_everything(self, round_id: str, level: int = 3) -> None:
        for item_id in SMALL_ITEMS:
            self.record(round_id, item_id, level)
        for practice_id in SMALL_PRACTICES:
            path = f"/v1/rounds/{round_id}/practice-levels/{practice_id}"
            assert self.acting(self.lead).put(path, {"level": level}).status_code == 200

    def agreed_round(self, level: int = 3) -> str:
        """A round that waits for sign-off."""
        round_id = self.open()
        self.everybody_answers(round_id)
        self.close(round_id)
        self.record_everything(round_id, level)
        self.do(self.lead, round_id, "agree")
        return round_id

    def signed_round(self, level: int = 3) -> str:
        """A round that the chair has signed off."""
        round_id = self.agreed_round(level)
        self.do(self.chair, round_id, "sign-off", {"meeting_on": today().isoformat(), "minute": "Item 7"})
        return round_id


def found_board(service: ServiceUnderTest, *, members: int = 6, tenant: str | None = None) -> Board:
    """Make a trust with a lead, a chair, a chief executive, a secretary and board members."""
    world = service.world
    tenant = tenant or world.tenant()
    org = world.trust(tenant)
    return Board(
        service=service,
        tenant=tenant,
        org=org,
        lead=world.person(org, Role.IMPROVEMENT_LEAD),
        chair=world.person(org, Role.CHAIR),
        chief=world.person(org, Role.CHIEF_EXECUTIVE),
        secretary=world.person(org, Role.COMPANY_SECRETARY),
        members=[world.person(org, Role.BOARD_MEMBER) for _ in range(members)],
    )


def found_icb(board: Board) -> Board:
    """Give the ICB of a board one of its own."""
    world, org = board.service.world, board.tenant
    return Board(
        service=board.service,
        tenant=board.tenant,
        org=org,
        lead=world.person(org, Role.IMPROVEMENT_LEAD),
        chair=world.person(org, Role.CHAIR),
        chief=world.person(org, Role.CHIEF_EXECUTIVE),
        secretary=world.person(org, Role.COMPANY_SECRETARY),
        members=[world.person(org, Role.BOARD_MEMBER) for _ in range(5)],
        question_set_id=SMALL_FOR_ICBS,
    )


def leave(board: Board, person: Person, role: Role) -> None:
    """Tell the service that somebody's role at the trust has ended."""
    board.service.deliver(
        event_types.MEMBERSHIP_ENDED,
        {
            "membership_id": str(new_id()),
            "person_id": person.person_id,
            "org_id": board.org,
            "role": role.value,
            "ended_at": datetime.now(UTC).isoformat(),
        },
        org=board.org,
    )
