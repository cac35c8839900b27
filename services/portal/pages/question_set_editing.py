"""The next version of the questions: the editor imports and sends it, an approver publishes it or sends it back."""

from collections.abc import Mapping

from flask import g, request
from flask.typing import ResponseReturnValue

from services.portal.api import Refused
from services.portal.forms import FormRefused
from services.portal.page import PageSet
from services.portal.pages.question_sets import AUDIENCES, handed_on, set_page
from services.portal.visit import Visit
from shared.clock import local_day
from shared.contracts.roles import Role

pages = PageSet("question_set_editing")
EDITOR = frozenset({Role.NATIONAL_EDITOR})
APPROVER = frozenset({Role.NATIONAL_APPROVER})
BACK = {"href": "/question-sets", "text": "Back to question sets"}
DRAFT_STATES: Mapping[str, tuple[str, str]] = {
    "tried": ("Not kept yet", "grey"),
    "draft": ("Draft", "blue"),
    "sent": ("Waiting for approval", "yellow"),
    "published": ("Published", "green"),
    "discarded": ("Thrown away", "grey"),
}
ITEM_CHANGES: Mapping[str, tuple[str, str]] = {"new": ("New", "green"), "changed": ("Changed", "blue")}
DONE = {
    "keep": "It is kept as a draft. Nobody else sees it.",
    "send": "It is sent. An approver finds it on their home page.",
    "discard": "It is thrown away.",
}


@pages.page(
    "/question-sets/import", key="question-sets.import", title="Import a version", roles=EDITOR, takes_file=True
)
def import_file(visit: Visit) -> ResponseReturnValue:
    """Ask for the file."""
    found = visit.api.assessment.get("/question-sets")
    return visit.render("question_sets/import.html", back=BACK, found=found, audiences=AUDIENCES)


@import_file.submit
def try_file(visit: Visit) -> ResponseReturnValue:
    """Compare the file with the present version; nothing changes yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        visit.typed.wrong("file", "Choose a file.")
        visit.typed.check()
    assert file is not None  # noqa: S101 - check() raised otherwise
    try:
        tried = visit.api.assessment.upload("/question-set-drafts", str(file.filename), file.stream)
    except Refused as refused:
        raise FormRefused(
            [{"field": "file", "message": fault["text"]} for fault in refused.faults] or refused.errors
        ) from refused
    return visit.go("question-sets.draft", draft_id=tried["id"])


@pages.page(
    "/question-sets/drafts/<draft_id>",
    key="question-sets.draft",
    title="What does this version change?",
    roles=EDITOR | APPROVER,
)
def draft(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Show every difference, and what can be done next."""
    found = visit.api.assessment.get(f"/question-set-drafts/{draft_id}")
    return visit.render(
        "question_sets/draft.html",
        back=BACK,
        caption=f"{found['title']}, version {found['version']}",
        draft=found,
        states=DRAFT_STATES,
        kinds=ITEM_CHANGES,
        people=visit.names([found["created_by"], found["sent_by"], found["decided_by"]]),
        edits=visit.acting.holds(EDITOR),
        approves=visit.acting.holds(APPROVER),
        audiences=AUDIENCES,
    )


@draft.submit
def take_step(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Keep, send or throw away."""
    step = visit.typed.choice("step", tuple(DONE), missing="Press one of the buttons.")
    visit.typed.check()
    visit.api.assessment.post(f"/question-set-drafts/{draft_id}/{step}")
    if step == "discard":
        return visit.go("question-sets", done=DONE[step])
    return visit.go("question-sets.draft", draft_id=draft_id, done=DONE[step])


@pages.page(
    "/question-sets/drafts/<draft_id>/read",
    key="question-sets.draft.read",
    title="As people will read it",
    roles=EDITOR | APPROVER,
)
def read_draft(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Show the draft exactly as a published set is shown."""
    found = visit.api.assessment.get(f"/question-set-drafts/{draft_id}")
    back = {"href": f"/question-sets/drafts/{draft_id}", "text": "Back to what it changes"}
    return set_page(visit, found["content"], back=back, draft=True)


@pages.page(
    "/question-sets/drafts/<draft_id>/publish",
    key="question-sets.publish",
    title="Publish this version?",
    roles=APPROVER,
)
def publish(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Say what will happen first."""
    found = visit.api.assessment.get(f"/question-set-drafts/{draft_id}")
    return visit.render("question_sets/publish.html", draft=found, back=_to_draft(draft_id), audiences=AUDIENCES)


@publish.submit
def do_publish(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Publish it for ever."""
    done = visit.api.assessment.post(f"/question-set-drafts/{draft_id}/publish")
    return visit.go("question-sets.show", set_id=done["id"], done="The version is published.")


@pages.page(
    "/question-sets/drafts/<draft_id>/send-back",
    key="question-sets.send-back",
    title="Send this version back",
    roles=APPROVER,
    labels={"note": "Note"},
)
def send_back(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Ask what should be looked at again."""
    return visit.render("question_sets/send_back.html", back=_to_draft(draft_id))


@send_back.submit
def do_send_back(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Return it to the editor with the note."""
    note = visit.typed.text("note", missing="Say what should be looked at again.", longest=5_000)
    visit.typed.check()
    visit.api.assessment.post(f"/question-set-drafts/{draft_id}/send-back", {"note": note})
    return visit.go("question-sets.draft", draft_id=draft_id, done="It is sent back with your note.")


@pages.page(
    "/question-sets/<set_id>/retire",
    key="question-sets.retire",
    title="Retire this question set?",
    roles=APPROVER,
    labels={"replaced_by": "Use instead"},
)
def retire(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Ask from when, and what to use instead."""
    found = visit.api.assessment.get("/question-sets")["items"]
    shown = next((one for one in found if one["id"] == set_id), None)
    others = [
        one
        for one in found
        if shown and one["audience"] == shown["audience"] and one["id"] != set_id and not one["retired_on"]
    ]
    options = [{"value": one["id"], "text": f"{one['title']}, version {one['version']}"} for one in others]
    return visit.render(
        "question_sets/retire.html",
        found=shown,
        options=[{"value": "", "text": "Nothing"}, *options],
        back={"href": f"/question-sets/{set_id}", "text": "Back to the question set"},
    )


@retire.submit
def do_retire(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Retire it from that day on."""
    day = visit.typed.day("retired_on", missing="Enter the first day on which it is no longer used.")
    if day is not None and day < local_day(g.now):
        visit.typed.wrong("retired_on-day", "The day must be today or later.")
    visit.typed.check()
    body = {"retired_on": day and day.isoformat(), "replaced_by": visit.typed.value("replaced_by") or None}
    visit.api.assessment.post(f"/question-sets/{set_id}/retire", body)
    return visit.go("question-sets.show", set_id=set_id, done="The question set is retired from that day on.")


@pages.page(
    "/question-sets/drafts/<draft_id>/file",
    key="question-sets.draft.file",
    title="The draft as a file",
    roles=EDITOR | APPROVER,
)
def draft_as_file(visit: Visit, draft_id: str) -> ResponseReturnValue:
    """Hand on the draft as a workbook, to be changed and imported again."""
    found = visit.api.assessment.download(f"/question-set-drafts/{draft_id}/file", format="xlsx")
    return handed_on(found)


def _to_draft(draft_id: str) -> dict[str, str]:
    return {"href": f"/question-sets/drafts/{draft_id}", "text": "Back to what it changes"}
