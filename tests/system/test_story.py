"""The main job, from the first invitation to the published figures, through the public APIs of all services."""

from collections import Counter

import pytest

from deploy.local.demo import play
from deploy.local.demo.actor import Actor, Json, RefusedError
from deploy.local.demo.aldermere import ICB, TRUST
from deploy.local.demo.cast import Cast
from deploy.local.demo.elsewhere import LEFT_ALONE, SIGNERS
from deploy.local.system import System
from shared.testing.sign_in import claims_of

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def played(system: System) -> None:
    """The story has been played, now or in an earlier run on the same servers."""
    play.ensure_played(system)


def played_round(actor: Actor) -> str:
    """The self-assessment of the story: the trust may have begun others since."""
    items = actor.get("assessment", "/rounds")["items"]
    return str([one["id"] for one in items if one["name"].startswith("Self-assessment, ")][-1])


@pytest.fixture(scope="module")
def rows(played: None, cast: Cast) -> list[Json]:
    """What the two ICBs see of the trusts of the story."""
    seen = [
        cast.act(lead, icb).get("insight", "/trust-status") for lead, icb in (("iris.icb", ICB), ("imani.icb", "XSM01"))
    ]
    return [row for answer in seen for row in answer["items"] if row["org_id"] not in LEFT_ALONE]


def test_trusts_are_seen_at_every_stage(rows: list[Json]) -> None:
    stages = Counter(row["stage"] for row in rows)

    assert set(stages) == {"not_started", "open", "closed", "agreed", "signed_off"}
    assert stages["signed_off"] == 16


def test_the_played_trust_has_an_approved_plan_with_progress(rows: list[Json]) -> None:
    aldermere = next(row for row in rows if row["org_id"] == TRUST)

    assert aldermere["plan"]["state"] == "approved"
    assert aldermere["plan"]["actions"]["done"] == 1


def test_what_the_icb_reads_is_what_the_preview_showed(played: None, cast: Cast) -> None:
    lead, icb = cast.act("lena.lead", TRUST), cast.act("iris.icb", ICB)
    round_id = played_round(lead)

    preview = lead.get("assessment", f"/rounds/{round_id}/sharing")["preview"]
    read = icb.get("assessment", f"/shared-summaries/{TRUST}")["items"]

    assert preview in [one["content"] for one in read]


def test_a_trust_that_shares_nothing_is_not_among_the_summaries(played: None, cast: Cast) -> None:
    shared = cast.act("iris.icb", ICB).get("assessment", "/shared-summaries")["items"]

    assert "DEMO05" not in {each["org_id"] for each in shared}
    assert "DEMO02" in {each["org_id"] for each in shared}


def test_an_icb_reads_nothing_of_another_icbs_trusts(played: None, cast: Cast) -> None:
    imani = cast.act("imani.icb", "XSM01")

    shared = imani.get("assessment", "/shared-summaries")["items"]

    assert not any(each["org_id"] == TRUST for each in shared)
    with pytest.raises(RefusedError) as refused:
        imani.get("insight", f"/trust-status/{TRUST}")
    assert refused.value.status == 404


def test_the_published_figures_count_at_least_eight_in_two_regions_and_two_sectors(played: None, cast: Cast) -> None:
    nora = cast.act_nationally("nora.analyst")
    published = next(
        each for each in nora.get("insight", "/published-figures")["items"] if each["state"] == "published"
    )

    shown = [row for row in nora.get("insight", f"/published-figures/{published['id']}")["rows"] if not row["hidden"]]
    groups = {(row["breakdown"], row["group_code"]) for row in shown}

    assert {("region", "Y60"), ("region", "Y58")} <= groups
    assert {("sector", "acute"), ("sector", "mental_health_ld")} <= groups


def test_a_chair_cannot_read_what_a_member_answered(played: None, cast: Cast) -> None:
    chair = cast.act("chandra.chair", TRUST)
    round_id = played_round(chair)

    own = chair.get("assessment", f"/rounds/{round_id}/my-answers")
    bola = cast.act("bola.member", TRUST).get("assessment", f"/rounds/{round_id}/my-answers")

    assert own["items"] != bola["items"]
    assert "bola" not in str(own).lower()


def test_somebody_with_a_work_account_signed_in_stepped_up_and_signed_off(played: None, cast: Cast) -> None:
    (trust, username), *_ = SIGNERS.items()
    signer = cast.act(username, trust)

    (round_,) = signer.get("assessment", "/rounds")["items"]
    claims = claims_of(cast.session(username).access_token)

    assert round_["state"] == "signed_off"
    assert (claims["identity_provider"], claims["acr"]) == ("work-account", "strong")
