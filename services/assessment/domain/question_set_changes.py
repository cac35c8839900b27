"""What a new version changes, said text by text, so that nobody has to compare two documents by eye."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.assessment.domain.question_sets import Link

ABOUT: Mapping[str, str] = {
    "title": "Title",
    "version": "Version",
    "audience": "For whom",
    "illustrative": "Illustrative",
    "illustrative_note": "Note on the wording",
    "licence_note": "Licence note",
    "effective_from": "First day",
    "effective_to": "Last day",
    "how_to_answer": "How to answer",
    "time_needed_minutes": "Minutes needed",
}
PROMPTS = {"evidence_prompts": "Where to look", "discussion_prompts": "To discuss"}
Texts = Mapping[str, str]


def changes_between(
    older: Mapping[str, Any] | None, newer: Mapping[str, Any], links: Mapping[str, Link]
) -> dict[str, Any]:
    """Every difference of `newer` from `older`; items are compared with what `links` says they were."""
    before, after = items_of(older or {}), items_of(newer)
    items = [_item(item, before, links.get(item_id)) for item_id, item in after.items()]
    kept = {item["from"] for item in items}
    return {
        "about": _changed(_about(older or {}), _about(newer)) if older else [],
        "practices": _changed(_practices(older or {}), _practices(newer)),
        "glossary": _changed(_glossary(older or {}), _glossary(newer)),
        "items": [item for item in items if item["what"] != "same"],
        "gone": [{"id": key, "title": item["title"]} for key, item in before.items() if key not in kept],
        "unchanged": sum(item["what"] == "same" for item in items),
    }


def items_of(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Every item of a set by its id, in order."""
    return {item["id"]: item for practice in content.get("practices", ()) for item in practice["items"]}


def _item(item: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]], link: Link | None) -> dict[str, Any]:
    link = link or Link(item["id"] if item["id"] in before else None, comparable=True, reason=None)
    earlier = before.get(link.from_item or "")
    changes = _changed(_texts(earlier), _texts(item)) if earlier else []
    return {
        "id": item["id"],
        "title": item["title"],
        "what": "new" if earlier is None else "changed" if changes else "same",
        "from": link.from_item,
        "comparable": link.comparable and earlier is not None,
        "reason": link.reason,
        "changes": changes,
    }


def _changed(before: Texts, after: Texts) -> list[dict[str, str | None]]:
    places = [*after, *(place for place in before if place not in after)]
    return [
        {"place": place, "before": before.get(place), "after": after.get(place)}
        for place in places
        if before.get(place) != after.get(place)
    ]


def _about(content: Mapping[str, Any]) -> Texts:
    line: Mapping[str, Any] = content.get("apart_from_capability") or {}
    facts = {words: content.get(name) for name, words in ABOUT.items()}
    facts |= {"Apart from capability": line.get("heading"), "Apart from capability, text": line.get("text")}
    return {words: _said(value) for words, value in facts.items() if value is not None}


def _said(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _practices(content: Mapping[str, Any]) -> Texts:
    return {
        f"Practice {practice['id']}": "\n".join(part for part in (practice["title"], practice.get("summary")) if part)
        for practice in content.get("practices", ())
    }


def _glossary(content: Mapping[str, Any]) -> Texts:
    return {entry["term"]: entry["meaning"] for entry in content.get("glossary") or ()}


def _texts(item: Mapping[str, Any]) -> Texts:
    texts = {"Title": item["title"], "Question": item["question"]}
    texts |= {f"Level {level['level']}": level["descriptor"] for level in item["levels"]}
    return texts | {words: _listed(item.get(name)) for name, words in PROMPTS.items()}


def _listed(prompts: Sequence[str] | None) -> str:
    return "\n".join(prompts or ())
