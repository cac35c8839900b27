"""What the board signed: levels, this and last, reasons and evidence, and how each figure came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from services.portal.page import PageSet, Shows
from services.portal.pages.rounds.evidence import evidence_of
from services.portal.pages.rounds.reading import back_to_round, level_names, question_set_of
from services.portal.pages.rounds.who import BOARD, BY_THE_BOARD_AND_SHARED, RUNNERS, SIGNERS
from services.portal.person import role_words
from services.portal.visit import Visit

pages = PageSet("rounds_results")
NOT_SIGNED = ("draft", "open", "closed", "agreed", "abandoned")


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the matrix: what was agreed, and how it moved."""

    item: Mapping[str, Any]
    moved: Mapping[str, Any]

    def stands_at(self, level: int) -> str:
        """Return the words of one cell: this time, last time, both, or none."""
        here, before = self.item["level"] == level, self.moved["previous_level"] == level
        if here and before:
            return "This and last time"
        return "This time" if here else "Last time" if before else ""


def rows_of(practice: Mapping[str, Any], movement: Mapping[str, Any]) -> list[Row]:
    """Return the items of a practice in the order of the questions."""
    return [Row(item, movement["items"][item["item_id"]]) for item in practice["items"]]


def version_asked_for() -> str | None:
    """Return the version that the address asks for, or None for the newest."""
    asked = request.args.get("version", "")
    return asked if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) > 0 else None


@pages.page(
    "/rounds/<round_id>/results",
    key="rounds.results",
    title="Where are we, and what moved?",
    roles=BOARD,
    shows=Shows.ORGANISATION,
    who_can_see=BY_THE_BOARD_AND_SHARED,
)
def results(visit: Visit, round_id: str) -> ResponseReturnValue:
    """Show the signed result beside the one before."""
    found = visit.api.assessment.get(f"/rounds/{round_id}")
    if found["state"] in NOT_SIGNED:
        return visit.render("rounds/no_results.html", round=found, caption=found["name"], back=back_to_round(round_id))
    view = visit.api.assessment.get(f"/rounds/{round_id}/result", revision=version_asked_for())
    signed = view["result"]["signed"]
    return visit.render(
        "rounds/results.html",
        round=found,
        caption=found["name"],
        back=back_to_round(round_id),
        view=view,
        result=view["result"],
        movement=view["movement"],
        rows_of=rows_of,
        everything=evidence_of(visit, round_id),
        levels=level_names(question_set_of(visit, found)),
        signed=signed,
        signed_as=role_words([signed["role"]]),
        newest=view["versions"][-1],
        correction=view["result"].get("correction"),
        signed_as_words=lambda role: role_words([role]),
        names=visit.names(
            [signed["person_id"], signed["recorded_by"], *(each["signed_by"] for each in view["versions"])]
        ),
        runs=visit.acting.holds(RUNNERS),
        signs=visit.acting.holds(SIGNERS),
    )
