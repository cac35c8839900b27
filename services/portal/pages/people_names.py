"""Somebody's name is corrected by whoever looks after access."""

from flask import request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.people import MANAGERS, WHO, person_here
from services.portal.visit import Visit

pages = PageSet("people-names")
TOLD = "We have told the person."
OPERATORS = "The name on the sign-in pages is changed by an operator: tell them."


@pages.page(
    "/people/<person_id>/name",
    key="people.name",
    title="Correct a name",
    roles=MANAGERS,
    shows=Shows.ORGANISATION,
    who_can_see=WHO,
    labels={"name": "Name"},
)
def name(visit: Visit, person_id: str) -> ResponseReturnValue:
    """Show the present name, ask for the right one, and say what will happen.

    A national administrator finds regional leads too, in the region: it has nobody who looks after access.
    """
    elsewhere = request.args.get("organisation", "") if visit.acting.is_national_team else ""
    person = person_here(visit, person_id, elsewhere)
    return visit.render(
        "people/name.html",
        title=f"Correct the name of {person['name']}",
        back={"href": "/people", "text": "Back to people"},
        person=person,
        own=person_id == visit.person.id,
        account_follows=not visit.acting.is_national_team or bool(elsewhere),
    )


@name.submit
def correct(visit: Visit, person_id: str) -> ResponseReturnValue:
    """Correct it."""
    typed = visit.typed.text("name", missing="Enter the person's name.", longest=100)
    visit.typed.check()
    corrected = visit.api.directory.patch(f"/people/{person_id}", {"name": typed})
    if not corrected["changed"]:
        return visit.go("people", done=f"The name was {corrected['name']} already. Nothing was changed.")
    by_operator = f" {OPERATORS}" if corrected["account_kept_by_operator"] else ""
    return visit.go("people", done=f"The name is {corrected['name']} now. {TOLD}{by_operator}")
