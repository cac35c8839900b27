"""The refusal every rule of this package raises: a stable slug, what kind it is, and a sentence a person can act on."""

from typing import ClassVar


class RuleBroken(Exception):
    """A request the rules do not allow; the message is shown to the person who asked."""

    slug: ClassVar[str] = "rule-broken"
    kind: ClassVar[str] = "conflict"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
