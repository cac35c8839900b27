"""Two saves of the same thing: whether they say the same, and if not, both in words side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from services.portal.api import Stale
from services.portal.forms import Typed
from services.portal.page import Compared, Page
from services.portal.visit import Visit

NEVER_COMPARED = frozenset({"csrf_token", "form_key", "version", "acting_for"})
LONGEST = 5000


def is_the_same(body: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Tell whether what is stored is just what was sent: a second press, or the background save, was first."""
    return all(current.get(name) == value for name, value in body.items())


def unless_the_same(body: Mapping[str, Any], save: Callable[[], Any]) -> Any:
    """Return what a save answers, or what is stored when that is just what was sent; else raises Stale."""
    try:
        return save()
    except Stale as stale:
        if not is_the_same(body, stale.current):
            raise
        return stale.current


def texts(typed: Typed, current: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return by label what was typed and what is saved, for fields that hold plain words."""
    return {label: (typed.text(name, longest=LONGEST), str(current.get(name) or "")) for name, label in labels.items()}


def label_of(page: Page, name: str) -> str:
    """Return how a field of a page reads."""
    return page.labels.get(name, name.replace("_", " ").replace("-", " ").capitalize())


def as_typed(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Compare field by field, for a page that does not say how its fields read."""
    return {
        label_of(visit.page, name): (_plain(", ".join(values)), str(current[name]))
        for name, values in visit.typed.fields.items()
        if name not in NEVER_COMPARED and current.get(name) is not None
    }


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
