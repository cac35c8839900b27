"""What the items of one version were in an earlier one, so that movement is shown where it means something.

Each version says it about the one it replaces. Over several versions the links are followed one after the other: a
single step that is not comparable makes the whole way not comparable, and its reason is the one given.
"""

from collections.abc import Callable, Mapping

from services.assessment.domain.question_sets import Link, QuestionSet

NO_LINK = "Nobody has said how these two versions compare"
NEW = "This question is new"


def links_to(newer: QuestionSet, older: QuestionSet, load: Callable[[str], QuestionSet]) -> dict[str, Link]:
    """For each item of `newer`: what it was in `older`. `load` brings the versions between the two."""
    found = {item_id: Link(item_id, comparable=True, reason=None) for item_id in newer.items}
    step = newer
    while step.id != older.id:
        if step.replaces is None:
            return dict.fromkeys(newer.items, Link(None, comparable=False, reason=NO_LINK))
        found = {item_id: _followed(link, step.links) for item_id, link in found.items()}
        step = load(step.replaces)
    return found


def _followed(link: Link, earlier: Mapping[str, Link]) -> Link:
    if link.from_item is None:
        return link
    before = earlier.get(link.from_item, Link(None, comparable=False, reason=NEW))
    return Link(before.from_item, link.comparable and before.comparable, link.reason or before.reason)
