"""Rounds under many orders of steps, compared with a model that knows every answer.

The model says what may happen and what a range may show; the database must agree after each step. What a range may
show is the rule of `tests/unit/assessment/range_rule.py`, which is examined there for what it gives away. A round is
given up and another begun in its place, so that what shows is held to the rounds before as well.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from tests.unit.assessment.range_rule import (
    CANNOT_JUDGE,
    EXECUTIVE,
    NEITHER,
    OTHER,
    Closing,
    LookedAt,
    Observed,
    Round,
    View,
)

MEMBERS = 7
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
Level = int | None
SIDES = {True: EXECUTIVE, False: OTHER, None: NEITHER}


class RoundMachine(RuleBasedStateMachine):
    """The rounds of one trust with seven people, who sit on no side of the board."""

    service: ServiceUnderTest
    sides: Sequence[bool | None] = [None] * MEMBERS

    def __init__(self) -> None:
        super().__init__()
        self.board = found_board(self.service, members=len(self.sides))
        self.looked_at: list[LookedAt] = []
        self._open(range(len(self.sides)))

    def _open(self, people: Iterable[int]) -> None:
        """Begin a round; of the ones before only what was looked at counts on."""
        self.state = "open"
        self.active = set(people)
        asked = [self._asked(number) for number in sorted(self.active)]
        self.round_id = UUID(self.board.open(respondents=asked, compares_sides=True))
        self.finished: set[int] = set()
        self.given: dict[tuple[int, str], Level] = {}
        self.versions: dict[tuple[int, str], int] = {}
        self.rule = Round(SMALL_ITEMS, earlier=tuple(self.looked_at))
        self.shown = dict.fromkeys(SMALL_ITEMS, Observed())
        self.agreed: dict[str, int] = {}
        self.agreed_practices: set[str] = set()

    def _asked(self, number: int) -> dict[str, Any]:
        return {"person_id": self.board.members[number].person_id, "executive": self.sides[number]}

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
    def answer(self, number: int, item: str, view: Level, stale: bool) -> None:
        self._answer(number, item, view)
        if stale and (number, item) in self.versions and self.state == "open" and number in self.active:
            with (
                self.service.unit_of_work(self.board.members[number].principal()) as uow,
                pytest.raises(StaleVersion) as refusal,
            ):
                answers.save_answer(uow, self.round_id, item, 999, level=1, cannot_judge=False)
            assert refusal.value.extra["current"]["version"] == self.versions[number, item]

    @initialize(levels=st.lists(views, min_size=MEMBERS, max_size=MEMBERS))
    def everybody_answers_one_item(self, levels: list[Level]) -> None:
        for number, view in enumerate(levels):
            self._answer(number, SMALL_ITEMS[0], view)
            self.finish(number, finished=True)

    @rule(number=people, finished=st.booleans())
    def finish(self, number: int, finished: bool) -> None:
        has_answered = any(who == number for who, _ in self.given)
        allowed = self.state == "open" and number in self.active and (has_answered or not finished)
        self.attempt(
            self.board.members[number],
            lambda uow: answers.finish(uow, self.round_id, finished=finished),
            allowed=allowed,
        )
        if allowed:
            (self.finished.add if finished else self.finished.discard)(number)

    @rule(numbers=st.sets(people, min_size=4))
    def all_of_them_finish(self, numbers: set[int]) -> None:
        for number in sorted(numbers):
            self.finish(number, finished=True)

    @precondition(lambda self: self.state in {"closed", "agreed"})
    @rule(without=st.sets(people, max_size=2), levels=st.lists(views, min_size=MEMBERS, max_size=MEMBERS))
    def give_up_and_begin_again(self, without: set[int], levels: list[Level]) -> None:
        """The board is asked anew, perhaps without somebody, and answers."""
        self.attempt(self.board.lead, lambda uow: rounds.abandon(uow, self.round_id, reason="By mistake"), allowed=True)
        self.looked_at += self.rule.looked_at
        self._open(set(range(len(self.sides))) - without)
        for number in sorted(self.active):
            self._answer(number, SMALL_ITEMS[0], levels[number % len(levels)])
            self.finish(number, finished=True)

    @rule(item=items, view=views, numbers=st.sets(people, min_size=3))
    def many_answer(self, item: str, view: Level, numbers: set[int]) -> None:
        for number in sorted(numbers):
            self._answer(number, item, view)

    def _answer(self, number: int, item: str, view: Level) -> None:
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
        asked = [self._asked(number)]
        allowed = self.state == "open"
        self.attempt(
            self.board.lead, lambda uow: respondents.invite(uow, self.round_id, respondents=asked), allowed=allowed
        )
        if allowed:
            self.active.add(number)

    @rule()
    def close(self) -> None:
        if self.move("close", self.board.lead, lambda uow: rounds.close(uow, self.round_id)):
            self._count()

    def _count(self) -> None:
        """Hold the counting function to the rule in plain words."""
        given: dict[str, dict[int, View]] = {
            item: {
                number: CANNOT_JUDGE if view is None else view
                for (number, of), view in self.given.items()
                if of == item
            }
            for item in SMALL_ITEMS
        }
        sides = {number: SIDES[self.sides[number]] for number in self.active & self.finished}
        self.shown = self.rule.close(Closing(sides, given))

    @rule()
    def reopen(self) -> None:
        self.move("reopen", self.board.lead, lambda uow: rounds.reopen(uow, self.round_id, reason="New facts"))

    @rule(item=items, level=st.integers(1, 5), reason=st.sampled_from(["", "We talked about it"]))
    def record(self, item: str, level: int, reason: str) -> None:
        version = self.agreed.get(item, 0)
        counts = self.shown[item].counts
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

    def _version(self, uow: UnitOfWork) -> int:
        return int(get_round(uow, self.round_id).version)

    @rule()
    def send_back(self) -> None:
        self.move(
            "send_back",
            self.board.chair,
            lambda uow: sign_off.send_back(uow, self.round_id, self._version(uow), note="Again"),
        )

    @precondition(lambda self: self.state == "agreed")
    @rule(surely=st.integers(1, 4))
    def sign(self, surely: int) -> None:
        if surely == 1:
            self.move(
                "sign_off",
                self.board.chair,
                lambda uow: sign_off.sign_off(
                    uow, self.round_id, self._version(uow), meeting_on=today() - timedelta(days=1)
                ),
            )

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        with self.service.unit_of_work(self.board.lead.principal()) as uow:
            stored = range_rows(uow, self.round_id)
            assert get_round(uow, self.round_id).state == self.state
            versions = {item: row["version"] for item, row in recorded_agreements(uow, self.round_id).items()}
        assert versions == self.agreed
        late = any(row["late_answers"] for row in stored.values())
        assert {item: _observed(stored.get(item), late=late) for item in SMALL_ITEMS} == self.shown

    def teardown(self) -> None:
        """Everybody who is asked still finds exactly what they answered."""
        for number in self.active:
            with self.service.unit_of_work(self.board.members[number].principal()) as uow:
                own = {row["item_id"]: row["level"] for row in my_answers(uow, self.round_id)["items"]}
            assert own == {item: view for (who, item), view in self.given.items() if who == number}


def _observed(row: Mapping[str, Any] | None, *, late: bool) -> Observed:
    """What the database shows of an item: of one that nobody ever answered nothing is stored."""
    if row is None or not row["shown"]:
        return Observed(late=late)
    executives, others = (
        tuple(side) if side else None for side in (row["executive_counts"], row["non_executive_counts"])
    )
    return Observed(tuple(row["level_counts"]), row["cannot_judge"], executives, others, row["late_answers"])


BOARD_OF_TWELVE: Sequence[bool | None] = [True] * 6 + [False] * 6
someone = st.integers(0, len(BOARD_OF_TWELVE) - 1)
changes = st.one_of(
    st.lists(st.tuples(someone, views), max_size=2, unique_by=lambda change: change[0]),
    st.lists(st.tuples(someone, views), min_size=5, max_size=12, unique_by=lambda change: change[0]),
)
leavers = st.sampled_from([[], [], [0], [0, 1, 2, 3, 4], [6, 7, 8, 9, 10], [0, 1, 2, 6, 7, 8]])
stages = st.tuples(changes, leavers, st.booleans(), st.sampled_from([False, False, True]))


class BoardOfTwelve(RoundMachine):
    """Six executives and six others; the invitation says that their sides are compared."""

    sides = BOARD_OF_TWELVE


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    levels=st.lists(st.integers(1, 5), min_size=len(BOARD_OF_TWELVE), max_size=len(BOARD_OF_TWELVE)),
    silent=st.integers(0, 3),
    reopenings=st.lists(stages, min_size=2, max_size=4),
)
def test_ranges_follow_the_rule_through_any_reopenings(
    service: ServiceUnderTest,
    levels: list[int],
    silent: int,
    reopenings: list[tuple[list[tuple[int, Level]], list[int], bool, bool]],
) -> None:
    BoardOfTwelve.service = service
    machine = BoardOfTwelve()
    first = [None] * silent + levels[silent:]
    machine.everybody_answers_one_item(first)
    machine.close()

    for changed, removed, come_back, begin_again in reopenings:
        if begin_again:
            machine.give_up_and_begin_again(set(range(len(BOARD_OF_TWELVE))) - machine.active, first)
        else:
            machine.reopen()
        for number in set(range(len(BOARD_OF_TWELVE))) - machine.active if come_back else ():
            machine.ask_again(number)
        for number, view in changed:
            machine._answer(number, SMALL_ITEMS[0], view)
            machine.finish(number, finished=(number, SMALL_ITEMS[0]) in machine.given)
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
