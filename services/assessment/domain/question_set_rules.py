"""What a question set must be before anybody is asked with it; each fault names its place and says what would be right.

`parse` reads a set that was accepted; this says all that is wrong with one that is not yet. Whether levels can be
told apart by what one can see is for the people who approve to judge; what can be counted is counted here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from services.assessment.domain.question_sets import AUDIENCES, LEVELS, QuestionSet

Path = tuple[str | int, ...]
MOST_FAULTS = 50
LONGEST_DESCRIPTOR = 25
"""Words: five descriptors stand side by side on a phone."""
LONGEST_ID = 60
MOST_ROWS = 100
"""Of anything that comes in rows: practices, items of a practice, glossary terms."""
MOST_PROMPTS = 5
FIRST_WORDS = 4
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place; `path` leads there by field names and row numbers counted from 0."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class TextField:
    """A field that holds text of at most `longest` characters."""

    longest: int
    required: bool = True


OF_THE_SET: Mapping[str, TextField] = {
    "id": TextField(LONGEST_ID),
    "version": TextField(LONGEST_ID),
    "audience": TextField(10),
    "title": TextField(120),
    "illustrative_note": TextField(500, required=False),
    "licence_note": TextField(500),
    "effective_from": TextField(10),
    "effective_to": TextField(10, required=False),
    "how_to_answer": TextField(1_000, required=False),
    "replaces": TextField(LONGEST_ID, required=False),
}
OTHERS_OF_THE_SET = frozenset(
    {"illustrative", "time_needed_minutes", "apart_from_capability", "glossary", "mapping", "practices"}
)
OF_THE_LINE = {"heading": TextField(120), "text": TextField(1_000)}
OF_A_TERM = {"term": TextField(60), "meaning": TextField(500)}
OF_A_PRACTICE = {"id": TextField(LONGEST_ID), "title": TextField(120), "summary": TextField(500, required=False)}
OF_AN_ITEM = {"id": TextField(LONGEST_ID), "title": TextField(120), "question": TextField(300)}
OF_A_LEVEL = {"name": TextField(60), "descriptor": TextField(300)}
A_PROMPT = TextField(300)
LONGEST_REASON = 300


@dataclass
class _Faults:
    found: list[Fault] = field(default_factory=list)

    def add(self, path: Path, message: str) -> None:
        if len(self.found) < MOST_FAULTS:
            self.found.append(Fault(path, message))


def faults_of(raw: Any, replaced: QuestionSet | None) -> list[Fault]:
    """Everything that is wrong with a set (at most 50 faults); `replaced` is the version it says it replaces."""
    faults = _Faults()
    if not isinstance(raw, Mapping):
        faults.add((), "This is not a question set: it must have fields like id, version and practices")
        return faults.found
    _check_fields(faults, raw, (), OF_THE_SET, others=OTHERS_OF_THE_SET)
    _check_facts(faults, raw)
    _check_days(faults, raw)
    _check_glossary(faults, raw)
    items = _check_practices(faults, raw)
    _check_mapping(faults, raw, items, replaced)
    return faults.found


def _check_fields(
    faults: _Faults, row: Any, path: Path, fields: Mapping[str, TextField], others: frozenset[str] = frozenset()
) -> bool:
    """Texts are there and short enough, and nothing else is; False when this is no row of fields at all."""
    if not isinstance(row, Mapping):
        faults.add(path, f"This must have the fields {', '.join(fields)}")
        return False
    for name, rule in fields.items():
        _check_text(faults, row.get(name), (*path, name), rule)
    for name in row:
        if name not in fields and name not in others:
            faults.add((*path, str(name)[:LONGEST_ID]), "There is no such field. Check its spelling, or remove it")
    return True


def _check_text(faults: _Faults, value: Any, path: Path, rule: TextField) -> None:
    if value is None or (isinstance(value, str) and not value.strip()):
        if rule.required:
            faults.add(path, "This is empty. Write something here")
    elif not isinstance(value, str):
        faults.add(path, "This must be text. Put it in quotation marks")
    elif len(value) > rule.longest:
        faults.add(path, f"Use {rule.longest:,} characters or fewer; this has {len(value):,}")
    elif any(ord(letter) < 32 and letter not in "\n\t" for letter in value):
        faults.add(path, "Remove the characters that cannot be shown")


def _check_facts(faults: _Faults, raw: Mapping[str, Any]) -> None:
    if raw.get("audience") not in AUDIENCES:
        faults.add(("audience",), f"Say for whom it is: {', '.join(AUDIENCES)}")
    if not isinstance(raw.get("illustrative"), bool):
        faults.add(("illustrative",), "Say true or false: is the wording illustrative, or an official text?")
    minutes = raw.get("time_needed_minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= 240:
        faults.add(("time_needed_minutes",), "Say how many minutes people need: a whole number from 1 to 240")
    _check_fields(faults, raw.get("apart_from_capability"), ("apart_from_capability",), OF_THE_LINE)
    for name in ("id", "replaces"):
        _check_id(faults, raw.get(name), (name,))
    if raw.get("id") is not None and raw.get("id") == raw.get("replaces"):
        faults.add(("replaces",), "A version cannot replace itself. Give the new version an id of its own")


def _check_id(faults: _Faults, value: Any, path: Path) -> None:
    if isinstance(value, str) and value and not ID.fullmatch(value):
        faults.add(path, "Use small letters a to z, digits and single hyphens, for example p1-purpose")


def _check_days(faults: _Faults, raw: Mapping[str, Any]) -> None:
    days: list[date] = []
    for name in ("effective_from", "effective_to"):
        value = raw.get(name)
        if isinstance(value, str) and value:
            try:
                days.append(date.fromisoformat(value))
            except ValueError:
                faults.add((name,), "Write a real day as year-month-day, for example 2027-04-01")
    if len(days) == 2 and days[1] < days[0]:
        faults.add(("effective_to",), "The last day must not come before the first")


def _check_glossary(faults: _Faults, raw: Mapping[str, Any]) -> None:
    for number, term in enumerate(_rows(faults, raw, ("glossary",), needed=False)):
        _check_fields(faults, term, ("glossary", number), OF_A_TERM)


def _rows(
    faults: _Faults, parent: Mapping[str, Any], path: Path, *, needed: bool = True, most: int = MOST_ROWS
) -> Sequence[Any]:
    rows = parent.get(str(path[-1]))
    if rows is None and not needed:
        return []
    if not isinstance(rows, list) or (needed and not rows):
        faults.add(path, "At least one row is needed here" if needed else "This must be a list")
        return []
    if len(rows) > most:
        faults.add(path, f"Use {most} rows or fewer; this has {len(rows):,}")
    return rows[:most]


def _check_practices(faults: _Faults, raw: Mapping[str, Any]) -> list[str]:
    """Checks practices and items; returns the ids of the items."""
    seen: set[Any] = set()
    items: list[str] = []
    names: dict[int, Any] = {}
    for number, practice in enumerate(_rows(faults, raw, ("practices",))):
        path: Path = ("practices", number)
        if not _check_fields(faults, practice, path, OF_A_PRACTICE, others=frozenset({"items"})):
            continue
        _check_once(faults, practice.get("id"), (*path, "id"), seen)
        for row, item in enumerate(_rows(faults, practice, (*path, "items"))):
            here = (*path, "items", row)
            if _check_item(faults, item, here, names):
                _check_once(faults, item.get("id"), (*here, "id"), seen)
                items.append(str(item.get("id")))
    return items


def _check_once(faults: _Faults, value: Any, path: Path, seen: set[Any]) -> None:
    _check_id(faults, value, path)
    if isinstance(value, str) and value in seen:
        faults.add(path, f"The id {value} is used twice")
    if isinstance(value, str):
        seen.add(value)


def _check_item(faults: _Faults, item: Any, path: Path, names: dict[int, Any]) -> bool:
    others = frozenset({"levels", "evidence_prompts", "discussion_prompts"})
    if not _check_fields(faults, item, path, OF_AN_ITEM, others=others):
        return False
    question = item.get("question")
    if isinstance(question, str) and question.count("?") != 1:
        faults.add((*path, "question"), "Ask one question, with one question mark")
    for name in ("evidence_prompts", "discussion_prompts"):
        for number, prompt in enumerate(_rows(faults, item, (*path, name), needed=False, most=MOST_PROMPTS)):
            _check_text(faults, prompt, (*path, name, number), A_PROMPT)
    _check_levels(faults, item, path, names)
    return True


def _check_levels(faults: _Faults, item: Mapping[str, Any], path: Path, names: dict[int, Any]) -> None:
    rows = _rows(faults, item, (*path, "levels"))
    if rows and [row.get("level") if isinstance(row, Mapping) else None for row in rows] != list(LEVELS):
        faults.add((*path, "levels"), "Describe the levels 1 to 5, each once and in order")
        return
    for number, level in enumerate(rows):
        here = (*path, "levels", number)
        _check_fields(faults, level, here, OF_A_LEVEL, others=frozenset({"level"}))
        if level.get("name") != names.setdefault(number, level.get("name")):
            faults.add((*here, "name"), f"Level {number + 1} is called {names[number]} elsewhere. Use one name")
    _check_descriptors(faults, [level.get("descriptor") for level in rows], (*path, "levels"))


def _check_descriptors(faults: _Faults, descriptors: Sequence[Any], path: Path) -> None:
    """Short, and told from the neighbour by the first words."""
    words = [text.lower().split() if isinstance(text, str) else [] for text in descriptors]
    for number, found in enumerate(words):
        if len(found) > LONGEST_DESCRIPTOR:
            message = f"Use {LONGEST_DESCRIPTOR} words or fewer; this has {len(found):,}"
            faults.add((*path, number, "descriptor"), message)
    for number, (one, other) in enumerate(pairwise(words)):
        if one and one[:FIRST_WORDS] == other[:FIRST_WORDS]:
            message = f"This begins like level {number + 1}. Put the words that tell them apart first"
            faults.add((*path, number + 1, "descriptor"), message)


def _check_mapping(faults: _Faults, raw: Mapping[str, Any], items: list[str], replaced: QuestionSet | None) -> None:
    mapping, replaces = raw.get("mapping") or {}, raw.get("replaces")
    if not isinstance(mapping, Mapping):
        faults.add(("mapping",), "This must have one entry an item")
    elif replaces is None:
        if mapping:
            faults.add(("mapping",), "Say in replaces which version this mapping speaks about")
    elif replaced is None:
        faults.add(("replaces",), "There is no published version with this id")
    elif replaced.audience != raw.get("audience"):
        faults.add(("replaces",), "That version was written for another audience")
    else:
        for item_id in items:
            if item_id not in mapping:
                faults.add(
                    ("mapping", item_id), "Say which earlier item this is, or that it cannot be compared and why"
                )
        for item_id, link in mapping.items():
            _check_link(faults, str(item_id)[:LONGEST_ID], link, items, replaced)


def _check_link(faults: _Faults, item_id: str, link: Any, items: list[str], replaced: QuestionSet) -> None:
    path: Path = ("mapping", item_id)
    if item_id not in items:
        faults.add(path, "This version has no such item")
        return
    if not isinstance(link, Mapping) or set(link) - {"from", "comparable", "reason"}:
        faults.add(path, "This must have the fields from, comparable and reason")
        return
    before, comparable = link.get("from"), link.get("comparable")
    _check_text(faults, link.get("reason"), (*path, "reason"), TextField(LONGEST_REASON, required=comparable is False))
    if not isinstance(comparable, bool):
        faults.add((*path, "comparable"), "Say true or false")
    _check_text(faults, before, (*path, "from"), TextField(LONGEST_ID, required=False))
    if isinstance(before, str) and before not in replaced.items:
        faults.add((*path, "from"), f"{replaced.id} has no such item")
    if before is None and comparable is True:
        faults.add((*path, "from"), "Say which earlier item it can be compared with")
