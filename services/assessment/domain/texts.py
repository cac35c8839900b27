"""How long a text may be, said once and in one way."""

from services.assessment.domain.errors import NotValid

LONGEST_NAME = 200
"""Characters in the name of a self-assessment."""

LONGEST_TEXT = 5_000
"""Characters in a reason, evidence, note or views that differed: about two pages."""


def checked_text(field: str, text: str | None, *, longest: int = LONGEST_TEXT) -> str:
    """The text without the blanks around it; empty when nothing was written.

    :raises NotValid: it is longer than ``longest`` characters, or holds a character no page can show.
    """
    cleaned = (text or "").replace("\r\n", "\n").strip()
    if "\x00" in cleaned:
        raise NotValid(field, "Remove the characters that cannot be shown")
    if len(cleaned) > longest:
        raise NotValid(field, f"Use {longest:,} characters or fewer; this has {len(cleaned):,}")
    return cleaned


def required_text(field: str, text: str | None, ask: str, *, longest: int = LONGEST_TEXT) -> str:
    """As :func:`checked_text`, refusing an empty one with the sentence ``ask``."""
    cleaned = checked_text(field, text, longest=longest)
    if not cleaned:
        raise NotValid(field, ask)
    return cleaned
