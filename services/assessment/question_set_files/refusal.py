"""A file that is refused whole, with every place where something is wrong."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from services.assessment.domain.errors import RuleBroken
from services.assessment.domain.question_set_rules import Fault, Path

Where = Callable[[Path], Mapping[str, Any]]
"""Where in the file a fault's path leads: sheet, row and column of a workbook; nothing for a text."""


class QuestionSetRefused(RuleBroken):
    """The file is not a question set that could be published. Nothing of it is used."""

    slug = "question-set-refused"
    kind = "invalid"

    def __init__(self, faults: list[dict[str, Any]]) -> None:
        more = f" ({len(faults)} places in all)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0]['text']}{more}", field="file")
        self.extra = {"faults": faults}

    @classmethod
    def of(cls, faults: Iterable[Fault], where: Where) -> Self:
        """The refusal for faults at their places."""
        return cls([_placed(fault, where(fault.path)) for fault in faults])

    @classmethod
    def whole(cls, message: str, **place: Any) -> Self:
        """The refusal of a file that cannot be read, at the place where reading stopped."""
        return cls([_told(message, place, field="")])


def _placed(fault: Fault, place: Mapping[str, Any]) -> dict[str, Any]:
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in fault.path)
    return _told(fault.message, place, field=field)


def _told(message: str, place: Mapping[str, Any], *, field: str) -> dict[str, Any]:
    names = (("sheet", "Sheet"), ("row", "row"), ("line", "line"), ("column", "column"))
    words = ", ".join(f"{word} {place[name]}" for name, word in names if place.get(name)) or field
    text = f"{words[:1].upper()}{words[1:]}: {message}" if words else message
    parts = {name: place.get(name) for name in ("sheet", "row", "column")}
    return {**parts, "field": field, "message": message, "text": text}
