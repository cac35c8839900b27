"""What happened that concerns me."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue

from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.sign_in import safe_next
from services.portal.visit import Visit

pages = PageSet("inbox")
ONLY_YOU = "Only you. What an item leads to shows what your role allows."


@pages.page("/inbox", key="inbox", title="Inbox", roles=SIGNED_IN, shows=Shows.PRIVATE, who_can_see=ONLY_YOU)
def inbox(visit: Visit) -> ResponseReturnValue:
    """List unread items first, grouped by the thing they are about."""
    unread_only = request.args.get("unread") == "true"
    asked = {"unread": "true" if unread_only else None, "cursor": request.args.get("cursor")}
    found = visit.api.notification.get("/inbox", **asked)
    return visit.render("inbox/list.html", found=found, groups=grouped(found["items"]), unread_only=unread_only)


@pages.page(
    "/inbox/<item_id>", key="inbox.item", title="Inbox", roles=SIGNED_IN, shows=Shows.PRIVATE, who_can_see=ONLY_YOU
)
def item(visit: Visit, item_id: str) -> ResponseReturnValue:
    """Show one item with the way to the thing itself; opening it does not mark it as read, the button does."""
    found = visit.api.notification.get(f"/inbox/{item_id}")
    return visit.render("inbox/item.html", title=found["title"], item=found, link=safe_next(found.get("link")))


@item.submit
def read_and_go(visit: Visit, item_id: str) -> ResponseReturnValue:
    """Mark an item as read and go to what it is about."""
    found = visit.api.notification.get(f"/inbox/{item_id}")
    visit.api.notification.post(f"/inbox/{item_id}/read")
    current_app.extensions["portal"].unread.forget(visit)
    if visit.typed.value("stay"):
        return visit.go("inbox", done="Marked as read.")
    return visit.go(safe_next(found.get("link")))


def grouped(items: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Return items by the thing they are about, groups with something unread first, each group newest first."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in items:
        groups.setdefault(about(one), []).append(one)
    return sorted(groups.items(), key=lambda group: all(one.get("read_at") for one in group[1]))


def about(one: Mapping[str, Any]) -> str:
    """Return in words what an item is about, from its link."""
    first = str(one.get("link") or "").strip("/").split("/")[0]
    words = {
        "rounds": "Self-assessment",
        "plans": "Plan",
        "sharing": "What we share",
        "people": "People",
        "our-trusts": "Our trusts",
        "published-figures": "Published figures",
    }
    return words.get(first, "Other")
