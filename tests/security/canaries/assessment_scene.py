"""A trust's self-assessments with words in every place: private answers, discussion, sign-off, what is shared."""

from pathlib import Path

import yaml

from services.assessment import worker
from services.assessment.commands.question_sets import publish_question_sets
from shared.contracts.roles import Role
from shared.principal import NATIONAL_TENANT, Principal
from tests.integration.assessment.boards import SMALL, SMALL_ITEMS, Board, found_board, in_days, today
from tests.security.canaries import evidence_story as evidence
from tests.security.canaries import history_story as history
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording, Scene
from tests.unit.assessment.question_set_example import raw_question_set

PRIVATE = words("author", "answer")


def tell(service: Recording, folder: Path) -> Scene:
    """Let a trust use every route of the service."""
    worker.publish(service.database)
    (folder / "small.yaml").write_text(yaml.safe_dump(raw_question_set()))
    with service.unit_of_work(Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)) as uow:
        publish_question_sets(uow, folder)
        uow.commit()
    board = found_board(service)
    _an_abandoned_one(board)
    round_id = _answering(board)
    _agreeing(board, round_id)
    _signing(board, round_id)
    icb_lead = service.world.person(board.tenant, Role.ICB_LEAD)
    _asking(board, round_id)
    _correcting(board, round_id)
    history.tell(board)
    foreign = evidence.tell(board)
    _sharing(board, round_id)
    board.acting(icb_lead).get("/v1/shared-summaries")
    board.acting(icb_lead).get(f"/v1/shared-summaries/{board.org}")
    reads = frozenset({"the trust's ICB"})
    colleagues = {"lead": board.lead, "chair": board.chair, "chief executive": board.chief}
    return Scene(
        service,
        board.tenant,
        board.org,
        board.members[0],
        colleagues | {"secretary": board.secretary, "member": board.members[1]},
        may_read={"GET /v1/shared-summaries": reads, "GET /v1/shared-summaries/<org_id>": reads},
        foreign=foreign,
    )


def _an_abandoned_one(board: Board) -> None:
    lead, spare = board.acting(board.lead), board.members[0].person_id
    lead.get("/v1/question-sets")
    lead.get(f"/v1/question-sets/{SMALL}")
    draft = board.open(draft=True, name=words(what="draft"), note=words(what="note"))
    place = f"/v1/rounds/{draft}"
    assert lead.patch(place, {"note": words(what="new-note")}, if_match=1).status_code == 200
    assert lead.delete(f"{place}/respondents/{spare}").status_code == 200
    body = {"respondents": [{"person_id": spare, "executive": None}]}
    assert lead.post(f"{place}/respondents", body).status_code == 200
    board.do(board.lead, draft, "open")
    assert lead.post(f"{place}/extend", {"closes_on": in_days(9).isoformat()}).status_code == 200
    board.do(board.lead, draft, "remind")
    board.do(board.lead, draft, "abandon", {"reason": words(what="abandoned")})


def _answering(board: Board) -> str:
    round_id = board.open(name=words(what="round"), note=words(what="note"))
    board.everybody_answers(round_id)
    author = board.members[0]
    for item_id in SMALL_ITEMS:
        board.answer(author, round_id, item_id, 3, version=1, why=PRIVATE, evidence=PRIVATE)
    board.do(author, round_id, "my-answers/finish")
    board.do(author, round_id, "my-answers/unfinish")
    assert board.acting(author).get(f"/v1/rounds/{round_id}/my-answers").status_code == 200
    offered = {"why": words(what="offered"), "evidence": words(what="offered"), "offered": True}
    board.answer(board.members[1], round_id, SMALL_ITEMS[0], 3, version=1, **offered)
    evidence.tell_at_once(board, round_id)
    board.close(round_id)
    board.do(board.lead, round_id, "reopen", {"reason": words(what="reopened")})
    board.close(round_id)
    return round_id


def _agreeing(board: Board, round_id: str) -> None:
    board.do(board.lead, round_id, "show-ranges")
    board.discussion(round_id)
    aside = f"/v1/rounds/{round_id}/come-back/{SMALL_ITEMS[0]}"
    assert board.acting(board.lead).put(aside).status_code == 200
    assert board.acting(board.lead).delete(aside).status_code == 200
    assert board.acting(board.lead).put(f"/v1/rounds/{round_id}/come-back/{SMALL_ITEMS[2]}").status_code == 200
    board.do(board.lead, round_id, "agreements", {"item_ids": [SMALL_ITEMS[0]]})
    for item_id in SMALL_ITEMS[1:]:
        said = dict.fromkeys(("reason", "evidence", "differed"), words(what="agreement"))
        board.record(round_id, item_id, 3, **said)
    for practice_id in ("p1", "p2"):
        place = f"/v1/rounds/{round_id}/practice-levels/{practice_id}"
        assert board.acting(board.lead).put(place, {"level": 3}).status_code == 200
    board.do(board.lead, round_id, "agree")
    board.do(board.chair, round_id, "send-back", {"note": words(what="sent-back")})
    board.do(board.lead, round_id, "agree")


def _signing(board: Board, round_id: str) -> None:
    meeting = {"meeting_on": today().isoformat(), "minute": words(what="minute")}
    board.do(board.secretary, round_id, "decision", meeting)
    board.do(board.chair, round_id, "sign-off", meeting)
    for place in (f"/v1/rounds/{round_id}", f"/v1/rounds/{round_id}/result", "/v1/rounds"):
        assert board.acting(board.lead).get(place).status_code == 200


def _asking(board: Board, round_id: str) -> None:
    chair, lead = board.acting(board.chair), board.acting(board.lead)
    place = f"/v1/rounds/{round_id}"
    asked = chair.post(f"{place}/items/{SMALL_ITEMS[0]}/questions", {"question": words(what="question")})
    assert asked.status_code in (200, 201), asked.json
    answer = {"text": words(what="answer")}
    assert lead.post(f"{place}/questions/{asked.json['items'][0]['id']}/answer", answer).status_code == 200
    assert lead.get(f"{place}/questions").status_code == 200


def _correcting(board: Board, round_id: str) -> None:
    meeting = {"meeting_on": today().isoformat(), "minute": words(what="minute")}
    items = [{"item_id": SMALL_ITEMS[1], "level": 4, "reason": words(what="correction")}]
    board.do(board.chair, round_id, "corrections", {"revision": 1, "reason": words(), "items": items, **meeting})
    lead = board.acting(board.lead)
    question_set = f"/v1/question-sets/{SMALL}"
    read = ("/v1/results", f"/v1/rounds/{round_id}/result/files/csv", f"{question_set}/file")
    for place in (*read, f"{question_set}/mapping/{SMALL}"):
        assert lead.get(place).status_code == 200, place


def _sharing(board: Board, round_id: str) -> None:
    place = f"/v1/rounds/{round_id}/sharing"
    lead, chair = board.acting(board.lead), board.acting(board.chair)
    wanted = {"share_summary": True, "count_us": True}
    assert lead.put(place, wanted).status_code == 200
    shown = chair.get(place).json["version"]
    decided = chair.post(f"{place}/decide", wanted | {"progress_visible": True}, if_match=shown)
    assert decided.status_code == 200, decided.json
    counted = next(grant for grant in decided.json["granted"] if grant["what"] == "counted")
    assert chair.post(f"/v1/sharing/{counted['id']}/stop").status_code == 200
    assert lead.put(place, wanted).status_code == 200
    assert chair.put("/v1/progress-visibility", {"visible": True}).status_code == 200
    assert chair.get("/v1/sharing").status_code == 200
    assert lead.get(place).status_code == 200
