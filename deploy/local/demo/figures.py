"""The national figures: asked for, tried by the auditor, published."""

from __future__ import annotations

from deploy.local.demo.actor import Actor, Json, until
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration

INSIGHT = "insight"
CHECK_TAKES_AT_MOST = 120.0


def play(cast: Cast, narration: Narration) -> None:
    """Nora asks for a set, the check tries to undo it, and she publishes it."""
    narration.chapter("Nora North, national analyst, publishes the national figures")
    nora = cast.act_nationally("nora.analyst")
    asked = nora.post(INSIGHT, "/published-figures")
    checked, seconds = until(lambda: _checked(nora, asked["id"]), "The check", patience=CHECK_TAKES_AT_MOST)
    narration.seen("The figures are made, and an auditor has tried to undo them", seconds)
    for sentence in checked["check"]["in_words"]:
        narration.tell(sentence)
    published = nora.post(INSIGHT, f"/published-figures/{asked['id']}/publish")
    narration.tell(
        f"Set {published['number']} is published: {published['cells_shown']} numbers shown, "
        f"{published['cells_hidden']} hidden because too few trusts stand behind them"
    )


def are_published(cast: Cast) -> bool:
    """Whether a set of national figures is out: with it the story ends."""
    sets = cast.act_nationally("nora.analyst").get(INSIGHT, "/published-figures")["items"]
    return any(each["state"] == "published" for each in sets)


def _checked(nora: Actor, set_id: str) -> Json | None:
    found: Json = nora.get(INSIGHT, f"/published-figures/{set_id}")
    return None if found["state"] == "checking" else found
