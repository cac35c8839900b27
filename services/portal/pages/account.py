"""What we hold about a person, how we reach them, and where they are signed in."""

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal import sign_in
from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.pages.people import WHO
from services.portal.visit import Visit

pages = PageSet("account")
NOTHING_HELD: dict[str, Any] = {"roles": None, "work_accounts": []}
NO_CHOICES: dict[str, Any] = {"items": []}
NOT_TOLD: dict[str, Any] = {"kept_here": False, "items": []}
REMOVED = (
    "The passkey is being removed. Within a minute it does not work any more, and you are signed out everywhere, here "
    "too. Then sign in with what is left."
)


@pages.page(
    "/account",
    key="account",
    title="Your account",
    roles=SIGNED_IN,
    shows=Shows.PRIVATE,
    who_can_see=f"You. Your name and roles are also seen by {WHO[:1].lower()}{WHO[1:]}",
)
def account(visit: Visit) -> ResponseReturnValue:
    """Show memberships, how one signs in, what we write about, and running sessions."""
    sessions = g.portal.sessions.running_of(visit.person.id)
    preferences, held, ways = NO_CHOICES, NOTHING_HELD, NOT_TOLD
    if visit.acting_as is not None:
        ask = visit.api.notification.get
        preferences = visit.optional("notification", lambda: ask("/preferences"), NO_CHOICES)
        about_me = visit.api.directory.get
        held = visit.optional("directory", lambda: about_me("/me/account"), NOTHING_HELD)
        _look_again_if_corrected(visit, held)
        ways = visit.optional("directory", lambda: about_me("/me/ways-in"), NOT_TOLD)
    return visit.render(
        "account/show.html",
        sessions=sessions,
        here=visit.session.id_hash,
        preferences=preferences,
        held=held,
        ways=ways["items"],
        kept=g.portal.kept.all_of_person(visit.person.id),
    )


def _look_again_if_corrected(visit: Visit, held: dict[str, Any]) -> None:
    """Let the next page know of a name or an address that was corrected since this session asked."""
    known = {"name": visit.person.name, "email": visit.person.email}
    if any(held.get(what, said) != said for what, said in known.items()):
        g.portal.people.ask_again(visit.session)


@account.submit
def choose_mails(visit: Visit) -> ResponseReturnValue:
    """Store what we may write about."""
    wanted = set(visit.typed.values("mail"))
    current = visit.api.notification.get("/preferences")["items"]
    mails = {one["kind"]: one["kind"] in wanted for one in current if one["can_be_turned_off"]}
    visit.api.notification.put("/preferences", {"mails": mails})
    return visit.go("account", done="We have noted what we may write to you about.")


@pages.act("/account/passkey", key="account.passkey", roles=SIGNED_IN, back_to="account")
def set_up_passkey(visit: Visit) -> ResponseReturnValue:
    """Go to the identity provider to set up a passkey, and come back here."""
    return sign_in.set_up_passkey("/account")


@pages.page(
    "/account/passkeys/<passkey_id>/remove",
    key="account.remove-passkey",
    title="Remove this passkey?",
    roles=SIGNED_IN,
    shows=Shows.PRIVATE,
    who_can_see="You.",
)
def remove_passkey(visit: Visit, passkey_id: str) -> ResponseReturnValue:
    """Say what will happen, or why the last way to sign in stays."""
    ways = visit.api.directory.get("/me/ways-in")["items"]
    passkey = next((one for one in ways if one["id"] == passkey_id and one["kind"] == "passkey"), None)
    if passkey is None:
        raise NotFound
    return visit.render(
        "account/remove_passkey.html",
        passkey=passkey,
        back={"href": "/account", "text": "Back to your account"},
    )


@remove_passkey.submit
def do_remove_passkey(visit: Visit, passkey_id: str) -> ResponseReturnValue:
    """Remove it."""
    visit.api.directory.post(f"/me/passkeys/{passkey_id}/remove")
    return visit.go("account", done=REMOVED)


@pages.act("/account/sessions/end", key="account.end-sessions", roles=SIGNED_IN, back_to="account")
def end_other_sessions(visit: Visit) -> ResponseReturnValue:
    """Sign out everywhere else."""
    ended = g.portal.sessions.end_others(visit.session)
    return visit.go("account", done=f"Signed out everywhere else. Sessions ended: {ended}.")


@pages.act("/account/sessions/<session>/end", key="account.end-session", roles=SIGNED_IN, back_to="account")
def end_one_session(visit: Visit, session: str) -> ResponseReturnValue:
    """Sign out in one other place."""
    ended = g.portal.sessions.end_one(visit.session, session)
    done = "Signed out there." if ended else "That session had ended already."
    return visit.go("account", done=done)
