"""How much a request may send is decided from what it announces, before anything of it is read."""

from io import BytesIO, RawIOBase

import pytest

from services.portal.body_limits import FORM, STRANGER, UPLOAD
from tests.integration.portal.portal_under_test import BASE, Browser, PortalUnderTest

EVIDENCE = "/rounds/r1/evidence/i1"


class NeverRead(RawIOBase):
    """A body that must not be touched."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        raise AssertionError("The body was read.")


def announce(browser: Browser, path: str, size: int) -> int:
    """Announce a body of this size and return the status; fails when it is read."""
    answer = browser.client.post(
        path, base_url=BASE, content_type="application/x-www-form-urlencoded",
        headers={"Origin": "https://elsewhere.example"},
        environ_overrides={"wsgi.input": NeverRead(), "CONTENT_LENGTH": str(size)},
    )  # fmt: skip
    return answer.status_code


@pytest.mark.parametrize("path", ["/note", EVIDENCE, "/no-page", "/auth/backchannel-logout"])
def test_a_stranger_may_announce_no_more_than_a_small_form(portal: PortalUnderTest, path: str) -> None:
    assert announce(portal.browser(), path, STRANGER + 1) == 413


@pytest.mark.parametrize(("path", "most"), [("/note", FORM), (EVIDENCE, UPLOAD)])
def test_somebody_signed_in_may_announce_what_the_page_takes(portal: PortalUnderTest, path: str, most: int) -> None:
    assert announce(portal.signed_in(), path, most + 1) == 413


def test_a_file_is_taken_where_files_are_and_nowhere_else(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    form = Browser.hidden(browser.get("/note"))
    portal.services.on("POST", "/rounds/r1/evidence/files", {})
    portal.services.on("PUT", "/note", {})

    taken = browser.post(EVIDENCE, form | {"title": "Minutes", "file": (BytesIO(b"x" * 2 * FORM), "minutes.pdf")})
    refused = browser.post("/note", form | {"why": "w", "file": (BytesIO(b"x" * 2 * FORM), "minutes.pdf")})

    assert taken.status_code == 303
    assert refused.status_code == 413


def test_a_body_whose_length_is_not_announced_is_refused(portal: PortalUnderTest) -> None:
    answer = portal.browser().client.post(
        "/note", base_url=BASE, headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": NeverRead(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip

    assert answer.status_code == 411
