"""What the sweeps share: an answer as text, what may differ between two answers, and whose is what."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping

from werkzeug.test import TestResponse

from shared.ids import new_id
from tests.security.canaries.planting import ids_of, people_of
from tests.security.canaries.recording import Scene, Sent
from tests.security.canaries.strangers import stands_at

REQUEST_ID = re.compile(r'"request_id":"[^"]*"')
ANY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
PUBLIC_REGISTER = {"GET /v1/organisations", "GET /v1/organisations/<code>"}
"""Who exists and belongs where is the same for everybody who signed in."""
MADE_UP_CODE = "ZZZ9999"


def text_of(response: TestResponse) -> str:
    """Return the body as text, a workbook as the text of all its parts."""
    body = response.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in parts.namelist())
    return body.decode(errors="replace")


def whole(response: TestResponse) -> str:
    """Return everything an answer says."""
    return f"{response.status}\n{response.headers}\n{text_of(response)}"


def exactly(response: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Return an answer as it can be told from another; the reference of the request is each one's own."""
    headers = [(name, value) for name, value in response.headers if name != "X-Request-Id"]
    return response.status_code, REQUEST_ID.sub("", text_of(response)), headers


def apart_from(response: TestResponse, names: Iterable[str]) -> tuple[int, str, list[tuple[str, str]]]:
    """Return an answer as it can be told from another, whatever these names and any id or instant are in it."""
    status, text, headers = exactly(response)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "#")
    return status, ANY_INSTANT.sub("@", ANY_ID.sub("#", text)), headers


def theirs(scene: Scene) -> set[str]:
    """Return every id of the trust and its people."""
    return ids_of(scene) | people_of(scene)


def made_up(scene: Scene) -> Mapping[str, str]:
    """Return for every id of the trust one of the same kind that nothing has."""
    return {found: nothing_like(scene, found) for found in theirs(scene)}


def nothing_like(scene: Scene, found: str) -> str:
    """Return what nothing is called: a code, an address or an id, whichever this is."""
    if found == scene.org:
        return MADE_UP_CODE
    return f"{new_id()}@nowhere.example" if "@" in found else str(new_id())


def rightly_reads(scene: Scene, sent: Sent, name: str) -> bool:
    """Tell whether the stranger of this name was shown by the trust what the request asks for."""
    return any(stands_at(name, place) for place in scene.may_read.get(sent.route, ()))
