"""Who may appoint whom, and who may end a role.

National administrator → ICB access manager → a trust's *first* access manager → everyone else in that
trust. "First" means: while the trust has none, so an ICB can help again when a trust's only access
manager has left, and never over the head of one who is there.

Which roles exist where, and who may grant each, is data (the role list shared by all services) and is
passed in; this module says what the words of that data mean.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.directory.domain.errors import RuleBroken

LAST_HOLDER_STAYS = frozenset({"national-administrator"})


class UnknownRole(RuleBroken):
    """No such role in this kind of organisation."""

    slug = "unknown-role"
    kind = "invalid"


class MayNotAppoint(RuleBroken):
    """This person may not give, or end, this role in this organisation."""

    slug = "may-not-appoint"
    kind = "forbidden"


class AppointmentRefused(RuleBroken):
    """The appointment itself cannot be made or ended."""

    slug = "appointment-refused"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class Body:
    """The organisation a person acts for, or a role is in; `kind` in the words of the role list.

    `tenant` is None while its ICB is not confirmed.
    """

    code: str
    kind: str
    tenant: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be given a role: a holder of `by` grants it `of` the same organisation, its ICB, or nationally."""

    by: str
    of: str
    only_for: str | None = None
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class RoleRule:
    """One role of the role list: in which kinds of organisation it is held, and the ways to be given it."""

    role: str
    held_in: frozenset[str]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Appointer:
    """Who asks: the organisation acted for and the roles held in it."""

    acts_for: Body
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Post:
    """A role in an organisation, and how many people hold it there now."""

    body: Body
    rule: RoleRule
    holders: int


def check_may_appoint(appointer: Appointer, post: Post) -> None:
    """Raises UnknownRole where this kind of organisation has no such role, MayNotAppoint unless a way allows it."""
    if post.body.kind not in post.rule.held_in:
        raise UnknownRole("This kind of organisation has no such role.", field="role")
    if post.body.tenant is None:
        raise AppointmentRefused(f"{post.body.code} belongs to no ICB yet. Its ICB must be confirmed first.")
    ways = [way for way in _ways_open_to(appointer, post) if not way.first_only or post.holders == 0]
    if not ways:
        raise MayNotAppoint("You cannot give this role in this organisation.")


def check_may_end(appointer: Appointer, post: Post, *, others_stay: int) -> None:
    """Raises MayNotAppoint unless the appointer could also grant the role, AppointmentRefused for one who must stay.

    A way that only fills a gap (`first_only`) ends nothing: an ICB never removes a trust's access manager.
    `others_stay` is how many others hold the role without an end date: one who leaves by a day is no successor.
    """
    if all(way.first_only for way in _ways_open_to(appointer, post)):
        raise MayNotAppoint("You cannot end this role.")
    if post.rule.role in LAST_HOLDER_STAYS and others_stay == 0:
        raise AppointmentRefused("Nobody else holds this role without an end date. Appoint somebody else first.")


def _ways_open_to(appointer: Appointer, post: Post) -> Iterable[Way]:
    return [
        way
        for way in post.rule.ways
        if way.by in appointer.roles and way.only_for in (None, post.body.kind) and _stands(appointer, way, post.body)
    ]


def _stands(appointer: Appointer, way: Way, body: Body) -> bool:
    if way.of == "same-organisation":
        return appointer.acts_for.code == body.code
    if way.of == "its-icb":
        return appointer.acts_for.code == body.tenant and appointer.acts_for.code != body.code
    return way.of == "national" and appointer.acts_for.kind == "national"
