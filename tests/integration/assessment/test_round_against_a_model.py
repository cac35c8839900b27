"""A round under many orders of steps, compared with a model that knows every answer.

The model says what may happen, what a range may show, and what nobody may learn; the database must agree after each
step. The counting function is held to the model's plain statement of the rule.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.assessment.commands import agreements, answers, respondents, rounds, sign_off
from services.assessment.domain.errors import RuleBroken
from services.assessment.queries.answers import my_answers
from services.assessment.queries.discussion import agreements as recorded_agreements
from services.assessment.queries.discussion import range_rows
from services.assessment.queries.rounds import get_round
from shared.database import UnitOfWork
from shared.problems import StaleVersion
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import SMALL_ITEMS, SMALL_PRACTICES, found_board, today

MEMBERS = 7
FIVE = 5
GOES_TO = {
    ("open", "close"): "closed",
    ("closed", "reopen"): "open",
    ("agreed", "reopen"): "open",
    ("closed", "agree"): "agreed",
    ("agreed", "send_back"): "closed",
    ("agreed", "sign_off"): "signed_off",
}
people = st.integers(0, MEMBERS - 1)
items = st.sampled_from(SMALL_ITEMS)
views = st.one_of(st.none(), st.integers(1, 5))
View = int | None
NOT_GIVEN = "not given"


class RoundMachine(RuleBasedStateMachine):
    """One round of one trust with seven people."""

    service: ServiceUnderTest

    def __init__(self) -> None:
        super().__init__()
        self.board = found_board(self.service, members=MEMBERS)
        self.state = "open"
        self.round_id = UUID(self.board.open())
        self.active = set(range(MEMBERS))
        self.given: dict[tuple[int, str], View] = {}
        self.versions: dict[tuple[int, str], int] = {}
        self.seen: dict[str, dict[int, View]] = {}
        self.shown: dict[str, list[int] | None] = dict.fromkeys(SMALL_ITEMS)
        self.agreed: dict[str, int] = {}
        self.agreed_practices: set[str] = set()

    def attempt(self, person: Person, step: Callable[[UnitOfWork], Any], *, allowed: bool) -> None:
        """Do the step in a transaction of its own; it must be refused exactly when the model says so."""
        with self.service.unit_of_work(person.principal()) as uow:
            try:
                step(uow)
            except RuleBroken:
                assert not allowed
                return
            assert allowed
            uow.commit()

    def move(self, name: str, person: Person, step: Callable[[UnitOfWork], Any], *, also: bool = True) -> bool:
        following = GOES_TO.get((self.state, name)) if also else None
        self.attempt(person, step, allowed=following is not None)
        self.state = following or self.state
        return following is not None

    @rule(number=people, item=items, view=views, stale=st.booleans())
    def answer(self, number: int, item: str, view: View, stale: bool) -> None:
        self._answer(number, item, view)
        if stale and (number, item) in self.versions and self.state == "open" and number in self.active:
            with (
                self.service.unit_of_work(self.board.members[number].principal()) as uow,
                pytest.raises(StaleVersion) as refusal,
            ):
                answers.save_answer(uow, self.round_id, item, 999, level=1, cannot_judge=False)
            assert refusal.value.extra["current"]["version"] == self.versions[number, item]

    @initialize(levels=st.lists(views, min_size=MEMBERS, max_size=MEMBERS))
    def everybody_answers_one_item(self, levels: list[View]) -> None:
        for number, view in enumerate(levels):
            self._answer(number, SMALL_ITEMS[0], view)

    @rule(item=items, view=views, numbers=st.sets(people, min_size=3))
    def many_answer(self, item: str, view: View, numbers: set[int]) -> None:
        for number in sorted(numbers):
            self._answer(number, item, view)

    def _answer(self, number: int, item: str, view: View) -> None:
        version = self.versions.get((number, item), 0)
        allowed = self.state == "open" and number in self.active
        self.attempt(
            self.board.members[number],
            lambda uow: answers.save_answer(uow, self.round_id, item, version, level=view, cannot_judge=view is None),
            allowed=allowed,
        )
        if allowed:
            self.given[number, item] = view
            self.versions[number, item] = version + 1

    @rule(number=people)
    def remove(self, number: int) -> None:
        person_id = self.board.members[number].person_id
        if number not in self.active:
            return
        allowed = self.state == "open" and len(self.active) > 2
        self.attempt(self.board.lead, lambda uow: respondents.remove(uow, self.round_id, person_id), allowed=allowed)
        if allowed:
            self.active.discard(number)

    @rule(number=people)
    def ask_again(self, number: int) -> None:
        asked = [{"person_id": self.board.members[number].person_id}]
        allowed = self.state == "open"
        self.attempt(
            self.board.lead, lambda uow: respondents.invite(uow, self.round_id, respondents=asked), allowed=allowed
        )
        if allowed:
            self.active.add(number)

    @rule()
    def close(self) -> None:
        if self.move("close", self.board.lead, lambda uow: rounds.close(uow, self.round_id)):
            for item in SMALL_ITEMS:
                self._count(item)

    def _count(self, item: str) -> None:
        """The rule in plain words: from five people; a new range only if none or five changed since the last seen."""
        now = {number: self.given[number, item] for number in self.active if (number, item) in self.given}
        levels = [view for view in now.values() if view is not None]
        before = self.seen.get(item)
        changed = (
            0
            if before is None
            else sum(now.get(number, NOT_GIVEN) != before.get(number, NOT_GIVEN) for number in {*now, *before})
        )
        if len(levels) < FIVE:
            self.shown[item] = None
        elif before is None or changed == 0 or changed >= FIVE:
            self.shown[item] = [levels.count(level) for level in range(1, 6)]
            self.seen[item] = now

    @rule()
    def reopen(self) -> None:
        self.move("reopen", self.board.lead, lambda uow: rounds.reopen(uow, self.round_id, reason="New facts"))

    @rule(item=items, level=st.integers(1, 5), reason=st.sampled_from(["", "We talked about it"]))
    def record(self, item: str, level: int, reason: str) -> None:
        version = self.agreed.get(item, 0)
        counts = self.shown[item]
        needs_reason = counts is not None and counts[level - 1] != max(counts)
        allowed = self.state == "closed" and (not needs_reason or bool(reason))
        self.attempt(
            self.board.lead,
            lambda uow: agreements.record_agreement(uow, self.round_id, item, version, level=level, reason=reason),
            allowed=allowed,
        )
        if allowed:
            self.agreed[item] = version + 1

    @precondition(lambda self: self.state == "closed")
    @rule()
    def record_the_rest_and_put_forward(self) -> None:
        for item in SMALL_ITEMS:
            self.record(item, 3, "We talked about it")
        for practice in SMALL_PRACTICES:
            self.attempt(
                self.board.lead,
                lambda uow, practice=practice: agreements.record_practice_level(
                    uow, self.round_id, practice, None, level=3
                ),
                allowed=True,
            )
            self.agreed_practices.add(practice)
        self.put_forward()

    @precondition(lambda self: self.state != "closed")
    @rule()
    def put_forward_too_early(self) -> None:
        self.attempt(self.board.lead, lambda uow: agreements.put_forward(uow, self.round_id), allowed=False)

    def put_forward(self) -> None:
        self.move("agree", self.board.lead, lambda uow: agreements.put_forward(uow, self.round_id))

    @rule()
    def send_back(self) -> None:
        self.move("send_back", self.board.chair, lambda uow: sign_off.send_back(uow, self.round_id, note="Again"))

    @precondition(lambda self: self.state == "agreed")
    @rule(surely=st.integers(1, 4))
    def sign(self, surely: int) -> None:
        if surely == 1:
            self.move(
                "sign_off",
                self.board.chair,
                lambda uow: sign_off.sign_off(uow, self.round_id, meeting_on=today() - timedelta(days=1)),
            )

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        with self.service.unit_of_work(self.board.lead.principal()) as uow:
            stored = range_rows(uow, self.round_id)
            assert get_round(uow, self.round_id).state == self.state
            versions = {item: row["version"] for item, row in recorded_agreements(uow, self.round_id).items()}
        assert versions == self.agreed
        for item, counts in self.shown.items():
            row = stored.get(item)
            assert (row.level_counts if row is not None and row.shown else None) == counts

    def teardown(self) -> None:
        """Everybody who is asked still finds exactly what they answered."""
        for number in self.active:
            with self.service.unit_of_work(self.board.members[number].principal()) as uow:
                own = {row["item_id"]: row["level"] for row in my_answers(uow, self.round_id)["items"]}
            assert own == {item: view for (who, item), view in self.given.items() if who == number}


changes = st.lists(st.tuples(people, views), min_size=0, max_size=6, unique_by=lambda change: change[0])
stages = st.tuples(changes, st.lists(people, max_size=1), st.booleans())


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    levels=st.lists(st.integers(1, 5), min_size=MEMBERS, max_size=MEMBERS),
    silent=st.integers(0, 3),
    reopenings=st.lists(stages, min_size=2, max_size=4),
)
def test_ranges_follow_the_rule_through_any_reopenings(
    service: ServiceUnderTest,
    levels: list[int],
    silent: int,
    reopenings: list[tuple[list[tuple[int, View]], list[int], bool]],
) -> None:
    RoundMachine.service = service
    machine = RoundMachine()
    machine.everybody_answers_one_item([None] * silent + levels[silent:])
    machine.close()

    for changed, removed, come_back in reopenings:
        machine.reopen()
        for number in set(range(MEMBERS)) - machine.active if come_back else ():
            machine.ask_again(number)
        for number, view in changed:
            machine._answer(number, SMALL_ITEMS[0], view)
        for number in removed:
            machine.remove(number)
        machine.close()

        machine.the_database_agrees_with_the_model()


def test_a_round_behaves_like_its_model_in_any_order_of_steps(service: ServiceUnderTest) -> None:
    RoundMachine.service = service

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        RoundMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
