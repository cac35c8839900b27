"""One request as a page function sees it: who asks, for whom, what was typed, and the services' APIs."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Response, current_app, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from services.portal.api import Apis, NotAllowed, NotThere, ServiceAway
from services.portal.forms import Typed
from services.portal.kept import Kept
from services.portal.page import Page
from services.portal.person import Membership, Person
from services.portal.sessions import PortalSession
from services.portal.words import as_time
from shared.contracts.roles import Role

T = TypeVar("T")
SERVICE_WORDS = {
    "directory": "people and organisations",
    "assessment": "self-assessments",
    "action_plan": "the plan",
    "competency_framework": "board development",
    "notification": "the inbox",
    "insight": "progress and published figures",
}


def new_form_key() -> str:
    """Return a key that makes what is sent a request of its own."""
    return secrets.token_urlsafe(16)


@dataclass
class Visit:
    """What a page function gets. `person` and `acting` are None only on pages for anyone."""

    page: Page
    session: PortalSession
    api: Apis
    typed: Typed
    here: str
    background: bool
    signed_in: Person | None = None
    acting_as: Membership | None = None
    kept: Kept | None = None
    offered: list[Kept] = field(default_factory=list)
    form_key: str = field(default_factory=new_form_key)
    errors: list[dict[str, str]] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    tokens: dict[tuple[str | None, str], str] = field(default_factory=dict, repr=False)
    """What was looked up for this request's calls, by tenant and API."""
    _names: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        """Who is signed in; raises LookupError on a page for anyone when nobody is."""
        if self.signed_in is None:
            raise LookupError("Nobody is signed in.")
        return self.signed_in

    @property
    def acting(self) -> Membership:
        """The organisation acted for; raises LookupError on a page for anyone when nobody is signed in."""
        if self.acting_as is None:
            raise LookupError("No organisation is acted for.")
        return self.acting_as

    def holds(self, roles: frozenset[Role]) -> bool:
        """Tell whether one of `roles` is held by whoever visits; nobody who is not signed in holds any."""
        return self.acting_as is not None and self.acting_as.holds(roles)

    def render(self, template: str, *, title: str | None = None, status: int = 200, **context: Any) -> Response:
        """Return the page; `title` replaces the declared one. Errors make it a 422."""
        html = render_template(template, visit=self, page=self.page, title=title or self.page.title, **context)
        return Response(html, status=422 if self.errors and status == 200 else status)

    def go(self, key_or_path: str, *, done: str | None = None, **values: Any) -> ResponseReturnValue:
        """Go on to another page (303). `done` says there, once, what was done."""
        if done:
            self.session["done"] = done
        target = key_or_path if key_or_path.startswith("/") else url_for(key_or_path, **values)
        if self.background:
            return jsonify(message=done or "Saved", go=target)
        return redirect(target, 303)

    def saved(self, key_or_path: str, answer: Mapping[str, Any], **values: Any) -> ResponseReturnValue:
        """Go on after a save; a background save gets the new version and "Saved at 2:30pm" instead."""
        if not self.background:
            return self.go(key_or_path, **values)
        at = answer.get("saved_at")
        message = f"Saved at {as_time(at)}" if at else "Saved"
        return jsonify(message=message, version=answer.get("version"), form_key=new_form_key())

    def optional(self, service: str, ask: Callable[[], T], default: T) -> T:
        """Return what `ask` brings, or `default` while that service is away; the page then says what is missing."""
        try:
            return ask()
        except ServiceAway:
            words = SERVICE_WORDS.get(service, service)
            if words not in self.away:
                self.away.append(words)
            return default
        except (NotThere, NotAllowed):
            return default

    def is_away(self, service: str) -> bool:
        """Tell whether a service did not answer, so that a page says nothing of what it would know."""
        return SERVICE_WORDS.get(service, service) in self.away

    def names(self, person_ids: Iterable[str | None]) -> dict[str, str]:
        """Return names of people by id, asked of directory in one call; "Somebody who left" where it gives none."""
        wanted = {one for one in person_ids if one} - self._names.keys()
        if not wanted:
            return self._names
        ask = self.api.directory.ask
        answer: Any = self.optional("directory", lambda: ask("/names", {"person_ids": sorted(wanted)}), None)
        if answer is None:  # it did not say that they left, and whoever asks next may be told their names
            return self._names | dict.fromkeys(wanted, "Name not available at the moment")
        self._names |= {one: answer["names"].get(one) or "Somebody who left" for one in wanted}
        return self._names

    def unread(self) -> int | None:
        """Return how many inbox items are unread, or None when the inbox is away."""
        counter: Callable[[Visit], int | None] = current_app.extensions["portal"].unread
        return counter(self) if self.acting_as else None

    def take_done(self) -> str | None:
        """Return what the page before says was done; it is said once."""
        return self.session.pop("done", None) if "done" in self.session else None

    def error_for(self, name: str) -> str | None:
        """Return the error message of one field, or None."""
        return next((error["message"] for error in self.errors if error["field"] == name), None)
