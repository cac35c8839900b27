"""The operator's page: what waits, a dead letter from outside, an event found by its id, and never any content."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from deploy.local.system import System
from shared.ids import new_id
from tests.browser.conftest import PagesOfSystem
from tests.browser.personas import AsPersona

COVERS = ["/operations", "/operations/<service>/dead-letters/<letter_id>"]
SECRET = b'{"note": "what somebody wrote"}'
INSERT = (
    'insert into notification.dead_letter (id, consumer, topic, partition, "offset", key, headers, payload, reason,'
    " error, attempts, first_seen, last_seen) values (%s, 'notification', 'impact.measure', 0, %s, %s, %s, %s,"
    " 'unexpected', 'KeyError', 6, now(), now())"
)


@pytest.fixture
def letter(system: PagesOfSystem) -> str:
    """Return the event id of a dead letter that notification could not handle."""
    event_id = str(uuid4())
    headers = {"ce_id": event_id, "ce_type": "impact.action-plan.measure.defined.v1", "ce_aggregateversion": "1"}
    values = [new_id(), uuid4().int % 10**12, event_id, Jsonb(headers), SECRET]
    with psycopg.connect(System("test").servers.settings.postgres.superuser_dsn(), autocommit=True) as database:
        database.execute(INSERT, values)
    return event_id


def test_the_page_says_in_words_what_waits_in_each_service(as_persona: AsPersona) -> None:
    page = as_persona("otto.operator").open("/operations")

    assert page.inner_text("h1") == "Is anything waiting for somebody?"
    assert page.locator("tbody tr").count() == 6
    assert set(page.locator("tbody .nhsuk-tag").all_inner_texts()) <= {"Well", "Needs somebody", "Not reporting"}


def test_a_dead_letter_is_shown_from_outside_and_can_be_left_out(as_persona: AsPersona, letter: str) -> None:
    otto = as_persona("otto.operator")
    page = otto.open("/operations")
    page.get_by_role("link", name="impact.action-plan.measure.defined.v1").last.click()
    page.wait_for_load_state()
    otto.check(page)
    shown = page.inner_text("main")

    otto.press(page, "Leave it out")

    assert letter in shown
    assert "somebody wrote" not in shown
    assert "The event is left out" in page.inner_text("main")
    otto.check(page)


def test_a_dead_letter_is_handled_again_and_comes_back_when_it_fails_again(as_persona: AsPersona, letter: str) -> None:
    otto = as_persona("otto.operator")
    page = otto.open("/operations")
    page.get_by_role("link", name="impact.action-plan.measure.defined.v1").last.click()
    page.wait_for_load_state()

    otto.press(page, "Handle it again")

    assert "The event is handled again now." in page.inner_text("main")


def test_an_event_is_found_by_its_id(as_persona: AsPersona, letter: str) -> None:
    otto = as_persona("otto.operator")

    found = otto.open(f"/operations?id={letter}").inner_text("main")
    nothing = otto.open(f"/operations?id={uuid4()}").inner_text("main")

    assert "dead letter" in found
    assert "Nothing is known" in nothing


def test_what_is_no_id_is_refused_in_words(as_persona: AsPersona) -> None:
    page = as_persona("otto.operator").open("/operations?id=no%20id", status=422)

    assert page.locator(".nhsuk-error-summary").count() == 1


def test_nobody_else_may_open_it(as_persona: AsPersona) -> None:
    page = as_persona("lena.lead").open("/operations", status=403)

    assert page.inner_text("h1") == "You cannot open this page"
