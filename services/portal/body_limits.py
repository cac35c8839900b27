"""How much one request may send: decided from what it announces, before anything of its body is read."""

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from services.portal.page import Page
from services.portal.portal import Portal, current_session

UPLOAD = 25 * 1024 * 1024
FORM = 1024 * 1024
STRANGER = 64 * 1024
"""What somebody who is not signed in sends: which kind of sign-in, an answer to an invitation."""
READ_FOR_ITS_TEXT = 4 * UPLOAD


class Nowhere:
    """Takes a file's content and keeps nothing of it."""

    def write(self, data: bytes) -> int:
        """Take a piece."""
        return len(data)

    def seek(self, *_: int) -> int:
        """Go back to the beginning of nothing."""
        return 0


def set_limit(portal: Portal) -> None:
    """Give the request its limit: by its page for somebody signed in, or just signed out; else the stranger's."""
    page = portal.pages.get(request.endpoint or "")
    current = current_session()
    if current.person_id is None and "lost" not in current:
        request.max_content_length = STRANGER
    else:
        request.max_content_length = UPLOAD if page is not None and page.takes_file else FORM


def is_within_limit() -> bool:
    """Tell whether the body may be read."""
    return (request.content_length or 0) <= (request.max_content_length or 0)


def check() -> None:
    """Refuse what is too large, and what does not say how large it is; no browser sends that."""
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        raise LengthRequired
    if not is_within_limit():
        raise RequestEntityTooLarge


def text_beside_a_large_file(page: Page) -> MultiDict[str, str] | None:
    """Read the text of a form of `page` whose file is too large, and nothing of the file; None for anything else."""
    if not page.takes_file or request.max_content_length != UPLOAD or is_within_limit():
        return None
    if (request.content_length or 0) > READ_FOR_ITS_TEXT:
        return None
    request.max_content_length = READ_FOR_ITS_TEXT
    parser = FormDataParser(
        lambda *_, **__: Nowhere(),  # type: ignore[arg-type]  # nobody reads what was written there
        max_form_memory_size=FORM, max_form_parts=1_000,
    )  # fmt: skip
    _, fields, _ = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
    return fields
