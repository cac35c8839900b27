"""An error as a log may hold it: where it happened and what kind it was, without the values it happened to.

The database's own words show the row it refused, a lookup's the key it missed, a client's the address it asked: all of
that may be what somebody typed, a name or a token. So of an error that is not ours only its kind is written down.
"""

import traceback
from collections.abc import Iterator

from psycopg import Error as RefusedByDatabase

OURS = ("shared.", "services.", "infra.", "deploy.")
NAMES_ONLY = (AttributeError, ImportError, NameError, TypeError)
"""Errors of the language whose words are names from the program itself."""


def told(error: BaseException) -> str:
    """Return an error with whatever led to it, the first cause first, as lines of text."""
    return "\n".join(_one(each) for each in reversed(list(_with_causes(error))))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _one(error: BaseException) -> str:
    places = "".join(traceback.format_tb(error.__traceback__))
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"Traceback (most recent call last):\n{places}{kind}{_words(error)}"


def _words(error: BaseException) -> str:
    if isinstance(error, RefusedByDatabase):
        return f": {error.sqlstate} ({error.diag.constraint_name or 'no constraint'})"
    ours = type(error).__module__.startswith(OURS) or type(error) in NAMES_ONLY
    return f": {error}" if ours else ""
