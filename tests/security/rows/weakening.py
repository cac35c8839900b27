"""Takes one thing after another out of a row policy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.security.rows.probing import Policy

EVERYTHING = "everything"
COMPARISON = re.compile(
    r"""\(\w+(?:::text)?\ =
        \ \(\ SELECT\ NULLIF\(current_setting\('app\.\w+'::text,\ true\),\ ''::text\)\ AS\ "nullif"\)\)
    |\(NOT\ \(\w+\ IS\ DISTINCT\ FROM\ \(\ SELECT\ NULLIF\(.*?\)\ AS\ "nullif"\)\)\)
    |\(\(\ SELECT\ NULLIF\(current_setting\('app\.\w+'::text,\ true\),\ ''::text\)\ AS\ "nullif"\)
        \ (?:=\ '\w+'::text|=\ ANY\ \(ARRAY\[[^\]]*\]\)|IS\ NOT\ NULL)\)
    |\(\w+\ IN\ \(\ SELECT\ [^()]*\)\)
    |\(NOT\ \w+\)
    |\(\w+\ =\ '[\w-]+'::text\)
    |\(\w+\ =\ ANY\ \(ARRAY\[[^\]]*\]\)\)""",
    re.VERBOSE,
)
"""One comparison of a policy, as PostgreSQL prints it."""


LOOKS_AT_THE_ROW = re.compile(r"^\((?:NOT \(?)?\w+(?:::text)? (?:=|IN|IS DISTINCT)|^\(NOT \w+\)")


@dataclass(frozen=True, slots=True)
class Weaker:
    """A policy with something taken out of it."""

    what: str
    using: str | None
    check: str | None


def weaker(policy: Policy, *, apart: bool) -> Iterator[Weaker]:
    """Yield the policy opened wide, and freed of one comparison at a time.

    An update looks twice, at the row as it was and as it will be. A comparison with the row is taken out of one look at
    a time; one of settings alone says the same in both looks and is taken out of both, as is any comparison where the
    role cannot change what is compared (not `apart`).
    """
    if policy.using == policy.check and policy.using is not None:
        yield from _twice(policy.using, apart=apart)
        return
    for what, predicate in _relaxed(policy.using):
        yield Weaker(f"using without {what}", predicate, policy.check)
    for what, predicate in _relaxed(policy.check):
        yield Weaker(f"check without {what}", policy.using, predicate)


def _twice(whole: str, *, apart: bool) -> Iterator[Weaker]:
    for what, predicate in _relaxed(whole):
        looks_at_row = LOOKS_AT_THE_ROW.search(what) or (what == EVERYTHING and _mentions_row(whole))
        if looks_at_row and apart:
            yield Weaker(f"using without {what}", predicate, whole)
            yield Weaker(f"check without {what}", whole, predicate)
        else:
            yield Weaker(f"without {what}", predicate, predicate)


def _mentions_row(predicate: str) -> bool:
    return any(LOOKS_AT_THE_ROW.search(match[0]) for match in COMPARISON.finditer(predicate))


def _relaxed(predicate: str | None) -> Iterator[tuple[str, str]]:
    """Yield (what was taken out, the predicate without it)."""
    if predicate in (None, "true"):
        return
    yield EVERYTHING, "true"
    found = list(COMPARISON.finditer(str(predicate)))
    for match in found if len(found) > 1 else ():
        yield match[0], f"{predicate[: match.start()]}true{predicate[match.end() :]}"
