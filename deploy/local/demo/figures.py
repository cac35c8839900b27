"""The national figures: prepared, tried by the auditor, published."""

from __future__ import annotations

from deploy.local.demo.actor import Actor, Json, until
from deploy.local.demo.cast import Cast
from deploy.local.demo.narration import Narration

INSIGHT = "insight"


def play(cast: Cast, narration: Narration, counted: int) -> None:
    """Nora Analyst prepares a set once all who let themselves be counted have arrived, and publishes it."""
    narration.chapter("Nora North, national analyst, publishes the national figures")
    nora = cast.act_nationally("nora.analyst")
    prepared, seconds = until(lambda: _prepared(nora, counted), "All contributions", patience=60)
    narration.seen(f"{counted} trusts have let themselves be counted, and are", seconds)
    published = nora.post(INSIGHT, f"/published-figures/{prepared['id']}/publish")
    cells = published.get("cells") or nora.get(INSIGHT, f"/published-figures/{prepared['id']}").get("cells", [])
    hidden = sum(1 for cell in cells if cell.get("hidden") or cell.get("value") is None)
    narration.tell(f"{len(cells)} figures published, {hidden} hidden because too few trusts stand behind them")


def _prepared(nora: Actor, counted: int) -> Json | None:
    """A set with everybody in it; None while contributions are still on their way."""
    figures: Json = nora.post(INSIGHT, "/published-figures", {})
    return figures if figures.get("trusts_counted", counted) >= counted else None
