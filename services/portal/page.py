"""What a page declares about itself, before anything is asked of a service.

A page that declares no roles, or shows private or shared content without saying who can see it, cannot be registered.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from flask.typing import ResponseReturnValue

from shared.contracts.roles import Role

View = Callable[..., ResponseReturnValue]
Compared = Mapping[str, tuple[str, str]]
"""By label, in words: what was typed, and what is saved now."""
Compare = Callable[[Any, Mapping[str, Any]], Compared]
"""Gets the visit and what is saved now."""

ANYONE: frozenset[Role] | None = None
"""For a page that needs no sign-in."""
SIGNED_IN: frozenset[Role] = frozenset(Role)
"""For a page that anybody who signed in may open."""


class Shows(StrEnum):
    """What kind of content stands on a page."""

    OPEN = "open"
    """Nothing about a person or an organisation."""
    ORGANISATION = "organisation"
    """An organisation's own work."""
    SHARED = "shared"
    """What one organisation shows another."""
    PRIVATE = "private"
    """A person's own."""


@dataclass(frozen=True, slots=True)
class WhoCanSee:
    """Who can see a page, where the words differ for an organisation that has no ICB above it.

    `of_trusts_alone`: below an ICB, too, the words are true of a trust and not of a place.
    """

    below_an_icb: str
    elsewhere: str
    of_trusts_alone: bool = False


class BadDeclaration(Exception):
    """A page does not say what it must say."""


@dataclass(frozen=True, slots=True)
class Page:
    """One address of the portal: who may open it, what it shows, who else can see that, and what answers."""

    key: str
    path: str
    title: str
    roles: frozenset[Role] | None
    shows: Shows
    who_can_see: str | WhoCanSee | None
    view: View | None
    on_submit: View | None = None
    back_to: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    compare: Compare | None = None
    takes_file: bool = False

    @property
    def methods(self) -> list[str]:
        """The HTTP methods the page answers."""
        return (["GET"] if self.view else []) + (["POST"] if self.on_submit else [])

    def seen_by(self, *, has_icb: bool, is_followed: bool) -> str | None:
        """Return in words who can see the page, by whether an ICB stands above, and whether it follows progress."""
        words = self.who_can_see
        if not isinstance(words, WhoCanSee):
            return words
        concerned = is_followed if words.of_trusts_alone else has_icb
        return words.below_an_icb if concerned else words.elsewhere


@dataclass
class Declared:
    """A page being declared: `@page.submit` answers its form, `@page.compare` says what two saves differ in."""

    pages: "PageSet"
    key: str

    def submit(self, handler: View) -> View:
        """Let `handler` answer when the page's form is sent."""
        page = self.pages.by_key[self.key]
        self.pages.by_key[self.key] = replace(page, on_submit=handler)
        return handler

    def compare(self, handler: Compare) -> Compare:
        """Let `handler` say in words what differs when the same was saved elsewhere first."""
        page = self.pages.by_key[self.key]
        self.pages.by_key[self.key] = replace(page, compare=handler)
        return handler


@dataclass
class PageSet:
    """The pages of one area; every module in `services/portal/pages/` has one called `pages`."""

    area: str
    by_key: dict[str, Page] = field(default_factory=dict)

    def page(
        self,
        path: str,
        *,
        key: str,
        title: str,
        roles: Iterable[Role] | None,
        shows: Shows = Shows.OPEN,
        who_can_see: str | WhoCanSee | None = None,
        labels: Mapping[str, str] | None = None,
        takes_file: bool = False,
    ) -> Callable[[View], Declared]:
        """Declare a page. `title` is its h1 unless the view passes another; `who_can_see` is shown under it.

        `labels` names the form's fields on the page that compares two people's texts; `takes_file` lets the form send
        as much as a file needs.
        """

        def declare(view: View) -> Declared:
            roles_of_page, named = _roles(roles), labels or {}
            page = Page(key, path, title, roles_of_page, shows, who_can_see, view, labels=named, takes_file=takes_file)
            self._add(page)
            return Declared(self, key)

        return declare

    def act(self, path: str, *, key: str, roles: Iterable[Role], back_to: str) -> Callable[[View], View]:
        """Declare a small act that has no page of its own; when refused it says so on the page `back_to`."""

        def declare(handler: View) -> View:
            self._add(Page(key, path, "", _roles(roles), Shows.OPEN, None, None, on_submit=handler, back_to=back_to))
            return handler

        return declare

    def _add(self, page: Page) -> None:
        if page.key in self.by_key:
            raise BadDeclaration(f"Two pages are called {page.key}.")
        if page.roles is not None and not page.roles:
            raise BadDeclaration(f"{page.key} declares no role.")
        if page.shows is not Shows.OPEN and not page.who_can_see:
            raise BadDeclaration(f"{page.key} shows {page.shows} content and does not say who can see it.")
        self.by_key[page.key] = page


def _roles(roles: Iterable[Role] | None) -> frozenset[Role] | None:
    return None if roles is None else frozenset(roles)


def collect(sets: Iterable[Any]) -> dict[str, Page]:
    """Return all pages by key; raises BadDeclaration when two areas use the same key or address."""
    found: dict[str, Page] = {}
    addresses: dict[str, str] = {}
    for pages in sets:
        for key, page in pages.by_key.items():
            if key in found or page.path in addresses:
                raise BadDeclaration(f"{key} or {page.path} is declared twice.")
            found[key], addresses[page.path] = page, key
    return found
