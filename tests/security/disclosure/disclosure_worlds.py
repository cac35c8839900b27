"""Worlds to attack: the public layout of 199 open trusts, with levels that a seeded dice gave them."""

import random
from collections.abc import Mapping

from services.insight.domain.disclosure import Contribution

SECTORS = ("acute", "acute_specialist", "mental_health_ld", "community", "ambulance", "virtual")
OPEN_TRUSTS = {
    "Y56": (17, 4, 7, 1, 1, 1),
    "Y58": (12, 0, 5, 0, 1, 0),
    "Y59": (17, 1, 7, 2, 2, 0),
    "Y60": (21, 2, 10, 4, 2, 0),
    "Y61": (13, 1, 4, 2, 1, 0),
    "Y62": (18, 5, 5, 1, 1, 0),
    "Y63": (22, 0, 6, 1, 2, 0),
}
"""Open trusts by region and sector in July 2026 (ODS, Open Government Licence v3.0)."""
PLACES = [
    (region, sector)
    for region, counts in OPEN_TRUSTS.items()
    for sector, count in zip(SECTORS, counts, strict=True)
    for _ in range(count)
]
LEVELS = ("1", "2", "3", "4", "5")
SPREADS = {"even": (1, 1, 1, 1, 1), "alike": (1, 4, 6, 3, 0.5), "very alike": (0.2, 1, 12, 2, 0.1)}
"""How likely each level is: all the same, as boards answer, and nearly everybody the same."""

World = Mapping[str, Contribution]


def make_world(seed: int, *, spread: str = "even", share: float = 1.0) -> World:
    """Each trust contributes with the likelihood `share`, at a level drawn from a spread."""
    dice = random.Random(f"{seed}-{spread}-{share}")
    return {
        f"T{number:03}": Contribution(region, sector, dice.choices(LEVELS, SPREADS[spread])[0], "1")
        for number, (region, sector) in enumerate(PLACES)
        if dice.random() < share
    }
