"""From a file to a published version: tried, drafted, approved by somebody else, never changed, retired with a date."""

import io
from typing import Any

import pytest
import yaml
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from services.assessment.models import question_set, question_set_draft
from services.assessment.question_set_files import workbook_out
from services.assessment.question_set_files.reading import read_question_set
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.ids import new_id
from shared.principal import NATIONAL_TENANT, Principal
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person
from tests.integration.assessment.boards import Board, in_days, today
from tests.unit.assessment.question_set_example import whole_next_version, whole_question_set

DRAFTS = "/v1/question-set-drafts"


@pytest.fixture(scope="module")
def ned(service: ServiceUnderTest) -> Person:
    """Return the editor."""
    return service.world.national(Role.NATIONAL_EDITOR)


@pytest.fixture(scope="module")
def editor(service: ServiceUnderTest, ned: Person) -> Client:
    """Return the editor's client."""
    return service.client(ned)


@pytest.fixture(scope="module")
def approver(service: ServiceUnderTest) -> Client:
    """Return the approver's client."""
    return service.client(service.world.national(Role.NATIONAL_APPROVER))


def fresh_id() -> str:
    return f"set-{new_id()}"


def upload(client: Client, content: bytes, name: str = "set.yaml") -> Any:
    return client.post(DRAFTS, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def tried(client: Client, **changes: Any) -> dict[str, Any]:
    raw = whole_next_version(**{"id": fresh_id()} | changes)
    response = upload(client, yaml.safe_dump(raw).encode())
    assert response.status_code == 201, response.json
    return dict(response.json)


def do(client: Client, draft: dict[str, Any], step: str, body: Any = None) -> Any:
    return client.post(f"{DRAFTS}/{draft['id']}/{step}", body)


def sent(client: Client, **changes: Any) -> dict[str, Any]:
    draft = tried(client, **changes)
    for step in ("keep", "send"):
        assert do(client, draft, step).status_code == 200
    return draft


def published(editor: Client, approver: Client, **changes: Any) -> str:
    answer = do(approver, sent(editor, **changes), "publish")
    assert answer.status_code == 200, answer.json
    return str(answer.json["id"])


def test_trying_a_file_shows_what_it_changes_and_changes_nothing(
    service: ServiceUnderTest, editor: Client, board: Board
) -> None:
    draft = tried(editor)

    assert (draft["state"], draft["compared_with"], draft["changes"]["unchanged"]) == ("tried", "small-1", 1)
    assert [(item["id"], item["what"]) for item in draft["changes"]["items"]] == [
        ("i1", "changed"),
        ("i2b", "changed"),
        ("i9", "new"),
    ]
    assert draft["id"] not in [one["id"] for one in editor.get(DRAFTS).json["items"]]
    assert board.acting(board.lead).get(f"/v1/question-sets/{draft['question_set_id']}").status_code == 404
    assert service.events(event_types.INSTRUMENT_PUBLISHED, key=draft["question_set_id"]) == []


def test_what_another_person_approved_is_published_and_told(
    service: ServiceUnderTest, editor: Client, approver: Client, board: Board
) -> None:
    draft = sent(editor)
    set_id = draft["question_set_id"]

    answer = do(approver, draft, "publish")

    assert (answer.status_code, answer.json["id"], answer.json["replaces"]) == (200, set_id, "small-1")
    (told,) = service.events(event_types.INSTRUMENT_PUBLISHED, key=set_id)
    assert told.data["effective_from"] == "2026-01-01"
    assert told.actor is not None
    assert "board" not in str(told.data)
    reader = board.acting(board.members[0])
    assert reader.get(f"/v1/question-sets/{set_id}").json["practices"][1]["items"][1]["title"] == "Time"
    assert reader.get(f"/v1/question-sets/{set_id}/mapping/small-1").json["i2"]["comparable"] is True
    assert draft["id"] not in [one["id"] for one in editor.get(DRAFTS).json["items"]]


def test_nobody_publishes_their_own_work(service: ServiceUnderTest, approver: Client) -> None:
    both = service.world.national(Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER)
    client = service.client(both)
    draft = sent(client)

    refused = do(client, draft, "publish")

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/own-work")
    assert client.get(f"{DRAFTS}/{draft['id']}").json["may_decide"] is False
    assert approver.get(f"{DRAFTS}/{draft['id']}").json["may_decide"] is True


def test_who_worked_on_an_earlier_draft_of_the_version_does_not_approve_the_later(
    service: ServiceUnderTest, editor: Client
) -> None:
    both = service.client(service.world.national(Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER))
    first = tried(both)
    do(both, first, "keep")
    second = sent(editor, id=first["question_set_id"], title="A better title")

    assert do(both, second, "publish").status_code == 403
    assert editor.get(f"{DRAFTS}/{first['id']}").json["state"] == "discarded"


def test_the_database_itself_refuses_a_version_approved_by_who_worked_on_it(
    service: ServiceUnderTest, editor: Client, ned: Person
) -> None:
    draft = sent(editor)
    change = (
        update(question_set_draft)
        .where(question_set_draft.c.id == draft["id"])
        .values(state="published", decided_by=ned.person_id)
    )

    with service.unit_of_work(ned.principal()) as uow, pytest.raises(DBAPIError, match="approved_by_another"):
        uow.session.execute(change)


def test_an_approver_sends_back_with_a_note_and_the_editor_sends_again(editor: Client, approver: Client) -> None:
    draft = sent(editor)

    assert do(approver, draft, "send-back", {"note": " "}).status_code == 422
    assert do(approver, draft, "send-back", {"note": "x" * 20_000}).status_code == 422
    returned = do(approver, draft, "send-back", {"note": "Level 3 and 4 of i9 read alike."}).json

    assert (returned["state"], returned["note"]) == ("draft", "Level 3 and 4 of i9 read alike.")
    assert do(approver, draft, "publish").status_code == 409
    assert (do(editor, draft, "send").json["state"], do(approver, draft, "publish").status_code) == ("sent", 200)


def test_whoever_must_act_next_is_told_without_a_word_of_the_note(
    service: ServiceUnderTest, editor: Client, approver: Client, ned: Person
) -> None:
    draft = sent(editor)
    set_id = draft["question_set_id"]
    do(approver, draft, "send-back", {"note": "Level 3 and 4 read alike."})

    asked, returned = service.events(key=set_id)
    assert (asked.type, returned.type) == (event_types.INSTRUMENT_APPROVAL_REQUESTED, event_types.INSTRUMENT_SENT_BACK)
    assert asked.data["worked_on_ids"] == returned.data["worked_on_ids"] == [ned.person_id]
    assert asked.data["draft_id"] == returned.data["draft_id"] == draft["id"]
    assert "alike" not in str(returned.data)


def test_anybody_reads_a_published_set_without_signing_in_and_no_draft(
    service: ServiceUnderTest, editor: Client
) -> None:
    stranger = service.client_with(None)
    draft = sent(editor)

    listed = stranger.get("/v1/question-sets")
    shown = stranger.get("/v1/question-sets/small-1")
    file = stranger.get("/v1/question-sets/small-1/file?format=json")

    assert (listed.status_code, shown.status_code, file.status_code) == (200, 200, 200)
    assert draft["question_set_id"] not in str(listed.json)
    assert stranger.get(f"/v1/question-sets/{draft['question_set_id']}").status_code == 404
    assert stranger.get(DRAFTS).status_code == 401
    assert stranger.post("/v1/question-sets/small-1/retire", {"retired_on": "2030-01-01"}).status_code == 401


def test_what_waits_for_approval_is_not_replaced_behind_the_approvers_back(editor: Client) -> None:
    waiting = sent(editor)
    newer = tried(editor, id=waiting["question_set_id"], title="Changed while it waits")

    refused = do(editor, newer, "keep")

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-possible-at-this-stage")
    assert editor.get(f"{DRAFTS}/{waiting['id']}").json["state"] == "sent"


def test_a_draft_is_thrown_away_and_nothing_follows(editor: Client) -> None:
    draft = tried(editor)

    assert do(editor, draft, "discard").json["state"] == "discarded"
    assert [do(editor, draft, step).status_code for step in ("keep", "send", "discard")] == [409, 409, 409]
    assert do(editor, {"id": str(new_id())}, "keep").status_code == 404


def test_a_published_id_is_never_used_again(editor: Client, approver: Client) -> None:
    set_id = published(editor, approver)

    refused = upload(editor, yaml.safe_dump(whole_next_version(id=set_id, title="Other words")).encode())

    assert refused.status_code == 422
    assert refused.json["faults"][0]["field"] == "id"
    assert "published already" in refused.json["detail"]


def test_a_file_with_faults_is_refused_whole_and_names_every_place(editor: Client) -> None:
    raw = whole_question_set(id=fresh_id(), title="x" * 20_000)
    raw["practices"][1]["items"][0]["levels"][0]["descriptor"] = "word " * 26
    before = editor.get(DRAFTS).json["count"]

    refused = upload(editor, workbook_out.write(raw), "set.xlsx")

    assert (refused.status_code, refused.json["type"]) == (422, "/problems/question-set-refused")
    assert [(fault["sheet"], fault["row"], fault["column"]) for fault in refused.json["faults"]] == [
        ("About", 5, "B (Value)"),
        ("Items", 4, "E (Level 1)"),
    ]
    assert refused.json["errors"][0]["field"] == "file"
    assert editor.get(DRAFTS).json["count"] == before


def test_no_file_and_a_file_that_is_too_large_are_refused(editor: Client) -> None:
    nothing = editor.post(DRAFTS, data={"other": "1"}, content_type="multipart/form-data")
    large = upload(editor, b"x" * 3_000_000)

    assert nothing.status_code == 422
    assert large.status_code == 413


@pytest.mark.parametrize("ending", ["xlsx", "yaml", "json"])
def test_everybody_takes_a_set_out_as_a_file_and_the_editor_brings_the_next_version_in(
    board: Board, editor: Client, ending: str
) -> None:
    path = f"/v1/question-sets/trust-2026-1/file?format={ending}"
    plain = board.acting(board.members[0]).get(path)
    start = editor.get(f"{path}&as_next=true")

    raw, _ = read_question_set(plain.data, f"set.{ending}")
    tried_again = upload(editor, start.data, f"next.{ending}")

    assert raw["id"] == "trust-2026-1"
    assert f'filename="trust-2026-1.{ending}"' in plain.headers["Content-Disposition"]
    assert (tried_again.status_code, tried_again.json["question_set_id"]) == (201, "trust-2026-2")
    assert (tried_again.json["changes"]["items"], tried_again.json["changes"]["unchanged"]) == ([], 22)
    assert editor.get(f"{DRAFTS}/{tried_again.json['id']}/file?format={ending}").status_code == 200
    assert editor.get("/v1/question-sets/trust-2026-1/file?format=exe").status_code == 422


def test_a_retired_set_opens_nothing_new_and_a_running_self_assessment_keeps_it(
    service: ServiceUnderTest, editor: Client, approver: Client, board: Board
) -> None:
    set_id, newer = published(editor, approver), published(editor, approver)
    round_id = board.open(question_set_id=set_id)

    answer = approver.post(
        f"/v1/question-sets/{set_id}/retire", {"retired_on": today().isoformat(), "replaced_by": newer}
    )

    assert (answer.status_code, answer.json["replaced_by"]) == (200, newer)
    (told,) = service.events(event_types.INSTRUMENT_RETIRED, key=set_id)
    assert told.data == {"question_set_id": set_id, "retired_on": today().isoformat(), "replaced_by": newer}
    board.answer(board.members[0], round_id, "i9", 4)
    assert board.acting(board.members[0]).get(f"/v1/question-sets/{set_id}").status_code == 200
    refused = board.acting(board.lead).post("/v1/rounds", board.invitation(question_set_id=set_id))
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "question_set_id")
    again = approver.post(f"/v1/question-sets/{set_id}/retire", {"retired_on": in_days(5).isoformat()})
    assert again.status_code == 409


def test_a_draft_of_a_self_assessment_whose_set_was_retired_is_not_opened(
    editor: Client, approver: Client, board: Board
) -> None:
    set_id = published(editor, approver)
    round_id = board.open(question_set_id=set_id, draft=True)
    approver.post(f"/v1/question-sets/{set_id}/retire", {"retired_on": today().isoformat()})

    refused = board.acting(board.lead).post(f"/v1/rounds/{round_id}/open")

    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "question_set_id")


def test_a_day_of_retirement_that_has_not_come_leaves_the_set_in_use(
    editor: Client, approver: Client, board: Board
) -> None:
    set_id = published(editor, approver)

    approver.post(f"/v1/question-sets/{set_id}/retire", {"retired_on": in_days(1).isoformat()})

    assert board.open(question_set_id=set_id)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"retired_on": "2020-01-01"}, "retired_on"),
        ({"retired_on": "2027-02-30"}, "retired_on"),
        ({"retired_on": "2099-01-01", "replaced_by": "icb-2026-1"}, "replaced_by"),
        ({"retired_on": "2099-01-01", "replaced_by": "no-such"}, "replaced_by"),
        ({"retired_on": "2099-01-01", "replaced_by": "trust-2026-1"}, "replaced_by"),
    ],
)
def test_a_wrong_retirement_is_refused(approver: Client, body: dict[str, Any], field: str) -> None:
    answer = approver.post("/v1/question-sets/trust-2026-1/retire", body)

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_publishing_needs_a_second_factor(service: ServiceUnderTest, editor: Client) -> None:
    weak = service.client(service.world.national(Role.NATIONAL_APPROVER), strong=False)

    assert do(weak, sent(editor), "publish").json["type"] == "/problems/step-up-required"


def test_the_database_lets_nobody_change_or_remove_what_is_published(service: ServiceUnderTest, ned: Person) -> None:
    row = question_set.c
    changes: list[Any] = [
        update(question_set).where(row.id == "trust-2026-1").values(content={}),
        update(question_set).where(row.id == "trust-2026-1").values(title="Other"),
        update(question_set).where(row.id == "trust-2026-1").values(sha256="0"),
        delete(question_set).where(row.id == "trust-2026-1"),
    ]

    for principal in (ned.principal(), Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)):
        for change in changes:
            with service.unit_of_work(principal) as uow, pytest.raises(DBAPIError, match="permission denied"):
                uow.session.execute(change)


def test_drafts_are_the_national_teams_alone_whatever_the_query(
    service: ServiceUnderTest, editor: Client, board: Board
) -> None:
    draft = tried(editor)

    for person in (board.lead, board.chair, service.world.person(board.tenant, Role.ICB_LEAD)):
        with service.unit_of_work(person.principal()) as uow:
            assert uow.session.execute(question_set_draft.select()).all() == []
            hidden = update(question_set_draft).where(question_set_draft.c.id == draft["id"]).values(state="sent")
            assert uow.session.execute(hidden).rowcount == 0  # type: ignore[attr-defined]
            with pytest.raises(DBAPIError, match="row-level security"):
                uow.session.execute(insert(question_set_draft).values(_row(draft)))


def _row(draft: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "question_set_id": "planted",
        "state": "tried",
        "content": {},
        "file_name": "f",
        "worked_on_by": [],
        "created_by": "x",
        "created_at": draft["created_at"],
    }
