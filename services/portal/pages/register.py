"""The register of organisations, for the national administrator: look, import, enter, move."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet
from services.portal.visit import Visit
from services.portal.words import counted
from shared.contracts.roles import Role

pages = PageSet("register")
ADMINISTRATOR = frozenset({Role.NATIONAL_ADMINISTRATOR})
BY_HAND = {"icb": "An ICB", "place": "A place", "national": "The national body"}
"""Trusts come from the published file, so that nobody mistypes one."""
KINDS = {"trust": "Trusts", "icb": "ICBs", "place": "Places", "region": "Regions", "national": "National"}
KIND_WORDS = {"trust": "Trust", "icb": "ICB", "place": "Place", "region": "Region", "national": "National body"}
APPLIED = {
    "new": "New organisations",
    "renamed": "New names",
    "closed": "Closed",
    "reopened": "Open again",
    "moved": "Moved to another ICB",
}
NEEDED = ("icb", "region")
NEEDED_BY = {
    "place": ("tenant", "Choose the ICB that the place belongs to."),
    "icb": ("region", "Choose the region that the ICB lies in."),
}
NOT_APPLIED = {
    "unknown_icb": "ICB not known to us",
    "outside_england": "Outside England",
    "absent": "In the register, not in the file",
    "long_closed": "Closed long ago",
}


@pages.page("/register", key="register", title="Is the register right?", roles=ADMINISTRATOR)
def register(visit: Visit) -> ResponseReturnValue:
    """List organisations; the filter lives in the address, so it survives a reload."""
    filters = {name: request.args.get(name) or None for name in ("kind", "tenant", "q")}
    found = visit.api.directory.get("/organisations", **filters, cursor=request.args.get("cursor"))
    return visit.render("register/list.html", found=found, filters=filters, kinds=KINDS, kind_words=KIND_WORDS)


@pages.page(
    "/register/import", key="register.import", title="Import a register file", roles=ADMINISTRATOR, takes_file=True
)
def import_file(visit: Visit) -> ResponseReturnValue:
    """Ask for the file."""
    return visit.render("register/import.html", back={"href": "/register", "text": "Back to the register"})


@import_file.submit
def try_file(visit: Visit) -> ResponseReturnValue:
    """Compare the file with the register; nothing changes yet."""
    file = request.files.get("file")
    if file is None or not file.filename:
        visit.typed.wrong("file", "Choose a file.")
        visit.typed.check()
    assert file is not None  # noqa: S101 - check() raised otherwise
    tried = visit.api.directory.upload("/register-imports", str(file.filename), file.stream)
    return visit.go("register.import-report", import_id=tried["id"])


@pages.page(
    "/register/imports/<import_id>",
    key="register.import-report",
    title="What would this file change?",
    roles=ADMINISTRATOR,
)
def report(visit: Visit, import_id: str) -> ResponseReturnValue:
    """Show every difference; the button applies them."""
    found = visit.api.directory.get(f"/register-imports/{import_id}")
    applied = found["state"] == "applied"
    people = visit.names([found["uploaded_by"], found.get("applied_by")])
    return visit.render(
        "register/report.html",
        title="What this file changed" if applied else None,
        found=found,
        applied=applied,
        people=people,
        changes=_groups(found["report"], APPLIED),
        notes=_groups(found["report"], NOT_APPLIED),
        back={"href": "/register", "text": "Back to the register"},
    )


@report.submit
def apply(visit: Visit, import_id: str) -> ResponseReturnValue:
    """Do what the dry run showed."""
    answer = visit.api.directory.post(f"/register-imports/{import_id}/apply")
    done = f"{counted(answer['report']['to_apply'], 'change is', 'changes are')} made."
    return visit.go("register.import-report", import_id=import_id, done=done)


def _groups(found: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, list[Any]]]:
    return [(title, list(found[name])) for name, title in titles.items() if found.get(name)]


@pages.page(
    "/register/new",
    key="register.new",
    title="Enter an organisation",
    roles=ADMINISTRATOR,
    labels={"code": "Code", "name": "Name", "tenant": "ICB", "region": "Region"},
)
def enter(visit: Visit) -> ResponseReturnValue:
    """Ask for what the published file does not hold."""
    listed = {kind: visit.api.directory.get("/organisations", kind=kind, limit="100")["items"] for kind in NEEDED}
    return visit.render(
        "register/new.html",
        kinds=[{"value": kind, "text": words} for kind, words in BY_HAND.items()],
        icbs=_options("Choose an ICB", listed["icb"]),
        regions=_options("Choose a region", listed["region"]),
        back={"href": "/register", "text": "Back to the register"},
    )


@enter.submit
def do_enter(visit: Visit) -> ResponseReturnValue:
    """Enter it; the register's own rules are asked by directory."""
    typed = visit.typed
    kind = typed.choice("kind", list(BY_HAND), missing="Choose what it is.")
    body: dict[str, Any] = {
        "kind": kind,
        "code": typed.text("code", missing="Enter its code.", longest=10).upper(),
        "name": typed.text("name", missing="Enter its name.", longest=200),
    }
    opens_on = typed.day("opens_on", missing="Enter the first day on which it is open.")
    belongs, missing = NEEDED_BY.get(kind, (None, ""))
    if belongs:
        body[belongs] = typed.text(belongs, missing=missing, longest=10)
    typed.check()
    body["opens_on"] = opens_on and opens_on.isoformat()
    visit.api.directory.post("/organisations", body)
    return visit.go("register.organisation", code=body["code"], done=f"{body['name']} is in the register.")


def _options(first: str, found: list[Any]) -> list[dict[str, str]]:
    options = [{"value": one["code"], "text": f"{one['name']} ({one['code']})"} for one in found]
    return [{"value": "", "text": first}, *options]


@pages.page("/register/<code>", key="register.organisation", title="Organisation", roles=ADMINISTRATOR)
def organisation(visit: Visit, code: str) -> ResponseReturnValue:
    """Show one organisation with its history."""
    found = visit.api.directory.get(f"/organisations/{code}")
    return visit.render(
        "register/organisation.html",
        title=found["name"],
        found=found,
        kind_words=KIND_WORDS,
        back={"href": "/register", "text": "Back to the register"},
    )


@pages.page(
    "/register/<code>/move",
    key="register.move",
    title="Move this organisation to another ICB",
    roles=ADMINISTRATOR,
    labels={"to_tenant": "New ICB", "reason": "Reason"},
)
def move(visit: Visit, code: str) -> ResponseReturnValue:
    """Ask where to and from when, and say what will happen."""
    found = visit.api.directory.get(f"/organisations/{code}")
    icbs = visit.api.directory.get("/organisations", kind="icb", limit="100")["items"]
    return visit.render(
        "register/move.html",
        title=f"Move {found['name']} to another ICB",
        found=found,
        options=_options("Choose an ICB", [one for one in icbs if one["code"] != found["tenant"]]),
        back={"href": f"/register/{code}", "text": "Back to the organisation"},
    )


@move.submit
def do_move(visit: Visit, code: str) -> ResponseReturnValue:
    """Record the move."""
    typed = visit.typed
    to_tenant = typed.text("to_tenant", missing="Choose the new ICB.", longest=10)
    effective_on = typed.day("effective_on", missing="Enter the day from which it belongs to the new ICB.")
    reason = typed.text("reason", missing="Say why, in a few words.", longest=500)
    typed.check()
    body = {"to_tenant": to_tenant, "effective_on": effective_on and effective_on.isoformat(), "reason": reason}
    visit.api.directory.post(f"/organisations/{code}/moves", body)
    return visit.go("register.organisation", code=code, done="The move is recorded.")
