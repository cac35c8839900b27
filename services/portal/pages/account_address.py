"""A person's own e-mail address: asked to be changed, stopped, and confirmed behind a link to the new address."""

from flask import g
from flask.typing import ResponseReturnValue

from services.portal.api import NotThere
from services.portal.error_pages import message
from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.visit import Visit

pages = PageSet("account-address")
BACK = {"href": "/account", "text": "Back to your account"}


@pages.page(
    "/account/address",
    key="account.address",
    title="Change your e-mail address",
    roles=SIGNED_IN,
    shows=Shows.PRIVATE,
    who_can_see="You. Once it is confirmed, those who look after access in the organisations you act for see it too.",
    labels={"email": "New e-mail address"},
)
def address(visit: Visit) -> ResponseReturnValue:
    """Ask for the new address and say what will happen."""
    held = visit.api.directory.get("/me/account")
    return visit.render("account/address.html", held=held, back=BACK)


@address.submit
def send_link(visit: Visit) -> ResponseReturnValue:
    """Have the link mailed."""
    typed = visit.typed.text("email", missing="Enter your new e-mail address.", longest=254)
    visit.typed.check()
    asked = visit.api.directory.post("/me/address", {"email": typed})
    return visit.go("account", done=f"We have sent a link to {asked['email']}. Open it within 24 hours to confirm.")


@pages.act("/account/address/stop", key="account.stop-address", roles=SIGNED_IN, back_to="account")
def stop(visit: Visit) -> ResponseReturnValue:
    """Let the link stop working."""
    visit.api.directory.post("/me/address/stop")
    return visit.go("account", done="The change is stopped. The link we sent does not work any more.")


@pages.page(
    "/account/address/<token>",
    key="account.confirm-address",
    title="Confirm your new e-mail address",
    roles=SIGNED_IN,
    shows=Shows.PRIVATE,
    who_can_see="You.",
)
def confirm(visit: Visit, token: str) -> ResponseReturnValue:
    """Show the new address. Opening it changes nothing: mail scanners open links."""
    try:
        change = visit.api.directory.get(f"/me/address/by-token/{token}")
    except NotThere:
        return _does_not_work()
    return visit.render("account/confirm_address.html", change=change, back=BACK)


@confirm.submit
def do_confirm(visit: Visit, token: str) -> ResponseReturnValue:
    """Change the address."""
    try:
        changed = visit.api.directory.post(f"/me/address/by-token/{token}/confirm")
    except NotThere:
        return _does_not_work()
    g.portal.people.ask_again(visit.session)
    done = f"Your address is {changed['email']} now. We have told you in your inbox and at the old address."
    return visit.go("account", done=done)


def _does_not_work() -> ResponseReturnValue:
    return message("address-link-over", "This link does not work for you", 404)
