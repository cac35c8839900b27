"""The kinds of organisation in the register, and the sectors a trust can belong to.

Sectors follow the benchmarking groups of the NHS Staff Survey, because survey figures are compared
only inside them; `virtual` is for a trust without sites of its own. A trust the survey has not
placed yet has no sector.
"""

from enum import StrEnum


class Kind(StrEnum):
    TRUST = "trust"
    ICB = "icb"
    REGION = "region"
    PLACE = "place"
    NATIONAL = "national"


class Sector(StrEnum):
    ACUTE = "acute"
    ACUTE_SPECIALIST = "acute_specialist"
    MENTAL_HEALTH_LD = "mental_health_ld"
    COMMUNITY = "community"
    AMBULANCE = "ambulance"
    VIRTUAL = "virtual"
