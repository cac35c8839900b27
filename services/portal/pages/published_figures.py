"""National figures: how many, where, since when; every number passed the check that tries to undo it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.visit import Visit
from shared.contracts.roles import Role

pages = PageSet("published_figures")
READERS = (
    Role.NATIONAL_ANALYST,
    Role.NATIONAL_ADMINISTRATOR,
    Role.NATIONAL_EDITOR,
    Role.NATIONAL_APPROVER,
    Role.REGIONAL_LEAD,
)
ANALYST = frozenset({Role.NATIONAL_ANALYST})
STATES: Mapping[str, tuple[str, str]] = {
    "checking": ("Being made and checked", "blue"),
    "prepared": ("Ready to look at", "yellow"),
    "refused": ("The check said no", "red"),
    "published": ("Published", "green"),
    "revised": ("Replaced by a revision", "grey"),
    "replaced": ("Not used", "grey"),
}
WHO = "National people and regional leads. No trust or ICB can be told from these numbers."
LONGEST_NOTE = 1000
BREAKDOWNS = {"england": "England", "region": "By region", "sector": "By sector"}


def tables_of(figures: Mapping[str, Any], breakdown: str) -> list[dict[str, Any]]:
    """Return one table a measure for a breakdown: the measure and its rows."""
    return [
        {"measure": measure, "rows": rows}
        for measure in figures["measures"]
        if (
            rows := [
                row for row in figures["rows"] if row["measure"] == measure["code"] and row["breakdown"] == breakdown
            ]
        )
    ]


def shown(value: Any) -> str:
    """Return a number as it stands, and a hidden one as an asterisk."""
    return "*" if value == "suppressed" else f"{value:,}" if isinstance(value, int) else str(value)


@pages.page(
    "/published-figures",
    key="figures",
    title="How many, where, since when?",
    roles=READERS,
    shows=Shows.SHARED,
    who_can_see=WHO,
)
def latest(visit: Visit) -> ResponseReturnValue:
    """Show the latest published set, one breakdown at a time."""
    sets = visit.api.insight.get("/published-figures")["items"]
    published = next((one for one in sets if one["state"] == "published"), None)
    figures = visit.api.insight.get(f"/published-figures/{published['id']}") if published else None
    return _set_page(visit, figures, title="How many, where, since when?", sets=sets)


def _set_page(
    visit: Visit, figures: dict[str, Any] | None, *, title: str, sets: list[dict[str, Any]] | None = None, **more: Any
) -> Response:
    breakdowns = [code for code in BREAKDOWNS if figures and tables_of(figures, code)]
    wanted = request.args.get("by", "")
    wanted = wanted if wanted in breakdowns else (breakdowns[0] if breakdowns else "")
    return visit.render(
        "figures/set.html",
        title=title,
        figures=figures,
        sets=sets or [],
        breakdowns={code: BREAKDOWNS[code] for code in breakdowns},
        wanted=wanted,
        tables=tables_of(figures, wanted) if figures else [],
        shown=shown,
        states=STATES,
        is_analyst=visit.acting.holds(ANALYST),
        **more,
    )


@pages.page(
    "/published-figures/all",
    key="figures.all",
    title="What was published when?",
    roles=READERS,
    shows=Shows.SHARED,
    who_can_see=WHO,
)
def all_sets(visit: Visit) -> ResponseReturnValue:
    """List every set with what the check said."""
    sets = visit.api.insight.get("/published-figures")["items"]
    return visit.render(
        "figures/all.html",
        sets=sets,
        states=STATES,
        back={"href": "/published-figures", "text": "Back to published figures"},
    )


@pages.page(
    "/published-figures/prepare",
    key="figures.prepare",
    title="Prepare the next set",
    roles=ANALYST,
    shows=Shows.ORGANISATION,
    who_can_see="National people. Nothing is published by preparing a set.",
)
def prepare(visit: Visit) -> ResponseReturnValue:
    """Say what preparing a set does."""
    return visit.render(
        "figures/prepare.html", back={"href": "/published-figures", "text": "Back to published figures"}
    )


@prepare.submit
def do_prepare(visit: Visit) -> ResponseReturnValue:
    """Ask for a set; it is made and checked in the background."""
    asked = visit.api.insight.post("/published-figures")
    return visit.go("figures.one", set_id=asked["id"], done="The set is being made and checked.")


@pages.page(
    "/published-figures/sets/<set_id>",
    key="figures.one",
    title="A set of figures",
    roles=READERS,
    shows=Shows.SHARED,
    who_can_see=WHO,
)
def one_set(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Show a set with the check's verdict; an analyst publishes it from here."""
    figures = visit.api.insight.get(f"/published-figures/{set_id}")
    return _set_page(
        visit,
        figures,
        title=f"Set {figures['number']}",
        back={"href": "/published-figures/all", "text": "Back to all sets"},
    )


@pages.page(
    "/published-figures/sets/<set_id>/publish",
    key="figures.publish",
    title="Publish this set?",
    roles=ANALYST,
    shows=Shows.ORGANISATION,
    who_can_see="National people, until you publish.",
)
def publish(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Say what publishing does."""
    figures = visit.api.insight.get(f"/published-figures/{set_id}")
    return visit.render(
        "figures/publish.html",
        figures=figures,
        states=STATES,
        back={"href": f"/published-figures/sets/{set_id}", "text": "Back to the set"},
    )


@publish.submit
def do_publish(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Publish the set; it cannot be changed afterwards."""
    visit.api.insight.post(f"/published-figures/{set_id}/publish")
    return visit.go("figures", done="The figures are published.")


@pages.page(
    "/published-figures/sets/<set_id>/revise",
    key="figures.revise",
    title="Revise this set?",
    roles=ANALYST,
    shows=Shows.ORGANISATION,
    who_can_see="National people and regional leads read your note when you publish the revision.",
    labels={"revision_note": "What was wrong with it"},
)
def revise(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Ask what was wrong with a published set."""
    figures = visit.api.insight.get(f"/published-figures/{set_id}")
    return visit.render(
        "figures/revise.html",
        title=f"Revise set {figures['number']}?",
        figures=figures,
        back={"href": f"/published-figures/sets/{set_id}", "text": "Back to the set"},
    )


@revise.submit
def do_revise(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Ask for the revision; it is made and checked in the background."""
    note = visit.typed.text("revision_note", missing="Say what was wrong with the earlier set.", longest=LONGEST_NOTE)
    visit.typed.check()
    asked = visit.api.insight.post("/published-figures", {"revises": set_id, "revision_note": note})
    return visit.go("figures.one", set_id=asked["id"], done="The revision is being made and checked.")


@pages.page(
    "/published-figures/sets/<set_id>/csv",
    key="figures.csv",
    title="The set as CSV",
    roles=READERS,
    shows=Shows.SHARED,
    who_can_see=WHO,
)
def as_csv(visit: Visit, set_id: str) -> ResponseReturnValue:
    """Hand on the same rows as CSV, with the file name that insight gave them."""
    found = visit.api.insight.download(f"/published-figures/{set_id}.csv")
    handed_on = ("Content-Type", "Content-Disposition")
    return Response(found.content, headers={name: found.headers[name] for name in handed_on if name in found.headers})
