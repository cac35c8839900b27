"""The file of a request: looked at before anything is written down, then stored while no transaction is open."""

import hashlib
from typing import IO

from flask import current_app
from werkzeug.datastructures import FileStorage

from services.assessment.commands.evidence import Upload
from services.assessment.domain.evidence import FileNotTaken, check_size
from shared.file_content import NotTaken, recognise, size_of
from shared.problems import Problem
from shared.storage import FilesAway, FileStore

PIECE = 256 * 1024


def looked_at(sent: FileStorage) -> Upload:
    """Return what the file is by its content. Raises FileNotTaken, and then nothing of it is kept anywhere."""
    name, content = sent.filename or "", sent.stream
    check_size(size_of(content))
    try:
        kind = recognise(content, name)
    except NotTaken as error:
        raise FileNotTaken(error.message) from error
    return Upload(name, kind.media_type, size_of(content), _sha256(content))


def stored(key: str, sent: FileStorage, upload: Upload) -> None:
    """Store the file; raises a 503 problem when the store is away, and the scheduler sweeps what got there."""
    files: FileStore = current_app.extensions["files"]
    try:
        files.put(key, sent.stream, upload.media_type)
    except FilesAway as error:
        raise Problem(
            "files-away",
            503,
            "Files cannot be stored at the moment",
            "Nothing was added. Try again in a few minutes.",
            headers={"Retry-After": "60"},
        ) from error


def _sha256(content: IO[bytes]) -> str:
    content.seek(0)
    found = hashlib.sha256()
    while piece := content.read(PIECE):
        found.update(piece)
    return found.hexdigest()
