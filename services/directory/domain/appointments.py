"""Who may appoint whom, and who may end a role.

National administrator → ICB access manager → a trust's *first* access manager → everyone else in that
trust. "First" means: while the trust has none, so an ICB can help again when a trust's only access
manager has left, and never over the head of one who is there. Which roles exist for which kind of
organisation is data (the role list shared by all services) and passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.directory.domain.errors import RuleBroken

ACCESS_MANAGER = "access-manager"
ICB_ACCESS_MANAGER = "icb-access-manager"
NATIONAL_ADMINISTRATOR = "national-administrator"

RolesByKind = Mapping[str, frozenset[str]]


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
    """The organisation a person acts for, or a role is in."""

    code: str
    kind: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Appointer:
    """Who asks: the organisation acted for and the roles held in it."""

    acts_for: Body
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Post:
    """The role in question, and how many people hold access-manager in that organisation now."""

    body: Body
    role: str
    access_managers: int = 0


def check_role_exists(post: Post, roles_by_kind: RolesByKind) -> None:
    if post.role not in roles_by_kind.get(post.body.kind, frozenset()):
        raise UnknownRole(f"There is no role {post.role} in this kind of organisation.", field="role")


def check_may_appoint(appointer: Appointer, post: Post) -> None:
    """Raises MayNotAppoint unless one of the appointer's roles allows this appointment."""
    if not (_in_own_organisation(appointer, post) or _first_of_another(appointer, post)):
        raise MayNotAppoint("You cannot give this role in this organisation.")


def check_may_end(appointer: Appointer, post: Post, *, others_in_role: int) -> None:
    """Raises MayNotAppoint, or AppointmentRefused for the last national administrator.

    Ending follows appointing, except that an ICB never ends a trust's access manager: it may only
    fill the gap when there is none.
    """
    own = _in_own_organisation(appointer, post)
    icb_access = NATIONAL_ADMINISTRATOR in appointer.roles and post.role == ICB_ACCESS_MANAGER
    if not (own or icb_access or _regional(appointer, post)):
        raise MayNotAppoint("You cannot end this role.")
    if post.role == NATIONAL_ADMINISTRATOR and others_in_role == 0:
        raise AppointmentRefused("This is the last national administrator. Appoint another one first.")


def _in_own_organisation(appointer: Appointer, post: Post) -> bool:
    if appointer.acts_for.code != post.body.code:
        return False
    needed = {"icb": ICB_ACCESS_MANAGER, "national": NATIONAL_ADMINISTRATOR}.get(post.body.kind, ACCESS_MANAGER)
    return needed in appointer.roles


def _first_of_another(appointer: Appointer, post: Post) -> bool:
    if NATIONAL_ADMINISTRATOR in appointer.roles and post.body.kind == "icb":
        return post.role == ICB_ACCESS_MANAGER
    if ICB_ACCESS_MANAGER in appointer.roles and appointer.acts_for.code == post.body.tenant:
        first_manager = post.body.kind == "trust" and post.role == ACCESS_MANAGER and post.access_managers == 0
        return first_manager or post.body.kind == "place"
    return _regional(appointer, post)


def _regional(appointer: Appointer, post: Post) -> bool:
    return NATIONAL_ADMINISTRATOR in appointer.roles and post.body.kind == "region"
