"""A company secretary prepares and records for others, logged as acting for them, and never meets an answer."""

import re
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import Principal
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, in_days, today
from tests.integration.assessment.evidence_shelf import Shelf

CANARY = "CANARY-of-a-private-answer"
ANSWER = {"level": 5, "cannot_judge": False, "why": "changed by the secretary"}


def trail(board: Board, person: Person) -> dict[str, str]:
    """Outcome by action, of what this person did."""
    query = b"select action, outcome from assessment.audit_entry where person_id = %s order by seq"
    with psycopg.connect(board.service.superuser_url, row_factory=dict_row) as connection:
        return {row["action"]: row["outcome"] for row in connection.execute(query, [person.person_id])}


def answers(board: Board) -> list[Any]:
    query = b"select * from assessment.answer where org_id = %s order by person_id, item_id"
    with psycopg.connect(board.service.superuser_url) as connection:
        return connection.execute(query, [board.org]).fetchall()


def test_what_a_secretary_does_is_logged_as_done_for_others(shelf: Shelf) -> None:
    board = shelf.board
    secretary = board.acting(board.secretary)
    opened = secretary.post("/v1/rounds", board.invitation(board.members[:5]))
    round_id = opened.json["id"]

    done = [
        secretary.patch(f"/v1/rounds/{round_id}", {"note": "Bring your papers"}, if_match=opened.json["version"]),
        secretary.post(f"/v1/rounds/{round_id}/extend", {"closes_on": in_days(9).isoformat()}),
        secretary.post(
            f"/v1/rounds/{round_id}/respondents",
            {"respondents": [{"person_id": board.members[5].person_id, "executive": None}]},
        ),
        secretary.delete(f"/v1/rounds/{round_id}/respondents/{board.members[5].person_id}"),
        shelf.add_file(round_id, by=board.secretary),
        shelf.add_link(round_id, by=board.secretary),
    ]

    assert [answer.status_code for answer in done] == [200, 200, 200, 200, 201, 201]
    assert trail(board, board.secretary) == dict.fromkeys(
        (
            "round.opened",
            "round.changed",
            "round.extended",
            "round.people-invited",
            "round.person-removed",
            "evidence.file-added",
            "evidence.link-added",
        ),
        "acting-for",
    )


def test_the_decision_that_a_secretary_records_is_logged_as_done_for_the_chair(board: Board) -> None:
    round_id = board.agreed_round()
    body = {"meeting_on": today().isoformat(), "minute": "Item 7"}

    board.do(board.secretary, round_id, "decision", body)

    assert trail(board, board.secretary) == {"round.decision-recorded": "acting-for"}


def test_a_lead_who_is_also_secretary_acts_as_lead(board: Board) -> None:
    both = board.service.world.person(board.org, Role.COMPANY_SECRETARY, Role.IMPROVEMENT_LEAD)

    assert board.acting(both).post("/v1/rounds", board.invitation()).status_code == 201

    assert trail(board, both) == {"round.opened": "done"}


def test_a_secretary_who_was_asked_answers_for_nobody_else(board: Board) -> None:
    round_id = board.open([board.secretary, *board.members])

    board.answer(board.secretary, round_id, "i1", 2)

    assert trail(board, board.secretary) == {"answer.saved": "done"}


def _address(rule: str, known: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found.group(1), str(new_id())), rule)


def test_no_route_shows_a_secretary_an_answer_or_lets_one_be_changed(shelf: Shelf) -> None:
    board = shelf.board
    round_id = board.open()
    for member in board.members:
        for item_id in ("i1", "i2", "i3"):
            board.answer(member, round_id, item_id, 3, why=CANARY, evidence=CANARY)
    before, known = answers(board), {"round_id": round_id, "item_id": "i1", "person_id": board.members[0].person_id}
    client, tried, told = board.acting(board.secretary), 0, []

    for stage in ("while people answer", "in the discussion"):
        for rule in board.service.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}, reverse=True):
                for body in ({}, ANSWER) if method in ("POST", "PUT", "PATCH") else (None,):
                    options = {"if_match": 1} | ({} if body is None else {"json": body})
                    answer = client.send(method, _address(rule.rule, known), **options)
                    tried += 1
                    told += [f"{method} {rule.rule} {stage}"] if CANARY in answer.text else []
        if stage == "while people answer":
            board.close(round_id)

    assert tried > 100
    assert told == []
    assert answers(board) == before


def test_the_database_itself_keeps_answers_from_a_secretary(board: Board) -> None:
    round_id = board.open()
    board.everybody_answers(round_id)
    before = answers(board)
    who = Principal(board.secretary.person_id, board.tenant, board.org, frozenset({Role.COMPANY_SECRETARY.value}))
    another = {"p": board.members[0].person_id, "t": board.tenant, "o": board.org, "r": round_id}

    with board.service.unit_of_work(who) as uow:
        seen = uow.session.execute(text("select count(*) from answer")).scalar()
        changed = uow.session.execute(text("update answer set level = 5 returning 1")).all()
        destroyed = uow.session.execute(text("delete from answer returning 1")).all()
        uow.commit()
    with board.service.unit_of_work(who) as uow, pytest.raises(ProgrammingError, match="row-level security"):
        uow.session.execute(
            text(
                "insert into answer (tenant_id, org_id, round_id, person_id, item_id, level, cannot_judge, why,"
                " evidence, offered, version, saved_at, saved_in, counted_cannot_judge)"
                " values (:t, :o, :r, :p, 'i9', 5, false, '', '', false, 1, now(), 0, false)"
            ),
            another,
        )

    assert (seen, changed, destroyed) == (0, [], [])
    assert answers(board) == before
