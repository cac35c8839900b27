"""Board development: a private reflection, what of it the chair is shown by choice, the board as a whole in words."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from services.portal.comparing import texts, unless_the_same
from services.portal.page import Compared, PageSet, Shows
from services.portal.visit import Visit
from shared.contracts.roles import Role

pages = PageSet("board_development")
BOARD = (Role.BOARD_MEMBER, Role.CHAIR, Role.CHIEF_EXECUTIVE)
ONLY_YOU = "Only you. Nobody in your organisation, your ICB or NHS England can see it unless you choose to share."
STATEMENT_LABELS = {"frequency": "How often", "note": "Note to yourself"}
STRENGTHS: Mapping[str, tuple[str, str]] = {
    "strong": ("Strong", "green"),
    "mixed": ("Mixed", "yellow"),
    "thin": ("Thin", "orange"),
    "no_chance": ("No chance to show", "grey"),
    "too_few": ("Too few to say", "grey"),
}


def reflection_of(visit: Visit) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]:
    """Return one's reflection, its framework, and the answers by statement."""
    mine = visit.api.competency_framework.get("/my-reflection")
    framework = visit.api.competency_framework.get(f"/frameworks/{mine['framework_id']}")
    return mine, framework, {item["statement_id"]: item for item in mine["items"]}


def statements_of(framework: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return (domain, statement) in the order of the framework."""
    return [(domain, statement) for domain in framework["domains"] for statement in domain["statements"]]


def scale_of(framework: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of each answer, in the order of the scale."""
    return {step["code"]: step["label"] for step in framework["scale"]}


@pages.page(
    "/board-development",
    key="board",
    title="How am I doing, for my own eyes?",
    roles=BOARD,
    shows=Shows.PRIVATE,
    who_can_see=ONLY_YOU,
)
def overview(visit: Visit) -> ResponseReturnValue:
    """Show how far one's reflection is, statement by statement, and what one shares."""
    mine, framework, answers = reflection_of(visit)
    names = visit.names(shared["reader_id"] for shared in mine["shared"])
    left = [statement["id"] for _, statement in statements_of(framework) if statement["id"] not in answers]
    return visit.render(
        "board/overview.html",
        mine=mine,
        framework=framework,
        answers=answers,
        scale=scale_of(framework),
        names=names,
        left=left,
        is_chair=visit.acting.holds(frozenset({Role.CHAIR})),
        strengths=STRENGTHS,
    )


@pages.page(
    "/board-development/statements/<statement_id>",
    key="board.statement",
    title="How often was this true of you?",
    roles=BOARD,
    shows=Shows.PRIVATE,
    who_can_see=ONLY_YOU,
    labels=STATEMENT_LABELS,
)
def statement(visit: Visit, statement_id: str) -> ResponseReturnValue:
    """Ask for one answer."""
    _, framework, answers = reflection_of(visit)
    order = statements_of(framework)
    place = next((index for index, (_, each) in enumerate(order) if each["id"] == statement_id), None)
    if place is None:
        raise NotFound
    options = [{"value": step["code"], "text": step["label"], "hint": step["meaning"]} for step in framework["scale"]]
    return visit.render(
        "board/statement.html",
        domain=order[place][0],
        statement=order[place][1],
        caption=f"{order[place][0]['title']}: statement {place + 1} of {len(order)}",
        options=options,
        answer=answers.get(statement_id, {}),
        guidance=framework["guidance"],
        back={"href": "/board-development", "text": "Back to your reflection"},
        previous=order[place - 1][1]["id"] if place else None,
    )


@statement.submit
def save(visit: Visit, statement_id: str) -> ResponseReturnValue:
    """Save one answer and go on to the next statement without one."""
    _, framework, answers = reflection_of(visit)
    typed = visit.typed
    codes = [step["code"] for step in framework["scale"]]
    body = {
        "frequency": typed.choice("frequency", codes, missing="Choose how often this was true of you."),
        "note": typed.text("note", longest=5000),
    }
    typed.check()
    version = int(typed.value("version", 0))
    path = f"/my-reflection/{statement_id}"
    saved = unless_the_same(body, lambda: visit.api.competency_framework.put(path, body, version=version))
    order = [each["id"] for _, each in statements_of(framework)]
    later = order[order.index(statement_id) + 1 :] + order
    following = next((each for each in later if each not in answers and each != statement_id), None)
    if following is None:
        return visit.saved("board", saved)
    return visit.saved("board.statement", saved, statement_id=following)


@statement.compare
def compare(visit: Visit, current: Mapping[str, Any]) -> Compared:
    """Say what two saves of one answer differ in."""
    _, framework, _ = reflection_of(visit)
    scale, typed = scale_of(framework), visit.typed
    saved = str(current.get("frequency") or "")
    chosen = typed.value("frequency")
    return {
        STATEMENT_LABELS["frequency"]: (scale.get(chosen, chosen), scale.get(saved, saved)),
        **texts(typed, current, {"note": STATEMENT_LABELS["note"]}),
    }


@pages.act("/board-development/finish", key="board.finish", roles=BOARD, back_to="board")
def finish(visit: Visit) -> ResponseReturnValue:
    """Say that one has finished."""
    visit.api.competency_framework.post("/my-reflection/finish")
    return visit.go("board", done="You have finished. You can still change any answer.")


@pages.page(
    "/board-development/share",
    key="board.share",
    title="Show your chair a summary?",
    roles=(Role.BOARD_MEMBER, Role.CHIEF_EXECUTIVE),
    shows=Shows.PRIVATE,
    who_can_see="Only you, until you press the button. Then your chair sees the summary of the parts you choose.",
)
def share(visit: Visit) -> ResponseReturnValue:
    """Ask which parts to show and say exactly what the chair will see."""
    mine, framework, _ = reflection_of(visit)
    options = [{"value": domain["id"], "text": domain["title"]} for domain in framework["domains"]]
    return visit.render(
        "board/share.html",
        mine=mine,
        options=options,
        back={"href": "/board-development", "text": "Back to your reflection"},
    )


@share.submit
def share_summary(visit: Visit) -> ResponseReturnValue:
    """Show the chosen parts to the chair."""
    _, framework, _ = reflection_of(visit)
    domains = visit.typed.choices(
        "domains", [domain["id"] for domain in framework["domains"]], missing="Choose at least one part."
    )
    visit.typed.check()
    visit.api.competency_framework.post("/my-reflection/share", {"domains": domains})
    return visit.go("board", done="Your chair can now see the summary of the parts you chose.")


@pages.act("/board-development/stop-sharing", key="board.stop", roles=BOARD, back_to="board")
def stop_sharing(visit: Visit) -> ResponseReturnValue:
    """Take back what one showed the chair."""
    visit.api.competency_framework.post("/my-reflection/stop-sharing")
    return visit.go("board", done="Your chair cannot see your summary any more.")


@pages.page(
    "/board-development/profile",
    key="board.profile",
    title="Where is the board strong, and where is it thin?",
    roles=(Role.CHAIR,),
    shows=Shows.ORGANISATION,
    who_can_see="Only the chair. The board as a whole stands here without names or numbers; a member's summary only "
    "where that member chose to show it.",
)
def profile(visit: Visit) -> ResponseReturnValue:
    """Show the board as a whole in words, and the summaries that members chose to show."""
    found = visit.api.competency_framework.get("/board-profile")
    nothing: dict[str, Any] = {"items": []}
    shared = visit.optional(
        "competency_framework", lambda: visit.api.competency_framework.get("/shared-reflections"), nothing
    )
    used = {item["framework_id"] for item in shared["items"]}
    return visit.render(
        "board/profile.html",
        profile=found,
        shared=shared["items"],
        scales={each: scale_of(visit.api.competency_framework.get(f"/frameworks/{each}")) for each in used},
        names=visit.names(item["person_id"] for item in shared["items"]),
        strengths=STRENGTHS,
    )
