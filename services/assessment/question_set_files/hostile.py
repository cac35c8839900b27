"""What is looked at before a workbook is opened: a zip archive can expand a thousandfold, and XML can name files.

The sizes that an archive states are believed only because the library reads no byte more than stated and then finds
that the check sum is wrong.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils import column_index_from_string

from services.assessment.question_set_files.refusal import QuestionSetRefused

MOST_EXPANDED = 4_000_000
"""Bytes of all parts together; a workbook of a question set has 200,000."""
MOST_PARTS, MOST_ELEMENTS = 100, 200_000
LAST_ROW, LAST_COLUMN = 1_000, 50
"""What lies beyond is never read, so it must not be there."""
NEEDED = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
ACTIVE = ("xl/vbaproject", "xl/externallinks/", "xl/embeddings/", "xl/activex/", "xl/ctrlprops/", "xl/macrosheets/")


def check_archive(content: bytes) -> None:
    """Raises QuestionSetRefused when this is no workbook, or one that must not be opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts)
            for part in parts:
                _check_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise QuestionSetRefused.whole("The workbook is damaged or protected. Save it again as .xlsx") from error


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename for part in parts}
    if not names >= NEEDED:
        raise QuestionSetRefused.whole("The file is not a workbook. Use .xlsx, or a text in .yaml or .json")
    if len(parts) > MOST_PARTS or len(names) != len(parts):
        raise QuestionSetRefused.whole("The workbook has more parts than a question set needs")
    if sum(part.file_size for part in parts) > MOST_EXPANDED:
        raise QuestionSetRefused.whole("The workbook expands to more than a question set needs. Nothing was read")
    if any(name.lower().startswith(ACTIVE) for name in names):
        raise QuestionSetRefused.whole("The workbook holds macros, links or other files. Save it without them")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part once: its check sum, no declarations in its XML, no cell outside what is read."""
    if not part.filename.endswith((".xml", ".rels")):
        archive.read(part)
        return
    try:
        with archive.open(part) as stream:
            for number, (tag, attributes) in enumerate(_elements(stream)):
                if number > MOST_ELEMENTS:
                    raise QuestionSetRefused.whole("The workbook has more cells than a question set needs")
                if tag in {"row", "c"} and part.filename.startswith("xl/worksheets/"):
                    _check_place(attributes.get("r", ""))
    except (DefusedXmlException, ParseError, ValueError) as error:
        raise QuestionSetRefused.whole("The workbook holds XML that is not read. Save it again as .xlsx") from error


def _elements(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    for _, element in iterparse(stream, events=("start",), forbid_dtd=True):
        yield element.tag.rsplit("}", 1)[-1], element.attrib


def _check_place(reference: str) -> None:
    digits = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = reference[: len(reference) - len(digits)]
    row = int(digits) if digits.isascii() and digits.isdigit() else 0
    if (digits and not 0 < row <= LAST_ROW) or (letters and column_index_from_string(letters) > LAST_COLUMN):
        raise QuestionSetRefused.whole("Something stands far outside the table. Remove it and save again")
