"""Home: each role's first question, answered."""

from flask.typing import ResponseReturnValue

from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.visit import Visit

pages = PageSet("home")


@pages.page(
    "/home",
    key="home",
    title="What needs me now?",
    roles=SIGNED_IN,
    shows=Shows.ORGANISATION,
    who_can_see="Only people of your organisation, each what their role allows.",
)
def home(visit: Visit) -> ResponseReturnValue:
    """Show the home of the role acted in."""
    return visit.render("home/plain.html")
