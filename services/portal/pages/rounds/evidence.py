"""Evidence of a self-assessment: files and links that show what is true of an item, used again next time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.reading import back_to_round, items_of, place_of, question_set_of
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD, ORGANISERS
from services.portal.visit import Visit

pages = PageSet("rounds_evidence")
ANSWERS = {"keep": "Kept for this self-assessment.", "drop": "Not shown in this self-assessment."}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of evidence; `adds` is whether this person can change it now."""

    items: list[Mapping[str, Any]] = field(default_factory=list)
    still_true: list[Mapping[str, Any]] = field(default_factory=list)
    adds: bool = False

    @property
    def being_checked(self) -> bool:
        """Whether a file is still being checked."""
        return any(one["file"] and one["file"]["state"] == "checking" for one in self.items)

    def on(self, item_id: str) -> "Shown":
        """Return what belongs to one item."""
        items, asked = ([one for one in some if one["item_id"] == item_id] for some in (self.items, self.still_true))
        return Shown(items, asked, self.adds)


def evidence_of(visit: Visit, round_id: str) -> Shown:
    """Return the evidence of a self-assessment; the page stands without it while the service is away."""
    nothing: dict[str, Any] = {"items": [], "still_true": [], "changeable": False}
    found = visit.optional("assessment", lambda: visit.api.assessment.get(f"/rounds/{round_id}/evidence"), nothing)
    return Shown(found["items"], found["still_true"], found["changeable"] and visit.acting.holds(ORGANISERS))


def evidence_on(visit: Visit, round_id: str, item_id: str) -> Shown:
    """Return the evidence of one item."""
    return evidence_of(visit, round_id).on(item_id)


@pages.page(
    "/rounds/<round_id>/evidence",
    key="rounds.evidence",
    title="What shows what is true of us?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def all_evidence(visit: Visit, round_id: str) -> ResponseReturnValue:
    """List the evidence by practice and item; those who prepare are asked what of last time is still true."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    questions = question_set_of(visit, found)
    shown = evidence_of(visit, round_id)
    return visit.render(
        "rounds/evidence.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        practices=questions["practices"],
        evidence=shown,
        titles={item["id"]: item["title"] for item in items_of(questions)},
    )


@pages.page(
    "/rounds/<round_id>/evidence/<item_id>",
    key="rounds.evidence.item",
    title="What shows it?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
    labels={"title": "What does it show?", "link": "The address of a page"},
    takes_file=True,
)
def item_evidence(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Show the evidence of one item, and the form that adds to it; `?replaces=` names an earlier piece."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    place = place_of(question_set_of(visit, found), item_id)
    if place is None:
        raise NotFound
    shown = evidence_on(visit, round_id, item_id)
    replaced = visit.typed.value("replaces", request.args.get("replaces", ""))
    return visit.render(
        "rounds/evidence_item.html",
        round=found,
        caption=f"{place.practice['title']}: {place.item['title']}",
        back={"href": f"/rounds/{round_id}/evidence", "text": "Back to all evidence"},
        place=place,
        evidence=shown,
        replaced=next((one for one in shown.still_true if one["id"] == replaced), None),
        discussed=found["state"] in ("closed", "agreed", "signed_off"),
    )


@item_evidence.submit
def add(visit: Visit, round_id: str, item_id: str) -> ResponseReturnValue:
    """Add a file or a link."""
    typed, file = visit.typed, request.files.get("file")
    title = typed.text("title", missing="Say what it shows, in a few words.", longest=200)
    link = typed.text("link", longest=2000)
    has_file = file is not None and bool(file.filename)
    if has_file == bool(link):
        typed.wrong("file", "Choose a file or enter the address of a page" + (", not both." if link else "."))
    typed.check()
    fields = {"item_id": item_id, "title": title}
    if replaces := typed.value("replaces"):
        fields["replaces"] = replaces
    if file is not None and has_file:
        path = f"/rounds/{round_id}/evidence/files"
        visit.api.assessment.upload(path, str(file.filename), file.stream, fields=fields)
        done = "The file is added. The board can open it once it was checked, usually within a minute."
    else:
        visit.api.assessment.post(f"/rounds/{round_id}/evidence/links", fields | {"link": link})
        done = "The link is added."
    return visit.go("rounds.evidence.item", round_id=round_id, item_id=item_id, done=done)


@pages.page(
    "/rounds/<round_id>/evidence/<item_id>/<piece_id>/file",
    key="rounds.evidence.file",
    title="Open a file",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD,
)
def open_file(visit: Visit, round_id: str, item_id: str, piece_id: str) -> ResponseReturnValue:
    """Go to a link of this moment that saves the file; a new one is made for each opening."""
    answer = visit.api.assessment.get(f"/rounds/{round_id}/evidence/{piece_id}/link")
    return redirect(answer["link"], 303)


@pages.act(
    "/rounds/<round_id>/evidence/<item_id>/<piece_id>/remove",
    key="rounds.evidence.remove",
    roles=ORGANISERS,
    back_to="rounds.evidence.item",
)
def remove(visit: Visit, round_id: str, item_id: str, piece_id: str) -> ResponseReturnValue:
    """Take a piece away."""
    visit.api.assessment.delete(f"/rounds/{round_id}/evidence/{piece_id}")
    return visit.go("rounds.evidence.item", round_id=round_id, item_id=item_id, done="Removed.")


@pages.act(
    "/rounds/<round_id>/evidence/<item_id>/<piece_id>/still-true",
    key="rounds.evidence.still-true",
    roles=ORGANISERS,
    back_to="rounds.evidence",
)
def still_true(visit: Visit, round_id: str, item_id: str, piece_id: str) -> ResponseReturnValue:
    """Keep an earlier piece, or leave it out."""
    answer = visit.typed.choice("answer", list(ANSWERS), missing="Say whether it is still true.")
    visit.typed.check()
    visit.api.assessment.post(f"/rounds/{round_id}/evidence/{piece_id}/still-true", {"answer": answer})
    return visit.go("rounds.evidence", round_id=round_id, done=ANSWERS[answer])
