"""Several trusts in two ICBs, people who sit in some of them, roles that come and go, trusts that move.

The model is a dictionary for each trust and each ICB. After any order of steps everybody sees exactly what it says: a
member the rounds of the trust acted for, an ICB what was shared with it, and whoever has no role there nothing at all.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, found_board, in_days

TRUSTS, ICBS, PEOPLE = 4, 2, 3
MOST_MOVES = 20
trusts, icbs, people = st.integers(0, TRUSTS - 1), st.integers(0, ICBS - 1), st.integers(0, PEOPLE - 1)
NO_CHANGE = {"share_summary": False, "count_us": False, "progress_visible": True}


@dataclass
class Trust:
    """What the model knows of one trust."""

    board: Board
    signed: str
    icb: str
    rounds: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Name and version of each round, by its id."""
    moves: int = 0


class TenantsMachine(RuleBasedStateMachine):
    """Commands of people who may and of people who may not, over several tenants."""

    service: ServiceUnderTest

    @initialize()
    def begin(self) -> None:
        world = self.service.world
        self.icbs = [world.tenant() for _ in range(ICBS)]
        self.trusts = [self._trust(self.icbs[number % ICBS]) for number in range(TRUSTS)]
        self.people = [str(new_id()) for _ in range(PEOPLE)]
        self.roles: dict[tuple[int, int], str] = {}
        self.shared: dict[str, set[str]] = {icb: set() for icb in self.icbs}
        self.leads = {icb: self.service.client(world.person(icb, Role.ICB_LEAD)) for icb in self.icbs}

    def _trust(self, icb: str) -> Trust:
        board = found_board(self.service, members=2, tenant=icb)
        signed = board.signed_round()
        version = board.acting(board.lead).get(f"/v1/rounds/{signed}").json["version"]
        return Trust(board, signed, icb, {signed: ("Spring 2026", version)})

    def _client(self, person: int, trust: int, *, tenant: str | None = None) -> Client:
        """A person's client for a trust, whatever the register says of them; `tenant` as the token has it."""
        at = self.trusts[trust]
        who = Person(self.people[person], tenant or at.icb, at.board.org, frozenset({Role.IMPROVEMENT_LEAD.value}))
        return self.service.client(who)

    @rule(person=people, trust=trusts)
    def a_role_is_given(self, person: int, trust: int) -> None:
        if (person, trust) in self.roles:
            return
        membership = self.roles[person, trust] = str(new_id())
        self._tell(
            event_types.MEMBERSHIP_GRANTED,
            trust,
            **self._membership(membership, person, trust),
            valid_from="2026-01-01T00:00:00Z",
            valid_to=None,
        )

    @rule(person=people, trust=trusts)
    def a_role_ends(self, person: int, trust: int) -> None:
        if (membership := self.roles.pop((person, trust), None)) is None:
            return
        self._tell(
            event_types.MEMBERSHIP_ENDED,
            trust,
            **self._membership(membership, person, trust),
            ended_at=datetime.now(UTC).isoformat(),
        )

    @rule(trust=trusts)
    def a_trust_moves_to_the_other_icb(self, trust: int) -> None:
        at = self.trusts[trust]
        if at.moves == MOST_MOVES:
            return
        other = next(icb for icb in self.icbs if icb != at.icb)
        at.moves += 1
        effective_on = in_days(at.moves - MOST_MOVES - 1).isoformat()
        self._tell(
            event_types.ORGANISATION_MOVED,
            trust,
            code=at.board.org,
            from_tenant=at.icb,
            to_tenant=other,
            effective_on=effective_on,
        )
        at.icb = other

    def _membership(self, membership: str, person: int, trust: int) -> dict[str, str]:
        return {
            "membership_id": membership,
            "person_id": self.people[person],
            "org_id": self.trusts[trust].board.org,
            "role": Role.IMPROVEMENT_LEAD.value,
        }

    def _tell(self, event_type: str, trust: int, **data: Any) -> None:
        self.service.deliver(event_type, data, org=self.trusts[trust].board.org)

    @rule(person=people, trust=trusts)
    def somebody_sets_up_a_round(self, person: int, trust: int) -> None:
        at, name = self.trusts[trust], f"Round {new_id()}"
        body = at.board.invitation(name=name, draft=True)
        answer = self._client(person, trust).post("/v1/rounds", body)
        if self._may(person, trust, answer):
            at.rounds[answer.json["id"]] = (name, answer.json["version"])

    @rule(person=people, trust=trusts, of=trusts, which=st.integers(0, 5))
    def somebody_renames_a_round(self, person: int, trust: int, of: int, which: int) -> None:
        round_id, (_, version) = sorted(self.trusts[of].rounds.items())[which % len(self.trusts[of].rounds)]
        client, name = self._client(person, trust), f"Renamed {new_id()}"
        answer = client.patch(f"/v1/rounds/{round_id}", {"name": name}, if_match=version)
        if (person, trust) not in self.roles:
            assert answer.status_code == 403
        elif of != trust:
            assert answer.status_code == 404
        elif round_id == self.trusts[of].signed:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200, answer.json
            self.trusts[of].rounds[round_id] = (name, answer.json["version"])

    @rule(person=people, trust=trusts, icb=icbs)
    def a_token_of_another_icb_opens_nothing(self, person: int, trust: int, icb: int) -> None:
        answer = self._client(person, trust, tenant=self.icbs[icb]).get("/v1/rounds")
        right = (person, trust) in self.roles and self.icbs[icb] == self.trusts[trust].icb
        assert answer.status_code == (200 if right else 403)

    @rule(trust=trusts, share=st.booleans())
    def the_chair_decides_what_the_icb_sees(self, trust: int, share: bool) -> None:
        at = self.trusts[trust]
        chair = Person(at.board.chair.person_id, at.icb, at.board.org, at.board.chair.roles)
        body = NO_CHANGE | {"share_summary": share}
        place, client = f"/v1/rounds/{at.signed}/sharing", self.service.client(chair)
        answer = client.post(f"{place}/decide", body, if_match=client.get(place).json["version"])
        assert answer.status_code == 200, answer.json
        (self.shared[at.icb].add if share else self.shared[at.icb].discard)(at.board.org)

    @rule(person=people, trust=trusts, of=trusts)
    def everybody_sees_what_is_theirs(self, person: int, trust: int, of: int) -> None:
        client = self._client(person, trust)
        listed = client.get("/v1/rounds?limit=200")
        if self._may(person, trust, listed):
            seen = {one["id"]: (one["name"], one["version"]) for one in listed.json["items"]}
            assert seen == self.trusts[trust].rounds
            other = client.get(f"/v1/rounds/{self.trusts[of].signed}")
            assert other.status_code == (200 if of == trust else 404)

    @invariant()
    def an_icb_sees_what_was_shared_with_it(self) -> None:
        for icb, lead in self.leads.items():
            seen = {one["org_id"] for one in lead.get("/v1/shared-summaries").json["items"]}
            assert seen == self.shared[icb]

    def _may(self, person: int, trust: int, answer: Any) -> bool:
        """Tell whether the model lets this person act there; the answer must agree."""
        may = (person, trust) in self.roles
        assert (answer.status_code < 300) == may, (answer.status_code, may)
        assert may or answer.status_code == 403
        return may


def tried(service: ServiceUnderTest, *, examples: int, steps: int) -> None:
    class Machine(TenantsMachine):
        pass

    Machine.service = service
    few = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=few)


def test_over_any_order_of_steps_everybody_sees_their_own_and_nothing_else(service: ServiceUnderTest) -> None:
    tried(service, examples=4, steps=40)


@pytest.mark.long
def test_the_same_over_five_thousand_steps(service: ServiceUnderTest) -> None:
    tried(service, examples=50, steps=100)
