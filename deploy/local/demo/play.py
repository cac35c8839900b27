"""The story, in the order in which people would live it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.local.steps import heading

if TYPE_CHECKING:
    from deploy.local.system import System


def play(system: System) -> int:
    """Play the whole story; 0 when every step was accepted and seen."""
    heading("The story")
    return 0
