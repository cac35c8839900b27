"""What a person typed, read field by field; every refusal says what would be right."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any


class FormRefused(Exception):
    """The form cannot be sent on; the page comes back with these errors and everything that was typed."""

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        self.errors = [dict(error) for error in errors]
        super().__init__("The form was refused.")


class Typed:
    """A form's values as typed. Reading collects errors; `check()` raises them all together."""

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        self.fields = {name: list(values) for name, values in (fields or {}).items()}
        self.errors: list[dict[str, str]] = []

    def __bool__(self) -> bool:
        return bool(self.fields)

    def value(self, name: str, default: Any = "") -> str:
        """Return the value as typed, or `default`, when nothing was typed yet: for showing it again."""
        values = self.fields.get(name)
        return values[0] if values else ("" if default is None else str(default))

    def values(self, name: str) -> list[str]:
        """Return all values of a field that may come several times (checkboxes, rows)."""
        return list(self.fields.get(name, ()))

    def wrong(self, name: str, message: str) -> None:
        """Note that a field is wrong."""
        self.errors.append({"field": name, "message": message})

    def check(self) -> None:
        """Raise FormRefused when anything was wrong."""
        if self.errors:
            raise FormRefused(self.errors)

    def text(self, name: str, *, missing: str | None = None, longest: int = 4000) -> str:
        """Return trimmed text. `missing` is the message when it is empty; None lets it be empty."""
        text = self.value(name).strip().replace("\r\n", "\n")
        if not text and missing:
            self.wrong(name, missing)
        if len(text) > longest:
            self.wrong(name, f"Use {longest:,} characters or fewer. You have used {len(text):,}.")
        return text

    def choice(self, name: str, among: Sequence[str], *, missing: str) -> str:
        """Return the one option chosen; `missing` is the message when none, or none of ours, was."""
        chosen = self.value(name)
        if chosen not in among:
            self.wrong(name, missing)
        return chosen

    def choices(self, name: str, among: Sequence[str], *, missing: str | None = None) -> list[str]:
        """Return the options ticked, in the order offered."""
        ticked = set(self.values(name))
        chosen = [one for one in among if one in ticked]
        if not chosen and missing:
            self.wrong(name, missing)
        return chosen

    def number(self, name: str, *, lowest: int, highest: int, missing: str) -> int | None:
        """Return a whole number between `lowest` and `highest`, both allowed."""
        typed = self.value(name).strip()
        if typed.isascii() and typed.isdigit() and lowest <= int(typed) <= highest:
            return int(typed)
        self.wrong(name, missing)
        return None

    def day(self, name: str, *, missing: str | None = None) -> date | None:
        """Return the date typed into the three fields `name-day`, `name-month` and `name-year`."""
        parts = [self.value(f"{name}-{part}").strip() for part in ("day", "month", "year")]
        if not any(parts):
            if missing:
                self.wrong(f"{name}-day", missing)
            return None
        try:
            day, month, year = (int(part) for part in parts)
            return date(year if year > 99 else 2000 + year, month, day)
        except ValueError:
            self.wrong(f"{name}-day", "Enter a real date, for example 31 3 2027.")
            return None


def rows_of(typed: Typed, names: Sequence[str], *, wanted: Callable[[dict[str, str]], bool]) -> list[dict[str, str]]:
    """Return repeated fields as rows, for forms that edit several things in one table."""
    columns = [typed.values(name) for name in names]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=False)]
    return [row for row in rows if wanted(row)]
