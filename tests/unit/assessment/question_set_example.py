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
