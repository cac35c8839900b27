"""What a file is, decided by its content: a short closed list, and a sentence for everything else.

The name and what the browser says are never believed. Office files are archives, so their list of contents is read:
one that would unpack to far more than it is, holds programs, or cannot be looked into is refused.
"""

import csv
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

HEAD_BYTES = 4096
TAIL_BYTES = 2048
LARGEST_UNPACKED = 200 * 1024 * 1024
"""Bytes to which an archive may unpack, all its parts together."""
MOST_PARTS = 5_000
PIECE = 256 * 1024
ROWS_OF_A_TABLE = 20
OFFICE = "application/vnd.openxmlformats-officedocument"


class NotTaken(Exception):
    """The content is none of ours; `message` is the sentence for the person."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file we take: what it is called, its media type, and the endings its name may have."""

    words: str
    media_type: str
    endings: tuple[str, ...]


PDF = Kind("PDF", "application/pdf", ("pdf",))
DOCX = Kind("Word document", f"{OFFICE}.wordprocessingml.document", ("docx",))
XLSX = Kind("Excel workbook", f"{OFFICE}.spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("PowerPoint presentation", f"{OFFICE}.presentationml.presentation", ("pptx",))
PNG = Kind("PNG picture", "image/png", ("png",))
JPEG = Kind("JPEG picture", "image/jpeg", ("jpg", "jpeg"))
TEXT = Kind("plain text", "text/plain", ("txt", "csv"))
CSV = Kind("table in CSV", "text/csv", ("csv", "txt"))
KINDS = (PDF, DOCX, XLSX, PPTX, PNG, JPEG, TEXT, CSV)
TAKEN = "PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), PNG, JPEG, plain text and CSV"

MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa")
MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<?php")
PROGRAM_PARTS = ("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
IS_A_PROGRAM = "This is a program, or holds one. Programs are not taken."


def recognise(file: IO[bytes], name: str) -> Kind:
    """Return what `file` is; raises NotTaken when it is empty, none of our kinds, or not what its name says."""
    kind = kind_of(file)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in kind.endings:
        raise NotTaken(
            f"The name of this file does not fit what is in it: it is a {kind.words}."
            f" Give it a name ending in .{kind.endings[0]}, or save it again as what you meant."
        )
    return kind


def kind_of(file: IO[bytes]) -> Kind:
    """Return what `file` is by its content alone; raises NotTaken."""
    head, tail = _ends(file)
    if not head:
        raise NotTaken("This file is empty.")
    if head.startswith(PROGRAMS):
        raise NotTaken(IS_A_PROGRAM)
    for opening, decide in OPENINGS.items():
        if head.startswith(opening):
            return decide(file, tail)
    if head.startswith(OLD_OFFICE):
        raise NotTaken(
            "This is an Office file of the old kind, or one with a password. Save it as .docx, .xlsx or .pptx."
        )
    return _text(file, head)


def _ends(file: IO[bytes]) -> tuple[bytes, bytes]:
    size = size_of(file)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(max(0, size - TAIL_BYTES))
    return head, file.read(TAIL_BYTES)


def size_of(file: IO[bytes]) -> int:
    """Return how many bytes `file` has; it stands at its beginning afterwards."""
    size = file.seek(0, 2)
    file.seek(0)
    return size


def _whole(kind: Kind, ending: bytes) -> Callable[[IO[bytes], bytes], Kind]:
    """Return a check that the file's last bytes hold what its kind ends with, so that half a file is noticed."""

    def decide(_: IO[bytes], tail: bytes) -> Kind:
        if ending not in tail:
            raise NotTaken(f"This {kind.words} is damaged or not complete. Save it again and try once more.")
        return kind

    return decide


def _office(file: IO[bytes], _: bytes) -> Kind:
    """Look into an archive: by its list of contents alone, nothing is unpacked."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise NotTaken("This file is damaged or not complete. Save it again and try once more.") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise NotTaken("This file unpacks to far more than it may. Make it smaller, for example with fewer pictures.")
    if any(part.flag_bits & 1 for part in parts):
        raise NotTaken("This file is locked with a password, so it cannot be checked. Save it without one.")
    names = [part.filename.lower() for part in parts]
    if any(name.endswith(PROGRAM_PARTS) for name in names):
        raise NotTaken("This file holds macros or programs. Save it without them, for example as .docx or .xlsx.")
    found = [kind for part, kind in MAIN_PARTS.items() if part in names]
    if "[content_types].xml" not in names or len(found) != 1:
        raise NotTaken(f"This kind of file is not taken. We take {TAKEN}.")
    return found[0]


def _text(file: IO[bytes], head: bytes) -> Kind:
    """Plain text in UTF-8 or in the encoding of older Windows programs, without a control character."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise NotTaken(f"This is a web page or other markup. We take {TAKEN}.")
    file.seek(0)
    if any(_has_control_characters(piece) for piece in iter(lambda: file.read(PIECE), b"")):
        raise NotTaken(f"This kind of file is not taken. We take {TAKEN}.")
    return CSV if _is_table(head) else TEXT


def _has_control_characters(piece: bytes) -> bool:
    return bool(piece.translate(None, ALLOWED_IN_TEXT))


ALLOWED_IN_TEXT = bytes([9, 10, 12, 13, *range(32, 127), *range(128, 256)])


def _is_table(head: bytes) -> bool:
    lines = head.decode("utf-8", "replace").splitlines()
    whole = lines[:-1] if len(head) == HEAD_BYTES else lines
    sample = [line for line in whole if line.strip()][:ROWS_OF_A_TABLE]
    return any(_same_columns(csv.reader(sample, delimiter=mark)) for mark in ",;\t") if len(sample) > 1 else False


def _same_columns(rows: Iterable[list[str]]) -> bool:
    try:
        widths = {len(row) for row in rows}
    except csv.Error:
        return False
    return len(widths) == 1 and widths.pop() > 1


OPENINGS: dict[bytes, Callable[[IO[bytes], bytes], Kind]] = {
    b"%PDF-": _whole(PDF, b"%%EOF"),
    b"\x89PNG\r\n\x1a\n": _whole(PNG, b"IEND"),
    b"\xff\xd8\xff": _whole(JPEG, b"\xff\xd9"),
    b"PK\x03\x04": _office,
}
