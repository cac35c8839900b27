"""An act that binds the organisation answers what was shown: when that changed since, it is shown and asked again."""

from collections.abc import Callable
from typing import Any

from services.portal.api import ApiProblem
from services.portal.forms import FormRefused
from services.portal.visit import Visit

CHANGED = (
    "This changed after you opened the page, so nothing was done. Read what stands here now. What you entered is kept: "
    "if there is still something to decide, press the button again."
)
CHANGED_OR_NOT_NAMED = (412, 428)
LONGEST = 9


def version_shown(visit: Visit, field: str = "version") -> int | None:
    """Return the version that the form was shown with, or None for a form of the release before, which named none."""
    typed = visit.typed.value(field)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST else None


def as_shown(visit: Visit, act: Callable[[int | None], Any], *, field: str = "version", refusal: str = CHANGED) -> Any:
    """Return what a service answers to `act` with the version that was shown.

    Raises FormRefused when something else stands there now: the page comes back with that, and with what was typed.
    """
    try:
        return act(version_shown(visit, field))
    except ApiProblem as problem:
        if problem.status not in CHANGED_OR_NOT_NAMED:
            raise
        raise FormRefused([{"field": "", "message": refusal}]) from problem


def require_as_shown(visit: Visit, version: int | None, field: str) -> None:
    """Raise FormRefused when `version` is not the one that was shown: before half of what was decided is done."""
    if version_shown(visit, field) != version:
        raise FormRefused([{"field": "", "message": CHANGED}])
