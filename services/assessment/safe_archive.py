"""What is looked at before a workbook is opened: a zip archive can expand a thousandfold, and XML can name files."""

import io
import zipfile
import zlib
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

MOST_EXPANDED: Final = 5_000_000
"""Bytes of all parts together; a filled template has about 60,000."""
MOST_PARTS: Final = 100
MOST_ELEMENTS: Final = 100_000
ACTIVE: Final = (
    "xl/vbaproject",
    "xl/externallinks/",
    "xl/embeddings/",
    "xl/activex/",
    "xl/ctrlprops/",
    "xl/macrosheets/",
)


class UnsafeWorkbook(Exception):
    """The file must not be opened; the message is a sentence for whoever sent it."""


def check_archive(content: bytes) -> None:
    """Read every part once, never more than it states; raises UnsafeWorkbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_EXPANDED:
                raise UnsafeWorkbook("The workbook expands to more than this table needs. Nothing was read")
            if any(part.filename.lower().startswith(ACTIVE) for part in parts):
                raise UnsafeWorkbook("The workbook holds macros, links or other files. Save it without them")
            for part in parts:
                _check_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise UnsafeWorkbook("The workbook is damaged or protected. Save it again as .xlsx") from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part to its end, so that its check sum is proved, and let no XML declare anything."""
    if not part.filename.endswith((".xml", ".rels")):
        archive.read(part)
        return
    try:
        with archive.open(part) as stream:
            for number, _ in enumerate(iterparse(stream, events=("start",), forbid_dtd=True)):
                if number > MOST_ELEMENTS:
                    raise UnsafeWorkbook("The workbook has more cells than this table needs. Nothing was read")
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise UnsafeWorkbook("The workbook holds XML that is not read. Save it again as .xlsx") from error
