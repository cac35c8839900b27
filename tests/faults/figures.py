"""How much of everything a fault test does: short figures on every change, full ones in make test-long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """`around`: seconds of load before the first fault and after the last; `between`: seconds between two of them.

    `repeats`: how often each window is hit.

    `patience`: by how much a bar on time is widened. The full figures are measured on a quiet machine; the short ones
    run beside whatever else the machine does and are not a measurement.
    """

    name: str
    tenants: int
    rate: float
    around: float
    between: float
    repeats: int
    patience: float

    def pick(self, short: float, full: float) -> float:
        """Return the number that goes with these figures."""
        return full if self.name == "full" else short


SHORT = Figures("short", tenants=6, rate=20, around=1.5, between=1.5, repeats=1, patience=8)
FULL = Figures("full", tenants=36, rate=20, around=60, between=10, repeats=5, patience=1)
