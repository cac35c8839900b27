"""Writes a question set as a workbook that can be changed and read again."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter

from services.assessment.question_set_files import layout

WIDTHS = {"Id": 22, "Practice": 12, "Level": 8, "Comparable": 12, "Item": 22, "Earlier item": 22, "Field": 30}
WIDE = 50


def write(content: Mapping[str, Any]) -> bytes:
    """The workbook; texts are written as texts, so that one that begins with = stays what it is."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    heading, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for name, rows in _sheets(content).items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(layout.COLUMNS[name]):
            sheet.set_column(column, column, WIDTHS.get(title, WIDE))
            sheet.write_string(0, column, title, heading)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write_string(number, column, str(value), wrapped)
    book.close()
    return target.getvalue()


def _sheets(content: Mapping[str, Any]) -> dict[str, Iterable[tuple[Any, ...]]]:
    practices = content["practices"]
    first_levels = practices[0]["items"][0]["levels"]
    return {
        layout.ABOUT: [(name, _about(content, name)) for name in layout.ABOUT_FIELDS],
        layout.PRACTICES: [(one["id"], one["title"], one.get("summary")) for one in practices],
        layout.ITEMS: [_item(practice["id"], item) for practice in practices for item in practice["items"]],
        layout.LEVELS: [(level["level"], level["name"]) for level in first_levels],
        layout.GLOSSARY: [(entry["term"], entry["meaning"]) for entry in content.get("glossary") or ()],
        layout.MAPPING: [_link(key, link) for key, link in _in_order(content)],
    }


def _about(content: Mapping[str, Any], name: str) -> Any:
    value: Any = content
    for part in name.split("."):
        value = (value or {}).get(part)
    return _yes_or_no(value) if isinstance(value, bool) else value


def _item(practice_id: str, item: Mapping[str, Any]) -> tuple[Any, ...]:
    levels = [level["descriptor"] for level in item["levels"]]
    prompts = [_padded(item.get(name) or ()) for name in ("evidence_prompts", "discussion_prompts")]
    return (practice_id, item["id"], item["title"], item["question"], *levels, *prompts[0], *prompts[1])


def _padded(prompts: Iterable[str]) -> list[str]:
    return [*prompts, *[""] * layout.PROMPTS][: layout.PROMPTS]


def _in_order(content: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The mapping in the order of the items; the database keeps no order of keys."""
    mapping = content.get("mapping") or {}
    items = [item["id"] for practice in content["practices"] for item in practice["items"]]
    return [(item_id, mapping[item_id]) for item_id in items if item_id in mapping]


def _link(item_id: str, link: Mapping[str, Any]) -> tuple[Any, ...]:
    return (item_id, link.get("from"), _yes_or_no(link["comparable"]), link.get("reason"))


def _yes_or_no(value: bool) -> str:
    return layout.YES if value else layout.NO
