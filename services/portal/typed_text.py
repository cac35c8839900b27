"""What a person typed, kept when it could not be sent, and put back into its form."""

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for

from services.portal.forms import Typed
from services.portal.kept import Kept, Owner, Why
from services.portal.page import Page
from services.portal.portal import Portal
from services.portal.visit import Visit


def from_our_own_page(portal: Portal) -> bool:
    """Tell whether the browser says that the form came from our own page; nobody else may plant text for a person."""
    return request.headers.get("Origin") == portal.config.base_url


def keep_typed(portal: Portal, owner: Owner, page: Page, why: Why) -> str:
    """Keep this request's form and return the address at which it is put back; a small act goes back to its page."""
    if page.view is None:
        return url_for(page.back_to or "home", **arguments_of(page.back_to, request.view_args or {}))
    return keep_fields(portal, owner, page, why, request.form.to_dict(flat=False)) or request.path


def keep_fields(portal: Portal, owner: Owner, page: Page, why: Why, fields: Mapping[str, list[str]]) -> str | None:
    """Keep the fields of a form of this page and return the address at which they are put back; None if too long."""
    kept_id = portal.kept.keep(owner, request.path, page.title, why, fields)
    return f"{request.path}?kept={kept_id}" if kept_id else None


def owner_of(visit: Visit) -> Owner:
    """Return whose text this visit's text is."""
    return Owner(visit.person.id, visit.acting.org_id)


def offer_kept(portal: Portal, visit: Visit) -> None:
    """Put kept text back into the form it was typed in when asked to, else offer it."""
    if visit.page.on_submit is None or visit.acting_as is None:
        return
    for kept in portal.kept.all_at(owner_of(visit), request.path):
        if request.args.get("kept") == kept.id:
            put_back(visit, kept)
        else:
            visit.offered.append(kept)


def put_back(visit: Visit, kept: Kept) -> None:
    """Let the form show what was typed before; nothing is sent to a service."""
    visit.kept = kept
    visit.typed = Typed(kept.fields)
    visit.form_key = visit.typed.value("form_key") or visit.form_key


def arguments_of(key: str | None, path: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of this address the page `key` also names, so that it can be gone back to."""
    wanted = g.portal.pages[key or "home"].path
    return {name: value for name, value in path.items() if f"{name}>" in wanted}
