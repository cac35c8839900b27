"""How long a text may be, said once and in one way."""

from services.action_plan.domain.errors import TextMissing, TextTooLong

LONGEST_TITLE = 300
"""Characters in the title of a priority or an action: two lines on a page."""

LONGEST_TEXT = 2_000
"""Characters in an aim, a next step, what blocks, a reason or a note: about a page."""


def checked_text(field: str, text: str | None, *, longest: int = LONGEST_TEXT) -> str:
    """Return the text without the blanks around it; empty when nothing was written.

    :raises TextTooLong: it is longer than ``longest`` characters.
    """
    cleaned = (text or "").replace("\r\n", "\n").strip()
    if len(cleaned) > longest:
        raise TextTooLong(f"Use {longest:,} characters or fewer; this has {len(cleaned):,}", field=field)
    return cleaned


def required_text(field: str, text: str | None, ask: str, *, longest: int = LONGEST_TEXT) -> str:
    """As :func:`checked_text`.

    :raises TextMissing: nothing was written; ``ask`` is the sentence that says what to write.
    """
    cleaned = checked_text(field, text, longest=longest)
    if not cleaned:
        raise TextMissing(ask, field=field)
    return cleaned
