"""A question set small enough to read: two practices, three items."""

from typing import Any


def raw_question_set() -> dict[str, Any]:
    return {
        "id": "small-1",
        "version": "1",
        "audience": "trust",
        "title": "A small question set",
        "illustrative": True,
        "practices": [
            {"id": "p1", "title": "Purpose", "summary": "s", "items": [item("i1", "Why"), item("i2", "With whom")]},
            {"id": "p2", "title": "People", "summary": "s", "items": [item("i3", "Coaching")]},
        ],
    }


def item(item_id: str, title: str) -> dict[str, Any]:
    return {
        "id": item_id,
        "title": title,
        "question": f"{title}?",
        "levels": [{"level": n, "name": f"Level {n}", "descriptor": f"What level {n} looks like"} for n in range(1, 6)],
        "evidence_prompts": ["What have you seen?"],
        "discussion_prompts": ["Where do you differ?"],
    }


def next_version(**changes: Any) -> dict[str, Any]:
    """A version that replaces the small one: i2 was split in two, i1 means something else now, i9 is new."""
    mapping = {
        "i1": {"from": "i1", "comparable": False, "reason": "It asks about the whole board now."},
        "i2": {"from": "i2", "comparable": True, "reason": None},
        "i2b": {"from": "i2", "comparable": True, "reason": None},
        "i9": {"from": None, "comparable": False, "reason": "This question is new."},
    }
    practices = [
        {"id": "p1", "title": "Purpose", "summary": "s", "items": [item("i1", "Why now"), item("i2", "With whom")]},
        {"id": "p2", "title": "People", "summary": "s", "items": [item("i2b", "With partners"), item("i9", "Time")]},
    ]
    return raw_question_set() | {
        "id": "small-2",
        "version": "2",
        "replaces": "small-1",
        "mapping": mapping,
        "practices": practices,
        **changes,
    }


def whole_question_set(**changes: Any) -> dict[str, Any]:
    """Everything the format asks for: a set that could be published."""
    return raw_question_set() | {
        "illustrative_note": "Our own wording.",
        "licence_note": "Own wording.",
        "effective_from": "2026-01-01",
        "effective_to": None,
        "how_to_answer": "Choose the level that is true today.",
        "time_needed_minutes": 5,
        "apart_from_capability": {"heading": "Not the other one", "text": "This one is not compulsory."},
        "glossary": [{"term": "Coaching", "meaning": "Helping people to find their own answer."}],
        **changes,
    }


def whole_next_version(**changes: Any) -> dict[str, Any]:
    """The version after the small one, with everything the format asks for."""
    newer = next_version()
    return whole_question_set(**newer | changes)
