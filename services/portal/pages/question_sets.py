"""What is asked: the question sets with all items and levels, to read and print without opening anything."""

from flask.typing import ResponseReturnValue

from services.portal.page import SIGNED_IN, PageSet
from services.portal.visit import Visit

pages = PageSet("question_sets")
AUDIENCES = {"trust": "for trusts", "icb": "for ICBs", "place": "for places"}


@pages.page("/question-sets", key="question-sets", title="What will we be asked?", roles=SIGNED_IN)
def question_sets(visit: Visit) -> ResponseReturnValue:
    """List the question sets."""
    found = visit.api.assessment.get("/question-sets")
    return visit.render("question_sets/list.html", found=found, audiences=AUDIENCES)


@pages.page("/question-sets/<set_id>", key="question-sets.show", title="What will we be asked?", roles=SIGNED_IN)
def show(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Show every item and level of one question set."""
    found = visit.api.assessment.get(f"/question-sets/{set_id}")
    return visit.render(
        "question_sets/show.html",
        title=found["title"],
        caption=f"What will we be asked? Version {found['version']}",
        back={"href": "/question-sets", "text": "Back to question sets"},
        questions=found,
        number=sum(len(practice["items"]) for practice in found["practices"]),
    )
