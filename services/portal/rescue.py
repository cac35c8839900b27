"""What becomes of typed text whose form ends on an error page: kept and offered again, or shown there to be copied.

It is shown where the form may not open again: the role or the thing itself is gone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, request
from sqlalchemy.exc import SQLAlchemyError

from services.portal.comparing import NEVER_COMPARED, label_of
from services.portal.kept import Why
from services.portal.typed_text import keep_fields, owner_of
from services.portal.visit import Visit

CARRIED = NEVER_COMPARED | {"plan_version", "id", "path", "next"}
"""What forms carry for themselves; besides, `version-` with what it is the version of."""
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Rescued:
    """Where typed text is put back into its form, or else the text itself by label."""

    back: str | None
    shown: Mapping[str, str]


def keep_or_show(visit: Visit | None, why: Why) -> Rescued | None:
    """Keep this visit's text; where it cannot be kept, give it to be shown. None when nothing was typed."""
    shown = show(visit)
    if visit is None or shown is None or visit.acting_as is None or visit.page.view is None:
        return shown
    try:
        back = keep_fields(g.portal, owner_of(visit), visit.page, why, visit.typed.fields)
    except SQLAlchemyError:
        return shown
    return Rescued(back, {}) if back else shown


def show(visit: Visit | None) -> Rescued | None:
    """Give this visit's text to be shown: its form may not open again. None when nothing was typed.

    A save in the background has its text in the form still.
    """
    if request.method != "POST" or visit is None or visit.signed_in is None or visit.background:
        return None
    typed = words_typed(visit)
    return Rescued(None, typed) if typed else None


def _is_carried(name: str) -> bool:
    return name in CARRIED or name.startswith("version-")


def _is_typed(value: str) -> bool:
    return bool(value.strip()) and not ID.fullmatch(value)


def words_typed(visit: Visit) -> dict[str, str]:
    """Return what was typed, by the label of its field; what the form carries for itself is left out."""
    return {
        label_of(visit.page, name): text
        for name, values in visit.typed.fields.items()
        if not _is_carried(name) and (text := "\n".join(value for value in values if _is_typed(value)))
    }
