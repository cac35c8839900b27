"""What the published figures count, and the words for it. The words are the service's own and illustrative."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.insight.domain.disclosure import SMALLEST_GROUP, STEP, Breakdown, Contribution, Hidden

LICENCE: Final = "Open Government Licence v3.0"
STAGE: Final = "stage"
NOT_SHARED: Final = "not_shared"
STAGES: Final[Mapping[str, str]] = {
    "not_started": "Not started",
    "open": "Answering",
    "closed": "Board discussion",
    "agreed": "Agreed, waiting for sign-off",
    "signed_off": "Signed off",
    NOT_SHARED: "Progress not shared",
}
LEVELS: Final[Mapping[str, str]] = {str(level): f"Level {level}" for level in range(1, 6)}
SECTORS: Final[Mapping[str, str]] = {
    "acute": "Acute",
    "acute_specialist": "Acute specialist",
    "mental_health_ld": "Mental health and learning disability",
    "community": "Community",
    "ambulance": "Ambulance",
    "virtual": "Online",
}
HIDDEN_BECAUSE: Final[Mapping[str, str]] = {
    Hidden.FEWER_THAN_EIGHT: f"Fewer than {SMALLEST_GROUP} trusts are counted here.",
    Hidden.TOO_ALIKE: "The trusts counted here are so alike that the numbers would say how one of them stands.",
    Hidden.TOO_CLOSE: f"Another row shown differs from this one by fewer than {SMALLEST_GROUP} trusts.",
    Hidden.TOO_TELLING: "Shown beside the other rows, these numbers would say how one of the trusts stands.",
}
HOW_NUMBERS_ARE_SHOWN: Final = (
    f"Counts are of trusts and rounded to the nearest {STEP}. Totals are sums of rounded counts, percentages come from"
    f" rounded counts. A group is shown when {SMALLEST_GROUP} or more trusts are counted in it. Where fewer than"
    f" {SMALLEST_GROUP} trusts changed since an earlier set, that set's row is repeated with its date."
    " Hidden (* on a page, 'suppressed' in a file) means that no trust is to be recognised; it does not mean none."
)


@dataclass(frozen=True, slots=True)
class Trust:
    """What is public about a trust, and the stage of its self-assessment (`not_shared` when it shows none)."""

    org_id: str
    region: str | None
    sector: str | None
    fictional: bool
    stage: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A trust's practice levels by practice, and which edition of them this is."""

    levels: Mapping[str, int]
    edition: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One table of figures: its values in order, and who counts with what."""

    code: str
    title: str
    definition: str
    values: Mapping[str, str]
    contributions: Mapping[str, Contribution]
    breakdowns: frozenset[Breakdown]


def population(trusts: Iterable[Trust], counted: Mapping[str, Counted]) -> tuple[list[Trust], bool]:
    """Return the trusts that a set is about, and whether they are made up.

    Real and made-up trusts are never counted together: where demonstration trusts let themselves be counted, the set
    is about them alone and says so.
    """
    everybody = list(trusts)
    fictional = any(trust.fictional and trust.org_id in counted for trust in everybody)
    return [trust for trust in everybody if trust.fictional == fictional], fictional


def stage_measure(trusts: Iterable[Trust]) -> Measure:
    """How many trusts of England are at each stage."""
    parts = {trust.org_id: Contribution(None, None, trust.stage, trust.stage) for trust in trusts}
    return Measure(
        code=STAGE,
        title="Stage of the latest self-assessment",
        definition="Number of open trusts by the stage of their latest self-assessment. Given for England only.",
        values=STAGES,
        contributions=parts,
        breakdowns=frozenset({Breakdown.ENGLAND}),
    )


def practice_measures(
    trusts: Iterable[Trust], counted: Mapping[str, Counted], practices: Sequence[tuple[str, str]]
) -> list[Measure]:
    """The levels that boards recorded, one measure for each of `practices` (id and title)."""
    known = list(trusts)
    return [_practice_measure(known, counted, practice, title) for practice, title in practices]


def _practice_measure(trusts: list[Trust], counted: Mapping[str, Counted], practice: str, title: str) -> Measure:
    parts = {
        trust.org_id: Contribution(trust.region, trust.sector, str(part.levels[practice]), str(part.edition))
        for trust in trusts
        if (part := counted.get(trust.org_id)) is not None and practice in part.levels
    }
    return Measure(
        code=f"practice:{practice}",
        title=title,
        definition=(
            f"Number of trusts by the level their board recorded for “{title}”, among trusts that let themselves be"
            " counted. The board records the level; it is not computed from its items."
        ),
        values=LEVELS,
        contributions=parts,
        breakdowns=frozenset(Breakdown),
    )
