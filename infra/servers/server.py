"""What all servers have in common, as the orchestration sees them."""

from collections.abc import Callable
from typing import Protocol

StepReport = Callable[[str, float], None]
"""Called after each step with its name and its length in seconds."""


def say_nothing(step: str, seconds: float) -> None:
    """The report of a caller who does not want one."""


class Server(Protocol):
    """One server of a profile."""

    @property
    def name(self) -> str:
        """Name on the command line, in the log folder and in reports."""

    def prepare(self) -> None:
        """Fetch, unpack, build, initialise: whatever only the first start needs."""

    def start(self) -> None:
        """Start the process and return when it answers. Called only when it is not running."""

    def stop(self) -> bool:
        """Stop it; False when it was not running."""

    def is_running(self) -> bool:
        """Whether our process lives."""
