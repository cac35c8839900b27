"""The rule by which a range of views may show, in plain words and with every answer known.

The counting function of the database is held to it by `tests/integration/assessment/test_round_against_a_model.py`;
what it lets an observer learn is examined by `test_what_ranges_give_away.py` beside this file.

People who were asked, and on which side of the board they sit, are no secret; answers are. Two people who were always
asked together, on the same side, cannot be told apart by anything that is shown. So answers are looked at again only
while each such group has at least five people: whoever learns a level learns that a group of five agrees.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

FIVE = 5
CANNOT_JUDGE = "cannot judge"
EXECUTIVE, OTHER, NEITHER = "executive", "other", "neither"
View = int | str
Counts = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Closing:
    """Who was asked, on which side each sits, and what those who answered said."""

    sides: Mapping[int, str]
    views: Mapping[int, View]

    @property
    def given(self) -> dict[int, View]:
        """What counts: answers of people who are still asked."""
        return {person: view for person, view in self.views.items() if person in self.sides}


@dataclass(frozen=True)
class Observed:
    """All that anybody but the author of an answer ever sees of an item."""

    counts: Counts | None = None
    cannot_judge: int = 0
    executives: Counts | None = None
    others: Counts | None = None
    late: bool = False


@dataclass
class Item:
    """One item of a round: what has been shown of it so far."""

    says_sides: bool = True
    fewest: int = FIVE
    shown_last: Closing | None = None
    looked_at: list[tuple[Closing, bool]] = field(default_factory=list)
    """Each closing whose answers had a say in what shows, and whether those of each side had: that sides were *not*
    shown says something of a side too."""
    now: Observed = field(default_factory=Observed)

    def close(self, closing: Closing) -> Observed:
        """Close answering: what is shown from now on."""
        told_apart = self._told_apart(closing)
        changed = self._changed(closing)
        sides_weighed = False
        if len(closing.sides) < self.fewest:
            self.now = Observed(late=self.shown_last is not None)
        elif not told_apart and _gave_level(closing) < self.fewest:
            self.now = Observed(late=changed > 0)
        elif not told_apart and (changed == 0 or changed >= self.fewest):
            sides_weighed = self._sides_are_weighed(closing)
            self._show(closing, split=sides_weighed and self._split_may_show(closing))
        else:
            self.now = replace(self.now, late=True)
        if len(closing.sides) >= self.fewest and (not told_apart or self.shown_last is None):
            self.looked_at.append((closing, sides_weighed))
        return self.now

    def _show(self, closing: Closing, *, split: bool) -> None:
        given = closing.given
        self.now = Observed(
            counts=_counts(list(given.values())),
            cannot_judge=sum(view == CANNOT_JUDGE for view in given.values()),
            executives=_of_side(closing, EXECUTIVE) if split else None,
            others=_of_side(closing, OTHER) if split else None,
        )
        self.shown_last = closing

    def _told_apart(self, closing: Closing, *, split: bool = False) -> bool:
        """Whether looking at these answers too would single out fewer than five people by when and where they sat."""
        if not self.looked_at and not split:
            return False
        looked_at = [*self.looked_at, (closing, split)]
        people = {person for one, _ in looked_at for person in one.sides}
        groups = Counter(
            tuple(one.sides.get(person) if sides else person in one.sides for one, sides in looked_at)
            for person in people
        )
        return min(groups.values(), default=0) < self.fewest

    def _changed(self, closing: Closing) -> int:
        """How many people's answers differ from what the last shown range counted."""
        if self.shown_last is None:
            return 0
        before, now = self.shown_last.given, closing.given
        return sum(before.get(person) != now.get(person) for person in {*before, *now})

    def _sides_are_weighed(self, closing: Closing) -> bool:
        """Whether answers decide if the sides show. All it rests on is public: who was asked, where they sit, what
        showed before."""
        asked = Counter(closing.sides.values())
        enough = min(asked[EXECUTIVE], asked[OTHER]) >= self.fewest and not 0 < asked[NEITHER] < self.fewest
        if not self.says_sides or not enough or self._told_apart(closing, split=True):
            return False
        return self.shown_last is None or self.now.executives is not None

    def _split_may_show(self, closing: Closing) -> bool:
        enough = all(
            _gave_level(closing, side) >= self.fewest or (side == NEITHER and NEITHER not in closing.sides.values())
            for side in (EXECUTIVE, OTHER, NEITHER)
        )
        return enough and (self.shown_last is None or self._sides_comparable(self.shown_last, closing))

    def _sides_comparable(self, before: Closing, closing: Closing) -> bool:
        """No side differs from what was shown before by one to four answers."""
        for side in (EXECUTIVE, OTHER, NEITHER):
            old, new = _levels_of(before, side), _levels_of(closing, side)
            changed = sum(old.get(person) != new.get(person) for person in {*old, *new})
            if 0 < changed < self.fewest:
                return False
        return True


def _levels_of(closing: Closing, side: str) -> dict[int, View]:
    return {
        person: view for person, view in closing.given.items() if closing.sides[person] == side and view != CANNOT_JUDGE
    }


def _gave_level(closing: Closing, side: str | None = None) -> int:
    return sum(view != CANNOT_JUDGE and side in (None, closing.sides[person]) for person, view in closing.given.items())


def _of_side(closing: Closing, side: str) -> Counts:
    return _counts(list(_levels_of(closing, side).values()))


def _counts(views: Sequence[View]) -> Counts:
    one, two, three, four, five = (sum(view == level for view in views) for level in range(1, 6))
    return one, two, three, four, five


def observed(item: Item, closings: Sequence[Closing]) -> tuple[Observed, ...]:
    """Everything an observer sees of an item through these closings."""
    return tuple([item.close(closing) for closing in closings])
