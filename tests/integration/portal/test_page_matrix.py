"""T2 and T16 for the portal: every page by every role, by nobody signed in, and by somebody who has not chosen yet.

`tests/security/page_matrix.yaml` is the list a person reviews. The pages themselves are exchanged for one that says
that it let somebody in, and forms need no token of ours, so that nothing but the check of roles keeps anybody out.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from flask import Response
from werkzeug.test import TestResponse

from services.portal.page import ANYONE, SIGNED_IN, Page, Shows
from services.portal.visit import Visit
from shared.contracts.roles import Level, Role, role_register
from tests.integration.portal.portal_under_test import OTHER_TRUST, TRUST, Browser, PortalUnderTest
from tests.security.page_matrix import MATRIX, all_pages, beside_pages, declared_pages
from tests.security.test_route_matrix import made_up_address

LET_IN = "You were let in."
REGION = TRUST | {"org_id": "DEMOR1", "org_kind": "region"}
ICB = TRUST | {"org_id": "XNV01", "org_kind": "icb"}
PLACE = TRUST | {"org_id": "DEMOP1", "org_kind": "place"}
HELD_AT = {Level.ICB: ICB, Level.PLACE: PLACE, Level.REGION: REGION}
BEFORE_CHOOSING = {"/account", "/acting-as"}
"""What somebody may open before it is clear for whom they act."""
Row = Mapping[str, Any]


def _let_in(_: Visit, **__: Any) -> Response:
    return Response(LET_IN)


@dataclass
class Entrance:
    """The portal's pages behind their checks, and a browser for everybody who might come."""

    pages: dict[str, Page]
    by_role: Mapping[Role, Browser]
    undecided: Browser
    stranger: Browser

    @contextmanager
    def opened_to(self, page: Page, roles: frozenset[Role] | None) -> Iterator[None]:
        """Let a page forget its roles for a while."""
        before = self.pages[page.key]
        self.pages[page.key] = replace(before, roles=roles)
        try:
            yield
        finally:
            self.pages[page.key] = before


def _somebody(portal: PortalUnderTest, role: Role) -> Browser:
    level = role_register()[role].level
    if level in (Level.NATIONAL, Level.OPERATOR):
        portal.person(national=(role.value,))
    else:
        portal.person(HELD_AT.get(level, TRUST) | {"roles": [role.value]})
    browser = portal.browser()
    assert browser.sign_in().status_code == 303
    return browser


@pytest.fixture(scope="module")
def entrance(running_portal: PortalUnderTest) -> Iterator[Entrance]:
    """Return the portal with nothing behind the check of roles."""
    running_portal.clock._instant = datetime.now(UTC)
    running_portal.services.on("GET", "/inbox", {"items": [], "unread": 0})
    by_role = {role: _somebody(running_portal, role) for role in Role}
    undecided = running_portal.signed_in(TRUST, OTHER_TRUST)
    pages = running_portal.app.extensions["portal"].pages
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(running_portal.app.config, "WTF_CSRF_CHECK_DEFAULT", False)
        for key, page in pages.items():
            behind = replace(page, view=page.view and _let_in, on_submit=page.on_submit and _let_in)
            patch.setitem(pages, key, behind)
        yield Entrance(pages, by_role, undecided, running_portal.browser())


@pytest.fixture(scope="module")
def reviewed() -> dict[str, Row]:
    """Return the reviewed list of pages."""
    pages: dict[str, Row] = yaml.safe_load(MATRIX.read_text())["pages"]
    return pages


PAGES = {page.path: page for page in all_pages()}


def _answers(browser: Browser, path: str, row: Row) -> Iterator[tuple[str, TestResponse]]:
    for method in row["methods"]:
        address = made_up_address(path)
        yield f"{method} {path}", browser.get(address) if method == "GET" else browser.post(address, {})


def _is_let_in(answer: TestResponse) -> bool:
    return answer.text == LET_IN


def _is_refused(answer: TestResponse) -> bool:
    return answer.status_code == 403 and "You cannot open this page" in answer.text


def _sent_to(answer: TestResponse, address: str) -> bool:
    return answer.status_code == 303 and str(answer.location).startswith(address)


def _goes_astray(entrance: Entrance, path: str, row: Row, role: Role) -> list[str]:
    """Return where a role gets further, or less far, than the list says."""
    allowed = isinstance(row["who"], str) or role in row["who"]
    right = _is_let_in if allowed else _is_refused
    answers = _answers(entrance.by_role[role], path, row)
    return [f"{role} {place}: {answer.status_code}" for place, answer in answers if not right(answer)]


def _comes_in_unknown(entrance: Entrance, path: str, row: Row) -> list[str]:
    """Return where somebody who has not signed in is not asked to, or is where the list lets anybody in."""
    anybody = row["who"] == "anybody"
    return [
        f"{place}: {answer.status_code}"
        for place, answer in _answers(entrance.stranger, path, row)
        if not (_is_let_in(answer) if anybody else _sent_to(answer, "/sign-in"))
    ]


def test_every_page_has_its_reviewed_row(reviewed: dict[str, Row]) -> None:
    assert declared_pages() == reviewed


def test_every_address_that_is_no_page_is_on_the_list(running_portal: PortalUnderTest) -> None:
    pages = running_portal.app.extensions["portal"].pages

    assert beside_pages(running_portal.app, pages) == sorted(yaml.safe_load(MATRIX.read_text())["beside"])


def test_each_role_gets_exactly_as_far_as_its_row_says(entrance: Entrance, reviewed: dict[str, Row]) -> None:
    wrong = [_goes_astray(entrance, path, row, role) for path, row in reviewed.items() for role in Role]

    assert [each for found in wrong for each in found] == []


def test_nobody_gets_anywhere_without_signing_in(entrance: Entrance, reviewed: dict[str, Row]) -> None:
    wrong = [_comes_in_unknown(entrance, path, row) for path, row in reviewed.items()]

    assert [each for found in wrong for each in found] == []


def test_nobody_gets_anywhere_before_it_is_clear_for_whom_they_act(
    entrance: Entrance, reviewed: dict[str, Row]
) -> None:
    wrong = [
        f"{place}: {answer.status_code}"
        for path, row in reviewed.items()
        if row["who"] != "anybody" and path not in BEFORE_CHOOSING
        for place, answer in _answers(entrance.undecided, path, row)
        if not _sent_to(answer, "/acting-as")
    ]

    assert wrong == []


def test_every_role_check_is_missed_when_it_is_gone(entrance: Entrance, reviewed: dict[str, Row]) -> None:
    """T16: each page is opened to whoever is signed in, one at a time; somebody whom the list keeps out must notice."""
    survivors = []
    for path, row in reviewed.items():
        if isinstance(row["who"], str):
            continue
        outsiders = [role for role in Role if role not in row["who"]]
        with entrance.opened_to(PAGES[path], SIGNED_IN):
            if not any(_goes_astray(entrance, path, row, role) for role in outsiders):
                survivors.append(path)

    assert survivors == []


def test_every_sign_in_is_missed_when_it_is_no_longer_asked_for(entrance: Entrance, reviewed: dict[str, Row]) -> None:
    survivors = []
    for path, row in reviewed.items():
        if row["who"] == "anybody":
            continue
        with entrance.opened_to(PAGES[path], ANYONE):
            if not _comes_in_unknown(entrance, path, row):
                survivors.append(path)

    assert survivors == []


def test_a_page_that_forgets_its_roles_is_noticed(reviewed: dict[str, Row]) -> None:
    """The list is compared with what is declared: a page nobody has reviewed, or one opened to all, is not on it."""
    page = PAGES["/plans"]
    forgetful = replace(page, roles=SIGNED_IN)

    assert declared_pages([page])["/plans"] == reviewed["/plans"]
    assert declared_pages([forgetful])["/plans"] != reviewed["/plans"]
    assert declared_pages([replace(page, path="/new", shows=Shows.OPEN)]).keys() - reviewed.keys() == {"/new"}
