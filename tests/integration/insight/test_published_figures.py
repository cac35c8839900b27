"""National figures: asked for, made and checked in the background, published, and never changed."""

import csv
import io
from typing import Any

import orjson
import psycopg
import pytest
from insight_story import Teller, publish_question_set
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from services.insight.models import figure_set
from shared.contracts import event_types
from shared.contracts.roles import Role
from shared.testing.service_under_test import Client, ServiceUnderTest

EIGHT_LEVELS = ("22211", "22311", "22322", "33322", "33422", "33433", "44433", "44533")


@pytest.fixture(autouse=True)
def nothing_counted_yet(insight: ServiceUnderTest) -> None:
    """National figures count everybody: each test begins with a register and figures of its own."""
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        for table in ("contribution", "figure_set", "national_cell", "snapshot", "assessment_status", "due_work"):
            connection.execute(f"delete from insight.{table}".encode())
        connection.execute(b"update insight.known_organisation set closed_on = '2020-01-01' where kind = 'trust'")
    publish_question_set(insight)


@pytest.fixture
def analyst(insight: ServiceUnderTest) -> Client:
    return insight.client(insight.world.national(Role.NATIONAL_ANALYST))


def counted_trusts(
    insight: ServiceUnderTest, *, region: str = "Y60", sector: str = "acute", levels: tuple[str, ...] = EIGHT_LEVELS
) -> list[str]:
    """Trusts of one ICB that let themselves be counted, one for each set of levels."""
    icb = insight.world.tenant()
    trusts = []
    for each in levels:
        trust = insight.world.trust(icb, region=region, sector=sector)
        teller = Teller(insight, trust)
        teller.all_stages()
        teller.counted(each)
        trusts.append(trust)
    return trusts


def prepared(insight: ServiceUnderTest, analyst: Client, **body: Any) -> dict[str, Any]:
    """Ask for a set, let the scheduler make it, and return it."""
    asked = analyst.post("/v1/published-figures", body)
    assert asked.status_code == 201, asked.json
    assert asked.json["state"] == "checking"
    insight.run_scheduler()
    answer = analyst.get(f"/v1/published-figures/{asked.json['id']}")
    assert answer.status_code == 200, answer.json
    return answer.json


def row(shown: dict[str, Any], measure: str, code: str) -> dict[str, Any]:
    return next(each for each in shown["rows"] if each["measure"] == measure and each["group_code"] == code)


def counts(shown: dict[str, Any], measure: str, code: str) -> list[int | str]:
    return [cell["count"] for cell in row(shown, measure, code)["cells"]]


def test_a_set_shows_stages_and_levels_rounded(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    for _ in range(5):
        Teller(insight, insight.world.trust(region="Y58", sector="community")).opened()

    shown = prepared(insight, analyst)

    assert shown["state"] == "prepared"
    assert shown["check"]["passed"] is True
    assert counts(shown, "stage", "ENG") == [0, 5, 0, 0, 10, 0]
    assert counts(shown, "practice:p1", "ENG") == [0, 5, 5, 0, 0]
    assert row(shown, "practice:p1", "ENG")["total"] == 10
    assert [cell["percentage"] for cell in row(shown, "practice:p1", "ENG")["cells"]] == [0, 50, 50, 0, 0]


def test_small_groups_are_hidden_and_say_why(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    insight.world.trust(region="Y58", sector="community")

    shown = prepared(insight, analyst)
    hidden = row(shown, "practice:p1", "Y58")

    assert {cell["count"] for cell in hidden["cells"]} == {"suppressed"}
    assert hidden["total"] == "suppressed"
    assert hidden["hidden_because"] == "Fewer than 8 trusts are counted here."


def test_two_regions_and_two_sectors_are_shown(insight: ServiceUnderTest, analyst: Client) -> None:
    levels = ("21345", "22345", "32345", "33345", "34234", "44212", "43221", "52132")
    for region in ("Y60", "Y58"):
        for sector in ("acute", "mental_health_ld"):
            counted_trusts(insight, region=region, sector=sector, levels=levels)

    shown = prepared(insight, analyst)
    of_practices = [each for each in shown["rows"] if each["measure"] != "stage"]

    assert shown["state"] == "prepared"
    assert shown["fictional"] is True
    assert {each["group_code"] for each in of_practices} == {"ENG", "Y58", "Y60", "acute", "mental_health_ld"}
    assert all(each["hidden"] is None for each in of_practices if each["group_code"] == "ENG")


def test_the_practices_are_those_of_the_set_in_force_and_not_of_one_still_to_come(
    insight: ServiceUnderTest, analyst: Client
) -> None:
    publish_question_set(insight, "trust-2099-1", effective_from="2099-04-01", ids="later")
    counted_trusts(insight)

    shown = prepared(insight, analyst)

    assert {each["measure"] for each in shown["rows"]} == {"stage", *(f"practice:p{i}" for i in range(1, 6))}


def test_a_published_set_is_announced_and_cannot_be_changed(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    made = prepared(insight, analyst)

    answer = analyst.post(f"/v1/published-figures/{made['id']}/publish")

    assert answer.status_code == 200, answer.json
    assert answer.json["state"] == "published"
    told = insight.events(event_types.FIGURES_PUBLISHED, key=made["id"])
    assert [(each.data["cells_shown"], each.data["revision"]) for each in told] == [(made["cells_shown"], 1)]
    assert analyst.post(f"/v1/published-figures/{made['id']}/publish").status_code == 409
    national = insight.world.national(Role.NATIONAL_ANALYST).principal()
    with insight.unit_of_work(national) as uow, pytest.raises(DBAPIError, match="cannot be changed"):
        uow.session.execute(update(figure_set).where(figure_set.c.id == made["id"]).values(verdict={}))


def test_publishing_asks_for_a_strong_sign_in(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    made = prepared(insight, analyst)
    weak = insight.client(insight.world.national(Role.NATIONAL_ANALYST), strong=False)

    answer = weak.post(f"/v1/published-figures/{made['id']}/publish")

    assert (answer.status_code, answer.json["type"]) == (401, "/problems/step-up-required")


def test_one_more_trust_changes_nothing_that_is_shown(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    first = prepared(insight, analyst)
    counted_trusts(insight, levels=("55555",))

    second = prepared(insight, analyst)

    assert counts(second, "practice:p1", "ENG") == counts(first, "practice:p1", "ENG")


def test_a_trust_that_stops_being_counted_is_left_out_and_forgotten(insight: ServiceUnderTest, analyst: Client) -> None:
    trusts = counted_trusts(insight)
    teller = Teller(insight, trusts[0])
    teller.versions[trusts[0]] = 1
    teller.not_counted()

    shown = prepared(insight, analyst)

    assert row(shown, "practice:p1", "ENG")["hidden"] == "fewer-than-eight"
    with psycopg.connect(insight.superuser_url) as connection:
        query = b"select levels, edition from insight.contribution where org_id = %s"
        assert connection.execute(query, [trusts[0]]).fetchall() == [(None, 2)]


def test_a_trust_that_hides_its_progress_is_no_stage_of_anybody(insight: ServiceUnderTest, analyst: Client) -> None:
    for trust in counted_trusts(insight)[:5]:
        Teller(insight, trust).visible(False)
    counted_trusts(insight, region="Y58")

    assert counts(prepared(insight, analyst), "stage", "ENG") == [0, 0, 0, 0, 10, 5]


def test_real_and_made_up_trusts_are_never_counted_together(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    real = counted_trusts(insight, region="Y58", sector="community")
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        query = b"update insight.known_organisation set fictional = false where org_id = any(%s)"
        connection.execute(query, [real])

    shown = prepared(insight, analyst)

    assert shown["fictional"] is True
    assert {each["group_code"] for each in shown["rows"]} == {"ENG", "Y60", "acute"}


def test_a_later_set_takes_the_place_of_one_that_was_not_published(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    first, second = prepared(insight, analyst), prepared(insight, analyst)

    states = [(each["number"], each["state"]) for each in analyst.get("/v1/published-figures").json["items"]]

    assert states == [(2, "prepared"), (1, "replaced")]
    refused = analyst.post(f"/v1/published-figures/{first['id']}/publish")
    assert (refused.status_code, "later set" in refused.json["detail"]) == (409, True)
    assert analyst.post(f"/v1/published-figures/{second['id']}/publish").status_code == 200


def publish_past_the_rule(insight: ServiceUnderTest, trusts: list[str]) -> None:
    """Leave an old set behind that shows nine trusts as 5, 5, 5: each value is three."""
    members = orjson.dumps({trust: ["1", "Y60", "acute"] for trust in trusts}).decode()
    with psycopg.connect(insight.superuser_url, autocommit=True) as connection:
        connection.execute(
            b"with old as (insert into insight.figure_set"
            b" (id, number, state, as_at, prepared_at, prepared_by, revision)"
            b" values (gen_random_uuid(), 1, 'published', '2026-01-31', now(), 'nobody', 1) returning id)"
            b" insert into insight.snapshot (set_id, measure, breakdown, group_code, number, counts, as_at, members)"
            b" select id, 'practice:p1', 'england', 'ENG', 0, '[0, 5, 5, 5, 0]', '2026-01-31', %s::jsonb from old",
            [members],
        )


def test_a_set_that_could_be_undone_is_refused_in_plain_words(insight: ServiceUnderTest, analyst: Client) -> None:
    publish_past_the_rule(insight, counted_trusts(insight, levels=(*EIGHT_LEVELS, "44444")))

    shown = prepared(insight, analyst)

    assert shown["state"] == "refused"
    assert shown["rows"] == []
    assert any("a reader could work out how many trusts of Y60, acute" in each for each in shown["check"]["in_words"])
    answer = analyst.post(f"/v1/published-figures/{shown['id']}/publish")
    assert (answer.status_code, "The check refused this set" in answer.json["detail"]) == (409, True)


def test_a_set_that_is_still_being_checked_cannot_be_published(insight: ServiceUnderTest, analyst: Client) -> None:
    asked = analyst.post("/v1/published-figures", {})

    answer = analyst.post(f"/v1/published-figures/{asked.json['id']}/publish")

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/figures-not-possible")


def test_figures_are_of_today_alone(analyst: Client) -> None:
    answer = analyst.post("/v1/published-figures", {"as_at": "2026-01-31"})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "as_at"


def test_a_revision_keeps_the_earlier_set_readable_and_says_why(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    first = prepared(insight, analyst)
    analyst.post(f"/v1/published-figures/{first['id']}/publish")

    revised = prepared(insight, analyst, revises=first["id"], revision_note="A sector was wrong in the register.")
    analyst.post(f"/v1/published-figures/{revised['id']}/publish")

    assert analyst.get(f"/v1/published-figures/{first['id']}").json["state"] == "revised"
    assert analyst.get(f"/v1/published-figures/{first['id']}").json["rows"] == first["rows"]
    told = insight.events(event_types.FIGURES_REVISED, key=revised["id"])
    assert [(each.data["revises"], each.data["revision"]) for each in told] == [(first["id"], 2)]
    unsaid = analyst.post("/v1/published-figures", {"revises": revised["id"]})
    assert (unsaid.status_code, unsaid.json["errors"][0]["field"]) == (422, "revision_note")


def test_asking_twice_with_one_key_makes_one_set(analyst: Client) -> None:
    first = analyst.post("/v1/published-figures", {}, key="monthly")
    again = analyst.post("/v1/published-figures", {}, key="monthly")

    assert first.json == again.json
    assert analyst.get("/v1/published-figures").json["count"] == 1


def test_asking_needs_no_body(analyst: Client) -> None:
    assert analyst.post("/v1/published-figures").status_code == 201


def test_only_analysts_see_a_set_before_it_is_published(insight: ServiceUnderTest, analyst: Client) -> None:
    counted_trusts(insight)
    made = prepared(insight, analyst)
    people = [insight.client(insight.world.national(role)) for role in (Role.NATIONAL_EDITOR, Role.REGIONAL_LEAD)]
    path = f"/v1/published-figures/{made['id']}"
    before = [(person.get("/v1/published-figures").json["count"], person.get(path).status_code) for person in people]

    analyst.post(f"{path}/publish")

    assert before == [(0, 404)] * 2
    assert [person.get("/v1/published-figures").json["count"] for person in people] == [1, 1]
    assert [person.get(path).json["rows"] for person in people] == [made["rows"]] * 2


def test_others_read_and_do_not_publish_and_whoever_is_outside_the_national_team_reads_no_set(
    insight: ServiceUnderTest, analyst: Client
) -> None:
    counted_trusts(insight)
    path = f"/v1/published-figures/{prepared(insight, analyst)['id']}"

    for role in (Role.NATIONAL_EDITOR, Role.NATIONAL_APPROVER, Role.NATIONAL_ADMINISTRATOR):
        person = insight.client(insight.world.national(role))
        assert person.get("/v1/published-figures").status_code == 200, role
        assert person.post("/v1/published-figures", {}).status_code == 403, role
        assert person.post(f"{path}/publish").status_code == 403, role
    for role in (Role.ICB_LEAD, Role.CHAIR):
        person = insight.client(insight.world.person(insight.world.tenant(), role))
        assert person.get("/v1/published-figures").status_code == 403, role
        assert person.get(path).status_code == 403, role


def test_every_way_out_shows_the_same_values(insight: ServiceUnderTest, analyst: Client) -> None:
    """D6: API and CSV carry the bytes that lie in the cells (the pages show what the API says)."""
    counted_trusts(insight)
    insight.world.trust(region="Y58", sector="community")
    made = prepared(insight, analyst)

    answer = analyst.get(f"/v1/published-figures/{made['id']}.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    by_csv = {(line["measure"], line["group_code"], line["value"]): line for line in lines}
    by_api = {
        (each["measure"], each["group_code"], cell["value"]): (each, cell)
        for each in made["rows"]
        for cell in each["cells"]
    }
    with psycopg.connect(insight.superuser_url) as connection:
        query = b"select measure, group_code, value, shown from insight.national_cell where set_id = %s"
        by_cell = {tuple(found[:3]): found[3] for found in connection.execute(query, [made["id"]])}

    assert by_csv.keys() == by_api.keys() == by_cell.keys()
    for place, (each, cell) in by_api.items():
        assert by_csv[place]["count"] == str(cell["count"]) == by_cell[place]
        assert by_csv[place]["percentage"] == str(cell["percentage"])
        assert by_csv[place]["total"] == str(each["total"])
        assert by_csv[place]["hidden_because"] == (each["hidden_because"] or "")
    assert {line["licence"] for line in lines} == {"Open Government Licence v3.0"}
    assert {line["set_as_at"] for line in lines} == {made["as_at"]}
    assert all(line["definition"] and line["how_numbers_are_shown"] for line in lines)


def test_no_way_out_names_a_trust(insight: ServiceUnderTest, analyst: Client) -> None:
    trusts = counted_trusts(insight)
    made = prepared(insight, analyst)
    analyst.post(f"/v1/published-figures/{made['id']}/publish")

    said = [
        analyst.get("/v1/published-figures").text,
        analyst.get(f"/v1/published-figures/{made['id']}").text,
        analyst.get(f"/v1/published-figures/{made['id']}.csv").text,
        str(insight.events(event_types.FIGURES_PUBLISHED, key=made["id"])),
    ]

    assert [trust for trust in trusts if any(trust in each for each in said)] == []


def test_the_database_itself_refuses_a_count_that_is_not_rounded(insight: ServiceUnderTest) -> None:
    with psycopg.connect(insight.superuser_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            b"insert into insight.national_cell (set_id, measure, breakdown, group_code, value, group_name, position,"
            b" shown, as_at) values (gen_random_uuid(), 'stage', 'england', 'ENG', 'open', 'England', 0, '7', now())"
        )


def test_a_level_that_came_back_counts_as_a_new_edition_each_time(insight: ServiceUnderTest) -> None:
    teller = Teller(insight, insight.world.trust())
    for levels in ("11111", "11111", "22222", "11111"):
        teller.counted(levels)

    with psycopg.connect(insight.superuser_url) as connection:
        query = b"select edition, version from insight.contribution where org_id = %s"
        assert connection.execute(query, [teller.org]).fetchall() == [(3, 4)]
