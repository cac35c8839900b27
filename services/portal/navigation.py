"""The one line of navigation, by role acted in: an entry appears when its page exists and this person may open it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.portal.page import Page
from services.portal.person import Membership
from shared.contracts.roles import Role

TRUST_SIDE = ["/home", "/rounds", "/plans", "/board-development", "/network", "/people"]
ICB_SIDE = ["/home", "/our-trusts", "/rounds", "/network", "/people"]
NATIONAL_SIDE = [
    "/home",
    "/published-figures",
    "/service-report",
    "/question-sets",
    "/bulletins",
    "/priorities",
    "/events",
    "/questions",
    "/register",
    "/people",
    "/operations",
]
WORDS: Mapping[str, str] = {
    "/home": "Home",
    "/rounds": "Self-assessment",
    "/plans": "Plan",
    "/board-development": "Board development",
    "/network": "Network",
    "/people": "People",
    "/our-trusts": "Our trusts",
    "/published-figures": "Published figures",
    "/service-report": "Service report",
    "/question-sets": "Question sets",
    "/bulletins": "Bulletins",
    "/priorities": "Priorities",
    "/events": "Events",
    "/questions": "Questions",
    "/register": "Register",
    "/operations": "Operations",
}
ICB_ROLES = frozenset({Role.ICB_LEAD, Role.ICB_ACCESS_MANAGER})


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation."""

    text: str
    href: str
    current: bool


def entries(acting: Membership, pages: Mapping[str, Page], here: str) -> list[Entry]:
    """Return the links for the role acted in, in the order of its list; `here` is the address of this page."""
    by_path = {page.path: page for page in pages.values()}
    allowed = [path for path in _side(acting) if (page := by_path.get(path)) and may_open(page, acting)]
    return [Entry(_word(path, acting), path, current=_is_under(here, path)) for path in allowed]


def may_open(page: Page, acting: Membership) -> bool:
    """Tell whether this membership may open the page."""
    return page.roles is None or acting.holds(page.roles)


def _side(acting: Membership) -> list[str]:
    if acting.is_national_team or acting.org_kind == "region":
        return NATIONAL_SIDE
    return ICB_SIDE if acting.holds(ICB_ROLES) else TRUST_SIDE


def _word(path: str, acting: Membership) -> str:
    return "Our own assessment" if path == "/rounds" and acting.holds(ICB_ROLES) else WORDS[path]


def _is_under(here: str, path: str) -> bool:
    return here == path or here.startswith(f"{path}/")
