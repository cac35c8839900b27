"""What anybody may read: what this is, the five practices, and how we handle data."""

import requests
from flask import g
from flask.typing import ResponseReturnValue

from services.portal.error_pages import not_found
from services.portal.page import ANYONE, PageSet
from services.portal.practices import PRACTICES
from services.portal.visit import SERVICE_WORDS, Visit

pages = PageSet("start")
BACK = {"href": "/", "text": "Back to the start page"}
WAIT = 1.5
"""Seconds we wait for a service before we say that it is not working."""


@pages.page("/", key="start", title="Look honestly at how your organisation improves", roles=ANYONE)
def start(visit: Visit) -> ResponseReturnValue:
    """Say what this is and for whom."""
    return visit.render("start/start.html", practices=PRACTICES)


@pages.page("/practices/<name>", key="practice", title="A practice", roles=ANYONE)
def practice(visit: Visit, name: str) -> ResponseReturnValue:
    """Explain one of the five practices."""
    found = PRACTICES.get(name)
    if found is None:
        return not_found()
    return visit.render("start/practice.html", title=found.name, practice=found, back=BACK)


@pages.page("/accessibility", key="accessibility", title="Accessibility statement", roles=ANYONE)
def accessibility(visit: Visit) -> ResponseReturnValue:
    """Say what works, what does not, and whom to tell."""
    return visit.render("start/accessibility.html")


@pages.page("/data-protection", key="data-protection", title="How we handle your data", roles=ANYONE)
def data_protection(visit: Visit) -> ResponseReturnValue:
    """Say who sees what, how long it is kept and what is never collected."""
    return visit.render("start/data_protection.html")


@pages.page("/help", key="help", title="Help and glossary", roles=ANYONE)
def help_page(visit: Visit) -> ResponseReturnValue:
    """Explain the words we use, and say whom to ask."""
    return visit.render("start/help.html")


@pages.page("/signed-out", key="signed-out", title="You have signed out", roles=ANYONE)
def signed_out(visit: Visit) -> ResponseReturnValue:
    """Say that it worked."""
    return visit.render("start/signed_out.html")


@pages.page("/status", key="status", title="Is the service working?", roles=ANYONE)
def status(visit: Visit) -> ResponseReturnValue:
    """Ask every part whether it is ready, and say so in words."""
    parts = {words: is_ready(g.portal.config.api_urls[service]) for service, words in SERVICE_WORDS.items()}
    return visit.render("start/status.html", parts=parts, all_well=all(parts.values()), at=g.now)


def is_ready(address: str) -> bool:
    """Tell whether a service answers that it is ready."""
    try:
        return requests.get(f"{address}/health/ready", timeout=WAIT).status_code == 200
    except requests.RequestException:
        return False
