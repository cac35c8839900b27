"""A self-assessment from before: done on paper or in a spreadsheet, kept as marked history, never as if signed here.

Its file is one table: what the self-assessment was, then one row a practice and one an item, in the order of the
question set. A level that nobody gave then stays empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.texts import LONGEST_NAME, checked_text

COLUMNS: Final = ("Id", "What", "Value", "Reason", "Evidence")
LETTERS: Final[Mapping[str, str]] = dict(zip(COLUMNS, "ABCDE", strict=True))
NAME, AGREED_ON, QUESTION_SET = "self-assessment", "agreed-on", "question-set"
LEVELS: Final = frozenset("12345")
MOST_FAULTS: Final = 50
Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell."""

    row: int
    column: str
    message: str

    @property
    def words(self) -> str:
        """The cell and what is wrong with it, as a person reads it."""
        return f"Row {self.row}, column {LETTERS[self.column]} ({self.column}): {self.message}"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a file says: when the board agreed, and the content as results are kept."""

    name: str
    agreed_on: date
    question_set_id: str
    content: dict[str, Any]


def template_rows(question_set: QuestionSet) -> list[list[str]]:
    """The rows of an empty file, headings first."""
    about = [
        [NAME, "Its name, for example Spring 2024", "", "", ""],
        [AGREED_ON, "Day on which the board agreed it, as 2024-03-31", "", "", ""],
        [QUESTION_SET, "The question set of this file: leave it as it is", question_set.id, "", ""],
    ]
    levels = [[id_, f"{what}: level 1 to 5, or empty", "", "", ""] for id_, what in _things(question_set)]
    return [list(COLUMNS), *about, *levels]


def _things(question_set: QuestionSet) -> Iterable[tuple[str, str]]:
    for practice_id, title in question_set.practices.items():
        yield practice_id, f"{title}, overall"
        for item_id, text in question_set.items.items():
            if question_set.practice_of[item_id] == practice_id:
                yield item_id, text


def question_set_of(rows: Iterable[Row]) -> str:
    """The question set that a file is for.

    :raises NotValid: it names none.
    """
    for _, cells in rows:
        if cells["Id"] == QUESTION_SET and cells["Value"]:
            return cells["Value"]
    raise NotValid("file", f"The file does not say which question set it is for: the row {QUESTION_SET} is missing")


class Reader:
    """Reads the rows of a file against a question set, and notes every cell that does not fit."""

    def __init__(self, question_set: QuestionSet, *, today: date) -> None:
        self.faults: list[Fault] = []
        self._questions = question_set
        self._today = today
        self._rows: dict[str, Row] = {}

    def read(self, rows: Sequence[Row], org_id: str) -> Earlier | None:
        """What the file says, or None when there are faults."""
        self._sort(rows)
        name, agreed_on = self._name(), self._agreed_on()
        levels = {id_: self._level(id_) for id_ in (*self._questions.items, *self._questions.practices)}
        if not any(levels.values()):
            self._fault(rows[-1][0] if rows else 1, "Value", "No level is given anywhere")
        practices = [self._practice(practice_id, levels) for practice_id in self._questions.practices]
        if self.faults or agreed_on is None:
            return None
        about = {"id": self._questions.id, "version": self._questions.version, "audience": self._questions.audience}
        content = {"round": {"org_id": org_id, "name": name}, "question_set": about, "practices": practices}
        return Earlier(name, agreed_on, self._questions.id, content)

    def _fault(self, row: int, column: str, message: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(row, column, message))

    def _sort(self, rows: Sequence[Row]) -> None:
        known = {NAME, AGREED_ON, QUESTION_SET, *self._questions.items, *self._questions.practices}
        for number, cells in rows:
            id_ = cells["Id"]
            if id_ not in known:
                self._fault(number, "Id", "The question set has nothing of this id")
            elif id_ in self._rows:
                self._fault(number, "Id", f"This id stands in row {self._rows[id_][0]} already")
            else:
                self._rows[id_] = (number, cells)

    def _value(self, id_: str) -> tuple[int, str]:
        number, cells = self._rows.get(id_, (1, {"Value": ""}))
        return number, cells["Value"]

    def _name(self) -> str:
        number, name = self._value(NAME)
        if not name:
            self._fault(number, "Value", "Give the self-assessment a name, for example Spring 2024")
        return self._text(number, "Value", name, longest=LONGEST_NAME)

    def _agreed_on(self) -> date | None:
        number, text = self._value(AGREED_ON)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._fault(number, "Value", "Write the day on which the board agreed it, as 2024-03-31")
            return None
        if day > self._today:
            self._fault(number, "Value", "The day must have passed")
        return day

    def _level(self, id_: str) -> int | None:
        number, text = self._value(id_)
        if not text:
            return None
        if text not in LEVELS:
            self._fault(number, "Value", "Write a level from 1 to 5, or leave it empty")
            return None
        return int(text)

    def _text(self, number: int, column: str, text: str, **limit: int) -> str:
        try:
            return checked_text("file", text, **limit)
        except NotValid as refused:
            self._fault(number, column, refused.message)
            return ""

    def _practice(self, practice_id: str, levels: Mapping[str, int | None]) -> dict[str, Any]:
        inside = [item for item in self._questions.items if self._questions.practice_of[item] == practice_id]
        return {
            "practice_id": practice_id,
            "title": self._questions.practices[practice_id],
            "level": levels[practice_id],
            "items": [self._item(item_id, level) for item_id in inside if (level := levels[item_id]) is not None],
        }

    def _item(self, item_id: str, level: int) -> dict[str, Any]:
        number, cells = self._rows[item_id]
        return {
            "item_id": item_id,
            "title": self._questions.items[item_id],
            "level": level,
            "level_name": self._questions.level_names[level],
            "reason": self._text(number, "Reason", cells["Reason"]),
            "evidence": self._text(number, "Evidence", cells["Evidence"]),
            "differed": "",
            "aim_level": None,
        }
