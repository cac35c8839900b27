"""A trust's evidence: files and links, one taken away, and those of last time asked about the next time."""

import io

from services.assessment import worker
from shared.config import AwsConfig
from shared.scanning import SignatureScanner
from shared.scheduler import Scheduler
from shared.storage import FileStore
from shared.testing import sample_files
from tests.integration.assessment.boards import SMALL_ITEMS, Board, found_board, in_days
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording

REMOVE = "DELETE /v1/rounds/<uuid:round_id>/evidence/<uuid:evidence_id>"
INVITE = "POST /v1/rounds/<uuid:round_id>/respondents"
STILL_TRUE = "POST /v1/rounds/<uuid:round_id>/evidence/<uuid:evidence_id>/still-true"


def tell_at_once(board: Board, round_id: str) -> None:
    """Add evidence while the board answers; take a piece of it away."""
    lead, place = board.acting(board.lead), f"/v1/rounds/{round_id}/evidence"
    shown = {"item_id": SMALL_ITEMS[0], "title": words(what="evidence"), "link": f"https://example.org/{words()}"}
    for _ in range(3):
        added = lead.post(f"{place}/links", shown)
        assert added.status_code == 201, added.json
    _add_file(board, round_id, item_id=SMALL_ITEMS[0])
    _scan(_recording(board))
    shelf = lead.get(place)
    assert shelf.status_code == 200
    assert lead.delete(f"{place}/{shelf.json['items'][0]['id']}").status_code == 200


def tell(board: Board) -> dict[str, str]:
    """Let the next self-assessment ask about the last one's evidence; return ids of ours with a neighbour's."""
    dates = {"closes_on": in_days(9).isoformat(), "draft": True}  # opened, it would end the private answers before it
    round_id = board.open(name=words(what="next"), note=words(what="next"), **dates)
    lead, place = board.acting(board.lead), f"/v1/rounds/{round_id}/evidence"
    earlier, replaced, later, *_ = [piece["id"] for piece in lead.get(place).json["still_true"]]
    assert lead.post(f"{place}/{earlier}/still-true", {"answer": "keep"}).status_code == 200
    _add_file(board, round_id, replaces=replaced, item_id=SMALL_ITEMS[0])
    _scan(_recording(board))
    pieces = lead.get(place).json["items"]
    opened = next(piece["id"] for piece in pieces if piece["file"] and piece["file"]["state"] == "ready")
    assert lead.get(f"{place}/{opened}/link").status_code == 200
    service = _recording(board)
    service.aim(STILL_TRUE, f"{place}/{later}/still-true")
    service.aim(REMOVE, f"{place}/{opened}")
    service.aim(INVITE, f"/v1/rounds/{round_id}/respondents")
    return {replaced: _of_a_neighbour(board)}


def _add_file(board: Board, round_id: str, **where: str) -> None:
    file = (io.BytesIO(sample_files.PDF), f"{words(what='file')}.pdf")
    data = {"file": file, "title": words(what="file"), **where}
    added = board.acting(board.lead).post(f"/v1/rounds/{round_id}/evidence/files", data=data)
    assert added.status_code == 201, added.json


def _scan(service: Recording) -> None:
    handlers = worker.file_handlers(FileStore(_store(service)), SignatureScanner())
    scheduler = Scheduler(service.database, handlers, stop=lambda: False, clock=service.clock)
    while scheduler.run_once():
        pass


def _of_a_neighbour(board: Board) -> str:
    """Return a piece of evidence that a sister trust has."""
    service = _recording(board)
    with service.aside():
        neighbour = found_board(service, tenant=board.tenant, members=2)
        place = f"/v1/rounds/{neighbour.open()}/evidence"
        shown = {"item_id": SMALL_ITEMS[0], "title": "Theirs", "link": "https://example.org/theirs"}
        added = neighbour.acting(neighbour.lead).post(f"{place}/links", shown)
    return str(added.json["items"][0]["id"])


def _recording(board: Board) -> Recording:
    assert isinstance(board.service, Recording)
    return board.service


def _store(service: Recording) -> AwsConfig:
    assert service.store is not None
    return service.store
