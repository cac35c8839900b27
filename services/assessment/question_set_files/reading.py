"""Reads a question set out of a file. What a file is decides its content, never its name."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml

from services.assessment.question_set_files import workbook_in
from services.assessment.question_set_files.refusal import QuestionSetRefused, Where

LARGEST_FILE = 1_000_000
"""Bytes; the set for trusts has 45,000."""
LARGEST_TEXT = 400_000
DEEPEST = 12
"""Levels of nesting in a text; a question set has 6."""
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
KIND_OF_ENDING = {"xlsx": "workbook", "yaml": "text", "yml": "text", "json": "text"}


def read_question_set(content: bytes, file_name: str) -> tuple[Any, Where]:
    """What the file says, and how to tell places in it.

    Raises QuestionSetRefused when it cannot be read, is too large, or is not what its name says.
    """
    if len(content) > LARGEST_FILE:
        raise QuestionSetRefused.whole(f"The file is larger than {LARGEST_FILE:,} bytes. It cannot be a question set")
    if content.startswith(OLD_OFFICE):
        raise QuestionSetRefused.whole("This is an old or a protected workbook. Save it as .xlsx without a password")
    kind = "workbook" if content.startswith(ZIP) else "text"
    ending = file_name.rsplit(".", 1)[-1].lower()
    if KIND_OF_ENDING.get(ending) != kind:
        raise QuestionSetRefused.whole(
            "The file is not what its name says. Use a workbook (.xlsx), or a text (.yaml or .json) in UTF-8"
        )
    return workbook_in.read(content) if kind == "workbook" else (_read_text(content, ending), lambda _: {})


def _read_text(content: bytes, ending: str) -> Any:
    if len(content) > LARGEST_TEXT:
        raise QuestionSetRefused.whole(f"The text is larger than {LARGEST_TEXT:,} bytes. It cannot be a question set")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionSetRefused.whole("The text is not in UTF-8. Save it again in that encoding") from error
    return _plain(_read_json(text) if ending == "json" else _read_yaml(text))


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise QuestionSetRefused.whole("This cannot be read as JSON", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise _too_deep() from error


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise QuestionSetRefused.whole("A field stands there twice in one place. Remove one of the two")
    return found


def _read_yaml(text: str) -> Any:
    """YAML without references: a few lines of them expand to gigabytes, and no question set needs one."""
    try:
        for depth, _ in _depths(text):
            if depth > DEEPEST:
                raise _too_deep()
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
        raise QuestionSetRefused.whole("This cannot be read as YAML", **place) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise QuestionSetRefused.whole("This cannot be read as YAML") from error


def _depths(text: str) -> Iterator[tuple[int, yaml.Event]]:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else None
            raise QuestionSetRefused.whole("References (& and *) are not read. Write the text out", line=line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        yield depth, event


def _too_deep() -> QuestionSetRefused:
    return QuestionSetRefused.whole("The text is nested too deeply to be a question set")


def _plain(value: Any) -> Any:
    """The value with days as text: YAML makes a date of 2027-04-01."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
