"""A self-assessment from its opening to its sharing, step by step through the public API of `assessment`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from deploy.local.demo import board
from deploy.local.demo.actor import Actor, Json
from infra.keycloak.demo_people import DemoPerson

ASSESSMENT = "assessment"
ANSWERING_DAYS = 14
AIM_ITEMS = 4
FALLS = b"Month,Falls with harm\nJanuary,9\nFebruary,7\nMarch,6\n"
REASON = "We compared what we saw on our visits with what the papers say."
DIFFERED = "Two of us see it one level lower in the community services."


def question_set(lead: Actor) -> Json:
    """The question set for trusts that is in force."""
    listed = lead.get(ASSESSMENT, "/question-sets")["items"]
    chosen = next(each for each in listed if each["audience"] == "trust")
    found: Json = lead.get(ASSESSMENT, f"/question-sets/{chosen['id']}")
    return found


def items_of(questions: Json) -> list[str]:
    return [item["id"] for practice in questions["practices"] for item in practice["items"]]


def titles_of(questions: Json) -> dict[str, str]:
    """Each item's title by its id."""
    return {item["id"]: item["title"] for practice in questions["practices"] for item in practice["items"]}


def open_round(lead: Actor, questions: Json, people: list[tuple[DemoPerson, bool]]) -> Json:
    """The lead opens a self-assessment and invites the board."""
    today = date.today()  # noqa: DTZ011 - the day on the wall of the people in the story
    opened: Json = lead.post(
        ASSESSMENT,
        "/rounds",
        {
            "question_set_id": questions["id"],
            "name": f"Self-assessment, {today:%B %Y}",
            "closes_on": (today + timedelta(days=ANSWERING_DAYS)).isoformat(),
            "discussion_on": (today + timedelta(days=ANSWERING_DAYS + 7)).isoformat(),
            "respondents": [{"person_id": person.person_id, "executive": executive} for person, executive in people],
            "compares_sides": True,
        },
    )
    return opened


def answer_everything(member: Actor, round_id: str, items: list[str], *, number: int, person: int) -> None:
    """One board member answers every question privately and says: I have finished."""
    for place, item in enumerate(items):
        given = board.answer(number, place, person)
        member.put(ASSESSMENT, f"/rounds/{round_id}/my-answers/{item}", given, version=0)
    member.post(ASSESSMENT, f"/rounds/{round_id}/my-answers/finish")


def close(lead: Actor, round_id: str) -> None:
    lead.post(ASSESSMENT, f"/rounds/{round_id}/close")


def add_evidence(secretary: Actor, round_id: str, items: list[str]) -> None:
    """The secretary adds a table for the first item and a page for the second."""
    path = f"/rounds/{round_id}/evidence"
    about = {"item_id": items[0], "title": "Falls with harm, by month"}
    secretary.upload(ASSESSMENT, f"{path}/files", "falls.csv", FALLS, about)
    page = {
        "item_id": items[1],
        "title": "What NHS IMPACT means by it",
        "link": "https://www.england.nhs.uk/nhsimpact/",
    }
    secretary.post(ASSESSMENT, f"{path}/links", page)


def evidence(reader: Actor, round_id: str) -> list[Json]:
    """What the board can open."""
    found: list[Json] = reader.get(ASSESSMENT, f"/rounds/{round_id}/evidence")["items"]
    return found


def discuss(lead: Actor, round_id: str) -> tuple[int, int]:
    """The board's seminar, recorded by the lead: close views together, the wide ones one by one.

    Returns how many were agreed together and how many one by one.
    """
    views = lead.get(ASSESSMENT, f"/rounds/{round_id}/discussion")
    together = list(views["suggested_together"])
    if together:
        lead.post(ASSESSMENT, f"/rounds/{round_id}/agreements", {"item_ids": together})
    single = [view for view in views["items"] if view["item_id"] not in together]
    for place, view in enumerate(single):
        path = f"/rounds/{round_id}/agreements/{view['item_id']}"
        lead.put(ASSESSMENT, path, _agreement(view, place), version=0)
    return len(together), len(single)


def _agreement(view: Json, place: int) -> Json:
    shown = view["range"]
    level = board.commonest(shown["counts"]) if shown["shown"] and shown["counts"] else 2
    agreement: Json = {"level": level, "reason": REASON}
    if place % 2:
        agreement["differed"] = DIFFERED
    if place < AIM_ITEMS:
        agreement["aim_level"] = min(level + 1, board.HIGHEST)
    return agreement


def agree(lead: Actor, round_id: str, questions: Json) -> None:
    """One overall level for each practice, then everything is agreed."""
    levels = {
        view["item_id"]: view["agreement"]["level"]
        for view in lead.get(ASSESSMENT, f"/rounds/{round_id}/discussion")["items"]
    }
    for practice in questions["practices"]:
        level = board.overall([levels[item["id"]] for item in practice["items"]])
        lead.put(ASSESSMENT, f"/rounds/{round_id}/practice-levels/{practice['id']}", {"level": level})
    lead.post(ASSESSMENT, f"/rounds/{round_id}/agree")


def sign_off(chair: Actor, round_id: str) -> None:
    """The chair reads what was agreed, and signs that."""
    meeting = {"meeting_on": date.today().isoformat(), "minute": "Item 7"}  # noqa: DTZ011 - as above
    read = chair.get(ASSESSMENT, f"/rounds/{round_id}")
    chair.post(ASSESSMENT, f"/rounds/{round_id}/sign-off", meeting, version=read["version"])


def share(lead: Actor, chair: Actor, round_id: str, *, summary: bool, count_us: bool) -> Any:
    """The lead prepares what to share, the chair decides; returns the preview both saw."""
    proposal = {"share_summary": summary, "share_priorities": False, "count_us": count_us}
    lead.put(ASSESSMENT, f"/rounds/{round_id}/sharing", proposal)
    shown = chair.get(ASSESSMENT, f"/rounds/{round_id}/sharing")
    decision = {"share_summary": summary, "count_us": count_us, "progress_visible": True}
    chair.post(ASSESSMENT, f"/rounds/{round_id}/sharing/decide", decision, version=shown["version"])
    return shown["preview"]
