"""Reads the published register of NHS trusts (`etr.csv`): from bytes to rows, or a refusal of the whole file.

The file has no header and 27 columns: 1 code, 2 name, 3 region, 4 ICB, 11 first open day, 12 last open
day (both YYYYMMDD), 24 a letter; the rest is address or empty and is not kept. Layout: the file itself
and the field names of `epraccur`. Editions before about 2022 had 24 columns and are refused.

A code is never checked by its shape (the shapes changed in 2024): whether it exists is a question for
the register, not for a pattern.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.directory.domain.errors import RuleBroken
from services.directory.domain.intervals import Interval

COLUMNS = 27
MAX_BYTES = 2_000_000  # the whole published file has 57 kB; thirty times that is not this file
MAX_ROWS = 5_000
MAX_ERRORS = 50
CODE, NAME, REGION, ICB, OPENED, CLOSED = 1, 2, 3, 4, 11, 12

_CODE = re.compile(r"[A-Z0-9]{1,10}")
_ZIP = b"PK\x03\x04"
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in one cell; `row` and `column` count from 1, None where it is the whole file or row."""

    row: int | None
    column: int | None
    message: str


class RegisterFileRefused(RuleBroken):
    """The file cannot be read as the register. Nothing of it is used."""

    slug = "register-file-refused"
    kind = "invalid"

    def __init__(self, errors: list[RowError]) -> None:
        first = errors[0]
        where = f"Row {first.row}" + (f", column {first.column}" if first.column else "") if first.row else "The file"
        more = f" Problems found in all: {len(errors)}." if len(errors) > 1 else ""
        super().__init__(f"{where}: {first.message}{more}", field="file")
        self.errors = tuple(errors)
        self.extra = {"rows": [{"row": e.row, "column": e.column, "message": e.message} for e in errors]}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One organisation as the published file describes it."""

    code: str
    name: str
    region: str | None
    icb: str | None
    open: Interval


def parse_register(content: bytes) -> list[RegisterRow]:
    """The rows of a published register file, plain or as the only file of a zip archive.

    Raises RegisterFileRefused with every faulty row and column (at most 50) when anything is wrong.
    """
    text = _decoded(_unpacked(content))
    rows: list[RegisterRow] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for number, cells in _records(text):
        if number > MAX_ROWS:
            raise RegisterFileRefused([RowError(None, None, f"it has more than {MAX_ROWS:,} rows.")])
        found = list(_faults(number, cells, seen))
        errors.extend(found)
        if not found:
            rows.append(_row(cells))
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        raise RegisterFileRefused(errors[:MAX_ERRORS])
    if not rows:
        raise RegisterFileRefused([RowError(None, None, "it has no rows.")])
    return rows


def _unpacked(content: bytes) -> bytes:
    """The file's bytes; out of a zip never more than the limit is unpacked, whatever its directory claims."""
    if not content.startswith(_ZIP):
        return _within_limit(content)
    try:
        with zipfile.ZipFile(io.BytesIO(_within_limit(content))) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
                raise RegisterFileRefused([RowError(None, None, "the zip archive must hold exactly one .csv file.")])
            with archive.open(members[0]) as member:
                return _within_limit(member.read(MAX_BYTES + 1))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as exc:
        raise RegisterFileRefused([RowError(None, None, "the zip archive is damaged or locked.")]) from exc


def _within_limit(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise RegisterFileRefused([RowError(None, None, f"it is larger than {MAX_BYTES // 1_000_000} MB.")])
    return content


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        row = content.count(b"\n", 0, exc.start) + 1
        raise RegisterFileRefused([RowError(row, None, "this is not UTF-8 text. Save the file as UTF-8.")]) from exc
    if "\x00" in text:
        raise RegisterFileRefused([RowError(text.count("\n", 0, text.index("\x00")) + 1, None, "this is not text.")])
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as exc:
        raise RegisterFileRefused([RowError(number + 1, None, f"the quotation marks are wrong ({exc}).")]) from exc


def _faults(number: int, cells: list[str], seen: dict[str, int]) -> Iterator[RowError]:
    if len(cells) != COLUMNS:
        yield RowError(number, None, f"there are {len(cells)} columns; the register has {COLUMNS} and no header row.")
        return
    yield from _code_faults(number, cells[CODE - 1], seen)
    yield from _name_faults(number, cells[NAME - 1])
    for column in (REGION, ICB):
        if cells[column - 1] and not _CODE.fullmatch(cells[column - 1]):
            yield RowError(number, column, "this is not a code.")
    yield from _date_faults(number, cells)


def _code_faults(number: int, code: str, seen: dict[str, int]) -> Iterator[RowError]:
    if not _CODE.fullmatch(code):
        yield RowError(number, CODE, "an organisation code is 1 to 10 capital letters and figures.")
    elif code in seen:
        yield RowError(number, CODE, f"{code} was already in row {seen[code]}.")
    else:
        seen[code] = number


def _name_faults(number: int, name: str) -> Iterator[RowError]:
    if not name:
        yield RowError(number, NAME, "the name is missing.")
    elif len(name) > 200 or not name.isprintable() or name.startswith(_FORMULA):
        yield RowError(number, NAME, "this is not a name of at most 200 ordinary characters.")


def _date_faults(number: int, cells: list[str]) -> Iterator[RowError]:
    opened, closed = cells[OPENED - 1], cells[CLOSED - 1]
    if _day(opened) is None:
        yield RowError(number, OPENED, "the opening date must be written YYYYMMDD.")
    elif closed and _day(closed) is None:
        yield RowError(number, CLOSED, "the closing date must be written YYYYMMDD or left empty.")
    elif closed and closed < opened:
        yield RowError(number, CLOSED, "the organisation would close before it opens.")


def _day(written: str) -> date | None:
    if not (len(written) == 8 and written.isascii() and written.isdigit()):
        return None
    try:
        return datetime.strptime(written, "%Y%m%d").date()  # noqa: DTZ007 - a day without a time has no time zone
    except ValueError:
        return None


def _row(cells: list[str]) -> RegisterRow:
    opened, closed = _day(cells[OPENED - 1]), _day(cells[CLOSED - 1])
    if opened is None:  # _faults has refused the row before; said again for the type checker
        raise RegisterFileRefused([RowError(None, OPENED, "the opening date is missing.")])
    return RegisterRow(
        code=cells[CODE - 1],
        name=cells[NAME - 1],
        region=cells[REGION - 1] or None,
        icb=cells[ICB - 1] or None,
        open=Interval.through_last_day(opened, closed),
    )
