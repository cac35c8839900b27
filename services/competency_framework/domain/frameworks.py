"""A competency framework as data: domains, statements, and how often each was true of somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_CHANCE = "no_chance"
"""A real answer: there was no occasion to show it. It is left out of how strong a board looks."""


class FrameworkUnusable(Exception):
    """The content of a framework is not as it must be."""

    slug = "framework-unusable"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class Framework:
    """One published version; old reflections stay with the version they were given under."""

    id: str
    version: str
    title: str
    illustrative: bool
    effective_from: str
    content: Mapping[str, Any]

    def domain_of_statement(self) -> dict[str, str]:
        """Return the domain of each statement, in the order of the framework."""
        return {
            statement["id"]: domain["id"] for domain in self.content["domains"] for statement in domain["statements"]
        }

    def frequencies(self) -> tuple[str, ...]:
        """Return the codes of the scale, most often first."""
        return tuple(step["code"] for step in self.content["scale"])

    def domains(self) -> dict[str, str]:
        """Return the title of each domain."""
        return {domain["id"]: domain["title"] for domain in self.content["domains"]}


def parse(content: Mapping[str, Any]) -> Framework:
    """Return the framework that a file describes; raises FrameworkUnusable saying what is missing or doubled."""
    try:
        framework = Framework(
            id=content["id"],
            version=content["version"],
            title=content["title"],
            illustrative=bool(content["illustrative"]),
            effective_from=str(content["effective_from"]),
            content=content,
        )
        statements = [statement["id"] for domain in content["domains"] for statement in domain["statements"]]
        scale = framework.frequencies()
    except (KeyError, TypeError) as error:
        raise FrameworkUnusable(f"The framework lacks {error}.") from error
    if len(set(statements)) != len(statements) or NO_CHANCE not in scale:
        raise FrameworkUnusable("Statement ids must differ, and 'no chance to show this' must be an answer.")
    return framework
