"""Question sets are data: published once, never changed, readable by everybody who signed in."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from services.assessment import worker
from services.assessment.commands.evidence import SCAN_WORK, SWEEP_WORK
from services.assessment.commands.question_sets import FILES, publish_question_sets
from services.assessment.domain.errors import QuestionSetChanged
from services.assessment.domain.question_sets import parse
from shared.config import AwsConfig
from shared.contracts import event_types
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.assessment.boards import Board
from tests.unit.assessment.question_set_example import next_version, raw_question_set

NATIONAL = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)


def fresh_set(folder: Path, **changes: object) -> str:
    raw = raw_question_set() | {"id": f"set-{new_id()}"} | changes
    (folder / "set.yaml").write_text(yaml.safe_dump(raw))
    return str(raw["id"])


def publish(service: ServiceUnderTest, folder: Path) -> list[str]:
    with service.unit_of_work(NATIONAL) as uow:
        published = publish_question_sets(uow, folder)
        uow.commit()
    return published


def test_a_new_set_is_published_and_told_once(service: ServiceUnderTest, tmp_path: Path) -> None:
    set_id = fresh_set(tmp_path)

    first, second = publish(service, tmp_path), publish(service, tmp_path)

    (told,) = service.events(event_types.INSTRUMENT_PUBLISHED, key=set_id)
    assert (first, second) == ([set_id], [])
    assert (told.data["item_count"], told.data["audience"], told.actor) == (3, "trust", None)
    assert told.data["practices"] == [
        {"practice_id": "p1", "label": "Purpose"},
        {"practice_id": "p2", "label": "People"},
    ]


def test_published_words_never_change(service: ServiceUnderTest, tmp_path: Path) -> None:
    set_id = fresh_set(tmp_path)
    publish(service, tmp_path)

    fresh_set(tmp_path, id=set_id, title="Other words")

    with pytest.raises(QuestionSetChanged):
        publish(service, tmp_path)


def test_publishing_at_every_start_changes_nothing(service: ServiceUnderTest) -> None:
    assert worker.publish(service.database) == []


def test_a_starting_scheduler_publishes_and_knows_the_work_that_falls_due(
    service: ServiceUnderTest, aws: AwsConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_SCANNER", "signature")

    parts = worker.build(replace(service.config, role="scheduler", aws=aws))

    assert set(parts.due_handlers) == {"round.close", "round.closes-soon", "sharing.end", SCAN_WORK, SWEEP_WORK}
    assert len(service.events(event_types.INSTRUMENT_PUBLISHED, key="trust-2026-1")) == 1


def test_the_set_for_trusts_has_twenty_two_items_in_five_practices_and_says_it_is_illustrative() -> None:
    raw = yaml.safe_load((FILES / "trust-2026-1.yaml").read_text())

    question_set = parse(raw)

    assert (len(question_set.items), len(question_set.practices)) == (22, 5)
    assert question_set.illustrative is True


def test_a_board_member_reads_the_words_before_anything_is_opened(board: Board) -> None:
    client = board.acting(board.members[0])

    listed = client.get("/v1/question-sets").json["items"]
    shown = client.get("/v1/question-sets/trust-2026-1").json

    assert {"trust-2026-1", "small-1"} <= {row["id"] for row in listed}
    assert [level["level"] for level in shown["practices"][0]["items"][0]["levels"]] == [1, 2, 3, 4, 5]
    assert client.get("/v1/question-sets/no-such").status_code == 404


def test_a_trust_cannot_publish(board: Board, tmp_path: Path) -> None:
    set_id = fresh_set(tmp_path)

    with board.service.unit_of_work(board.lead.principal()) as uow, pytest.raises(Exception, match="row-level"):
        publish_question_sets(uow, tmp_path)

    assert board.acting(board.lead).get(f"/v1/question-sets/{set_id}").status_code == 404


def test_a_version_tells_what_its_items_were_in_the_one_before(board: Board, tmp_path: Path) -> None:
    newer = fresh_set(tmp_path, **{key: value for key, value in next_version().items() if key != "id"})
    publish(board.service, tmp_path)
    client = board.acting(board.members[0])

    mapping = client.get(f"/v1/question-sets/{newer}/mapping/small-1").json

    assert mapping == {
        "i1": {"from": "i1", "comparable": False, "reason": "It asks about the whole board now."},
        "i2": {"from": "i2", "comparable": True, "reason": None},
        "i2b": {"from": "i2", "comparable": True, "reason": None},
        "i9": {"from": None, "comparable": False, "reason": "This question is new."},
    }
    assert client.get(f"/v1/question-sets/{newer}/mapping/no-such").status_code == 404
    assert client.get(f"/v1/question-sets/no-such/mapping/{newer}").status_code == 404


def test_asking_for_a_mapping_again_costs_no_further_statement(board: Board) -> None:
    client = board.acting(board.members[0])
    client.get("/v1/question-sets/small-1/mapping/small-1")

    with board.service.counted_statements() as seen:
        client.get("/v1/question-sets/small-1/mapping/small-1")

    assert [statement for statement in seen if "question_set" in statement] == []
