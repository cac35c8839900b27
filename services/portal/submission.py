"""A form that was sent: done once, or shown again with its errors and everything that was typed."""

from collections.abc import Mapping
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from services.portal import error_pages
from services.portal.api import Refused, Stale
from services.portal.forms import FormRefused
from services.portal.portal import Portal
from services.portal.typed_text import arguments_of, owner_of
from services.portal.visit import Visit, new_form_key

SENT_BEFORE = "key-used-for-other-request"


def submit(portal: Portal, visit: Visit, path: Mapping[str, Any]) -> ResponseReturnValue:
    """Let the page's handler do what the form asks; what it refuses comes back as the form, filled in."""
    page = visit.page
    assert page.on_submit is not None  # noqa: S101 - a page answers POST only when it has a handler
    try:
        answer = page.on_submit(visit, **path)
    except FormRefused as refused:
        return _again(visit, path, refused.errors)
    except Refused as refused:
        if refused.slug == SENT_BEFORE:
            return _sent_before(visit, path)
        return _again(visit, path, refused.errors or [{"field": "", "message": refused.detail}])
    except Stale as stale:
        return error_pages.conflict(visit, stale)
    if visit.acting_as is not None and page.view is not None:
        portal.kept.forget_saved(owner_of(visit), request.path, visit.typed.value("form_key"))
    return answer


def _sent_before(visit: Visit, path: Mapping[str, Any]) -> ResponseReturnValue:
    """The form was sent, then gone back to and changed: what stands there now is a request of its own."""
    visit.form_key = new_form_key()
    message = (
        "You sent this form before, with something else in it. Check it, choose any file again, and press the button"
        " to send this as well."
    )
    return _again(visit, path, [{"field": "", "message": message}])


def _again(visit: Visit, path: Mapping[str, Any], errors: list[dict[str, str]]) -> ResponseReturnValue:
    """Show the form again with its errors and everything that was typed."""
    visit.errors = errors
    if visit.background:
        return jsonify(message=f"Not saved: {errors[0]['message']}"), 422
    if visit.page.view is None:
        visit.session["not_done"] = errors[0]["message"]
        return redirect(url_for(visit.page.back_to or "home", **arguments_of(visit.page.back_to, path)), 303)
    return visit.page.view(visit, **path)
