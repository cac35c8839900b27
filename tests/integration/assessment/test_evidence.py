"""Evidence of a self-assessment: added by those who prepare, read by the board, used again next time."""

import pytest
import requests

from shared.contracts.roles import Role
from shared.testing import sample_files
from tests.integration.assessment.boards import found_board
from tests.integration.assessment.evidence_shelf import Shelf, nobodys_id

NOT_TAKEN = {
    "one that lies about its type": ("paper.pdf", sample_files.PNG, "does not fit what is in it"),
    "a program": ("paper.pdf", sample_files.PROGRAM, "program"),
    "nothing": ("paper.pdf", b"", "empty"),
    "one that is too large": ("paper.pdf", sample_files.PDF + bytes(20 * 1024 * 1024), "larger than 20 MB"),
    "a web page": ("paper.txt", b"<html><script>1</script>", "web page"),
}


def test_the_board_reads_a_file_once_it_was_found_clean(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    member = shelf.board.members[0]

    added = shelf.add_file(round_id)
    before = shelf.shown(round_id, by=member)
    shelf.work()
    after = shelf.shown(round_id, by=member)

    assert added.status_code == 201
    assert [one["file"]["state"] for one in added.json["items"]] == ["checking"]
    assert before["items"] == []
    assert [(one["title"], one["file"]["name"], one["file"]["state"]) for one in after["items"]] == [
        ("What the ward said", "paper.pdf", "ready")
    ]


def test_a_link_opens_the_file_for_a_minute_as_an_attachment_with_its_name(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id, name="../../r\u202efig 1.pdf")

    answer = shelf.link_to(round_id, piece, by=shelf.board.members[0])
    file = requests.get(answer.json["link"], timeout=20)

    assert (answer.status_code, answer.json["seconds"]) == (200, 60)
    assert (file.status_code, file.content) == (200, sample_files.PDF)
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"] == ("attachment; filename=\"rfig 1.pdf\"; filename*=UTF-8''rfig%201.pdf")


def test_a_file_that_is_still_checked_has_no_link(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.add_file(round_id).json["items"][0]["id"]

    answer = shelf.link_to(round_id, piece)

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/file-not-ready")


@pytest.mark.parametrize("what", list(NOT_TAKEN))
def test_a_file_that_is_not_taken_gets_a_sentence_and_nothing_of_it_is_kept(shelf: Shelf, what: str) -> None:
    name, content, word = NOT_TAKEN[what]
    round_id = shelf.board.open()

    answer = shelf.add_file(round_id, name, content)

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/file-not-taken")
    assert word in answer.json["errors"][0]["message"]
    assert answer.json["errors"][0]["field"] == "file"
    assert (shelf.objects(), shelf.rows(), shelf.rows("evidence")) == ([], [], [])


def test_an_archive_that_expands_to_a_gigabyte_is_not_taken(shelf: Shelf) -> None:
    round_id = shelf.board.open()

    answer = shelf.add_file(round_id, "paper.docx", sample_files.bomb())

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/file-not-taken")
    assert "unpacks" in answer.json["detail"]
    assert (shelf.objects(), shelf.rows()) == ([], [])


def test_a_body_beyond_every_limit_is_not_even_read(shelf: Shelf) -> None:
    round_id = shelf.board.open()

    answer = shelf.add_file(round_id, "paper.pdf", bytes(25 * 1024 * 1024))

    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")
    assert shelf.rows() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", sample_files.TEST_VIRUS),
        ("paper.docx", sample_files.office("docx", picture=sample_files.TEST_VIRUS)),
        ("paper.docx", sample_files.bomb_that_lies()),
    ],
    ids=["test signature", "test signature inside an archive", "archive that lies about its size"],
)
def test_what_the_scanner_finds_is_removed_and_only_those_who_added_it_are_told(
    shelf: Shelf, name: str, content: bytes
) -> None:
    round_id = shelf.board.open()
    assert shelf.add_file(round_id, name, content).status_code == 201

    shelf.work()

    file = shelf.shown(round_id)["items"][0]["file"]
    assert (file["state"], file["refused_because"]) == ("refused", "unsafe")
    assert shelf.shown(round_id, by=shelf.board.members[0])["items"] == []
    assert shelf.objects() == []


def test_a_refused_file_can_be_taken_off_the_list(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.add_file(round_id, "notes.txt", sample_files.TEST_VIRUS).json["items"][0]["id"]
    shelf.work()

    answer = shelf.remove(round_id, piece)
    shelf.work()

    assert (answer.status_code, answer.json["items"]) == (200, [])
    assert (shelf.rows(), shelf.rows("evidence"), shelf.objects()) == ([], [], [])


def test_removing_a_file_removes_its_content(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)
    there = shelf.objects()

    assert shelf.remove(round_id, piece).status_code == 200
    shelf.work()

    assert len(there) == 1
    assert (shelf.objects(), shelf.rows()) == ([], [])
    assert shelf.link_to(round_id, piece).status_code == 404


def test_keys_begin_with_the_tenant_and_are_told_to_nobody(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    shelf.ready_file(round_id)

    key = shelf.rows()[0]["key"]
    prefix, unguessable = key.split("/")

    assert prefix == shelf.board.tenant
    assert len(unguessable) == 32
    assert key not in shelf.client().get(f"/v1/rounds/{round_id}/evidence").text


def test_a_double_click_adds_a_file_once(shelf: Shelf) -> None:
    round_id = shelf.board.open()

    answers = [shelf.add_file(round_id, key="once") for _ in range(2)]
    shelf.work()

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(shelf.shown(round_id)["items"]) == 1


def test_another_file_under_the_key_of_the_first_is_refused_and_not_dropped_in_silence(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    shelf.add_file(round_id, key="once")

    other = shelf.add_file(round_id, content=sample_files.PDF + b"%another", key="once")

    assert (other.status_code, other.json["type"]) == (422, "/problems/key-used-for-other-request")


SOMEBODY = ":".join(["name", "word"])
"""What an address may not carry; put together here, as the scan for secrets would take it for one."""


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "example.org",
        "https://",
        f"https://{SOMEBODY}@example.org",
        "http://x y",
    ],
)
def test_a_link_that_a_browser_should_not_open_is_refused(shelf: Shelf, link: str) -> None:
    answer = shelf.add_link(shelf.board.open(), link)

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "link")


def test_what_evidence_shows_has_to_be_said(shelf: Shelf) -> None:
    round_id = shelf.board.open()

    assert shelf.add_link(round_id, title=" ").json["errors"][0]["field"] == "title"
    assert shelf.add_file(round_id, title="").json["errors"][0]["field"] == "title"
    assert shelf.add_link(round_id, item_id="of-another-version").json["errors"][0]["field"] == "item_id"


def test_an_item_has_room_for_twenty_pieces(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    for number in range(20):
        assert shelf.add_link(round_id, title=f"Page {number}").status_code == 201

    assert shelf.add_link(round_id).status_code == 422
    assert shelf.add_file(round_id).status_code == 422
    assert shelf.objects() == []
    assert shelf.add_link(round_id, item_id="i2").status_code == 201


def test_what_was_put_forward_or_signed_shows_what_it_showed(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.add_link(round_id).json["items"][0]["id"]
    shelf.board.everybody_answers(round_id)
    shelf.board.close(round_id)
    shelf.board.record_everything(round_id)
    shelf.board.do(shelf.board.lead, round_id, "agree")

    answers = [shelf.add_link(round_id), shelf.add_file(round_id), shelf.remove(round_id, piece)]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert [one["id"] for one in shelf.shown(round_id)["items"]] == [piece]
    assert shelf.shown(round_id)["changeable"] is False
    assert shelf.objects() == []


@pytest.mark.parametrize("role", [Role.ACTION_OWNER, Role.ACCESS_MANAGER])
def test_those_outside_the_board_see_no_evidence(shelf: Shelf, role: Role) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)
    outsider = shelf.board.service.world.person(shelf.board.org, role)

    answers = [
        shelf.client(outsider).get(f"/v1/rounds/{round_id}/evidence"),
        shelf.link_to(round_id, piece, by=outsider),
        shelf.add_file(round_id, by=outsider),
        shelf.remove(round_id, piece, by=outsider),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert len(shelf.rows()) == 1


def test_board_members_read_and_do_not_add(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)

    for reader in (shelf.board.members[0], shelf.board.chair, shelf.board.chief):
        assert shelf.link_to(round_id, piece, by=reader).status_code == 200
        assert shelf.add_file(round_id, by=reader).status_code == 403
        assert shelf.add_link(round_id, by=reader).status_code == 403
        assert shelf.remove(round_id, piece, by=reader).status_code == 403


def test_another_trust_and_the_icb_find_nothing(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id)
    neighbour = found_board(shelf.board.service, tenant=shelf.board.tenant).lead
    stranger = found_board(shelf.board.service).lead
    icb = shelf.board.service.world.person(shelf.board.tenant, Role.ICB_LEAD)

    for other in (neighbour, stranger):
        assert shelf.client(other).get(f"/v1/rounds/{round_id}/evidence").status_code == 404
        assert shelf.link_to(round_id, piece, by=other).status_code == 404
        assert shelf.link_to(round_id, nobodys_id(), by=other).status_code == 404
        assert shelf.add_file(round_id, by=other).status_code == 404
        assert shelf.remove(round_id, piece, by=other).status_code == 404
    assert shelf.link_to(round_id, piece, by=icb).status_code == 403
    assert len(shelf.objects()) == 1


def test_adding_opening_and_removing_are_in_the_audit_trail(shelf: Shelf) -> None:
    round_id = shelf.board.open()
    piece = shelf.ready_file(round_id, by=shelf.board.secretary)
    shelf.link_to(round_id, piece, by=shelf.board.chair)
    shelf.remove(round_id, piece)

    trail = [(row["action"], row["person_id"]) for row in shelf.rows("audit_entry") if row["object_id"] == piece]

    assert trail == [
        ("evidence.file-added", shelf.board.secretary.person_id),
        ("evidence.opened", shelf.board.chair.person_id),
        ("evidence.removed", shelf.board.lead.person_id),
    ]
