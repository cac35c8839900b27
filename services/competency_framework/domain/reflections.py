"""A private reflection: what may be answered, when it is finished, and what a summary for the chair says."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.competency_framework.domain.frameworks import NO_CHANCE, Framework

OFTEN = frozenset({"almost_always", "frequently"})
STRONG_FROM = 0.75
"""Share of answers that say "almost always" or "frequently" from which a domain reads as strong: our own rule."""
THIN_BELOW = 0.5
"""Share below which it reads as thin: our own rule."""


class UnknownStatement(Exception):
    """The framework has no such statement."""

    slug = "unknown-statement"
    kind = "missing"


class UnknownFrequency(Exception):
    """The answer is not on the framework's scale."""

    slug = "unknown-frequency"
    kind = "invalid"
    field = "frequency"


class NotFinishedYet(Exception):
    """Some statements have no answer yet."""

    slug = "reflection-incomplete"
    kind = "conflict"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"{len(missing)} statements have no answer yet.")
        self.extra = {"missing": missing}


class NothingToShare(Exception):
    """A summary needs a finished reflection and at least one domain of the framework."""

    slug = "nothing-to-share"
    kind = "conflict"


def check_answer(framework: Framework, statement_id: str, frequency: str) -> None:
    """Raise UnknownStatement or UnknownFrequency unless the answer fits the framework."""
    if statement_id not in framework.domain_of_statement():
        raise UnknownStatement("This framework has no such statement.")
    if frequency not in framework.frequencies():
        raise UnknownFrequency(f"Choose one of: {', '.join(framework.frequencies())}.")


def check_finished(framework: Framework, answered: Mapping[str, str]) -> None:
    """Raise NotFinishedYet naming the statements without an answer."""
    missing = [statement for statement in framework.domain_of_statement() if statement not in answered]
    if missing:
        raise NotFinishedYet(missing)


def in_words(frequencies: list[str]) -> str:
    """Return how often, in one word: strong, mixed, thin, or no_chance when there was no occasion at all."""
    counted = [frequency for frequency in frequencies if frequency != NO_CHANCE]
    if not counted:
        return NO_CHANCE
    share = sum(frequency in OFTEN for frequency in counted) / len(counted)
    return "strong" if share >= STRONG_FROM else "thin" if share < THIN_BELOW else "mixed"


def summary(framework: Framework, answered: Mapping[str, str], domains: list[str]) -> list[dict[str, Any]]:
    """Return what the chair is shown: for each chosen domain one word and how often each answer was given.

    Notes are never part of it. Raises NothingToShare for a domain the framework does not have, or none.
    """
    titles = framework.domains()
    if not domains or set(domains) - set(titles):
        raise NothingToShare("Choose at least one domain of the framework.")
    of_domain = framework.domain_of_statement()
    return [
        _domain_summary(domain, titles[domain], [answered[each] for each in answered if of_domain[each] == domain])
        for domain in titles
        if domain in domains
    ]


def _domain_summary(domain: str, title: str, frequencies: list[str]) -> dict[str, Any]:
    return {"domain": domain, "title": title, "word": in_words(frequencies), "answers": dict(Counter(frequencies))}
