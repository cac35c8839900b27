"""A trust's self-assessments from before, brought in as files: one kept, one taken out, one only looked at."""

import csv
import io

from tests.integration.assessment.boards import SMALL, Board
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording

PLACE = "/v1/earlier-results"
ONE = f"{PLACE}/<uuid:earlier_id>"


def tell(board: Board) -> None:
    """Use every route of the history."""
    lead = board.acting(board.lead)
    gone, stays = (_kept(board, f"{year}-03-31") for year in (2023, 2024))
    looked_at = _uploaded(board, "2025-03-31")
    assert lead.get(f"{PLACE}/{stays}").status_code == 200
    assert lead.delete(f"{PLACE}/{gone}").status_code == 200
    service = board.service
    assert isinstance(service, Recording)
    service.aim(f"DELETE {ONE}", f"{PLACE}/{stays}")
    service.aim(f"POST {ONE}/confirm", f"{PLACE}/{looked_at}/confirm")


def _kept(board: Board, agreed_on: str) -> str:
    earlier_id = _uploaded(board, agreed_on)
    assert board.acting(board.lead).post(f"{PLACE}/{earlier_id}/confirm").status_code == 200
    return earlier_id


def _uploaded(board: Board, agreed_on: str) -> str:
    file = (io.BytesIO(_filled(board, agreed_on)), f"{words(what='earlier')}.csv")
    added = board.acting(board.lead).send("POST", PLACE, data={"file": file})
    assert added.status_code == 201, added.json
    return str(added.json["id"])


def _filled(board: Board, agreed_on: str) -> bytes:
    """Return the template of the trust's question set, filled in."""
    template = board.acting(board.lead).get(f"{PLACE}/templates/{SMALL}/csv")
    values = {"self-assessment": words(what="earlier"), "agreed-on": agreed_on, "p1": "2", "i1": "2", "i2": "4"}
    out = io.StringIO()
    rows = csv.reader(io.StringIO(template.data.decode(), newline=""))
    csv.writer(out).writerows([*row[:2], values.get(row[0], row[2]), *row[3:]] for row in rows)
    return out.getvalue().encode()
