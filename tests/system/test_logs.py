"""A5: after the story, no process has written down a word that somebody typed, a name, an address, a token or a secret.

What to look for is read from the tables: every column tagged personal, private or free text, in every service.
"""

from pathlib import Path

import orjson
import pytest
import requests

from deploy.local.demo import play
from deploy.local.environment import api_url
from deploy.local.system import System
from deploy.processes import Process, processes, services
from tests.system.log_lines import alike, files_of, found_in, kinds_of_lines, secrets_in, secrets_of, typed_and_personal

pytestmark = pytest.mark.timeout(900)
PLANTED = {
    "a name": '{"message": "Reminded Lena Hart"}',
    "a text cut short": "KeyError: 'We met every ward and found that the hand",
    "a text with quotes": orjson.dumps({"error": 'She said "no", 3 times over'}).decode(),
    "a token": '{"message": "refused ' + "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9" + '.e30.x"}',
    "an address": "sent to lena.hart@aldermere.example",
    "a link": "GET /invitation/Zk3vQ9xw7LmNq2RtYp0aBc 200",
    "a link to confirm": "GET /account/address/Zk3vQ9xw7LmNq2RtYp0aBc 200",
    "a way back": "GET /auth/callback?code=8f3a&state=x",
}
SENT = "Said to every service by somebody"
"""A text that every web process is sent, in each place where a request can hold one."""
TYPED = {"Lena Hart", "We met every ward and found that the handover is short.", 'She said "no", 4 times over'}


@pytest.fixture(scope="module")
def played(system: System) -> System:
    """Return the system after the story, and after every web process was told something by somebody unknown."""
    play.ensure_played(system)
    for service in services():
        _say(api_url(system.profile, service))
    return system


def _say(address: str) -> None:
    headers = {"Authorization": f"Bearer eyJhbGciOiJSUzI1NiJ9.{SENT}", "User-Agent": SENT, "Cookie": f"x={SENT}"}
    query = {"q": SENT, "email": "somebody@trust.example"}
    links = (f"/v1/invitations/by-token/{SENT}", f"/invitation/{SENT}", f"/account/address/{SENT}")
    for path in ("/health/live", "/v1/audit", *links):
        requests.get(f"{address}{path}", params=query, headers=headers, timeout=10)
        requests.post(f"{address}{path}", params=query, headers=headers, json={"note": SENT}, timeout=10)


@pytest.fixture(scope="module")
def words(played: System) -> set[str]:
    """Return what people typed, and who they are."""
    return typed_and_personal(played) | {SENT}


@pytest.mark.parametrize("what", list(PLANTED))
def test_what_is_planted_is_found(what: str) -> None:
    assert found_in([alike(PLANTED[what])], TYPED)


def test_there_is_something_to_look_for(words: set[str]) -> None:
    assert len(words) > 200
    assert any("@" in word for word in words)


@pytest.mark.parametrize("process", processes(), ids=lambda process: str(process.name))
def test_a_process_wrote_down_nothing_of_anybody(played: System, words: set[str], process: Process) -> None:
    files = files_of(played.profile.logs, process)
    kinds = kinds_of_lines(files)

    assert files, "it has no log: this looked in the wrong place"
    if process.role == "web" and process.service != "portal":
        assert any('"message":"GET /health/live"' in line for line in kinds), (
            "it logged no request: nothing was looked at"
        )
    assert found_in(kinds, words) == set()


def test_no_process_wrote_down_what_it_is_started_with(played: System, tmp_path: Path) -> None:
    secrets = secrets_of(played)
    planted = tmp_path / "planted.log"
    planted.write_text(f"cannot connect as {min(secrets)}")

    files = [file for process in processes() for file in files_of(played.profile.logs, process)]
    assert len(secrets) > len(processes())
    assert secrets_in([planted], secrets) == {"planted.log"}
    assert secrets_in(files, secrets) == set()
