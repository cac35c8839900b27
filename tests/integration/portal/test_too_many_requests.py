"""Too many requests end on a page that says when to go on and keeps what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address
from uuid import uuid4

import pytest

from services.portal.app import create_app
from services.portal.pages import page_sets
from shared.config import RateLimits
from tests.integration.portal.portal_under_test import NOTE_TEMPLATE, Browser, PortalUnderTest, form_pages

TEXT = "Our ward rounds changed in May."
ALLOWED = 12


@dataclass
class FromOneAddress(PortalUnderTest):
    """The portal, with browsers that all come from one address that nobody else has."""

    address: str = field(default_factory=lambda: str(IPv6Address(uuid4().int)))

    def browser(self) -> Browser:
        """Return a browser that has never been here."""
        browser = super().browser()
        browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = self.address  # type: ignore[attr-defined]
        return browser


@pytest.fixture
def limited(portal: PortalUnderTest) -> Iterator[FromOneAddress]:
    """Return the portal with a limit of `ALLOWED` requests a minute for an address, behind one proxy of ours."""
    with limited_to(portal, ALLOWED) as limited:
        yield limited


@contextmanager
def limited_to(portal: PortalUnderTest, allowed: int) -> Iterator[FromOneAddress]:
    config = portal.app.extensions["portal"].config
    limits = RateLimits(per_address=allowed, trusted_proxies=1)
    config = replace(config, service=replace(config.service, rate_limits=limits))
    app = create_app(config, clock=portal.clock, pages=[*page_sets(), form_pages()])
    app.jinja_env.loader.loaders.append(NOTE_TEMPLATE)  # type: ignore[union-attr]
    yield FromOneAddress(**{**vars(portal), "app": app, "people": {}})
    app.extensions["portal"].close()


def test_a_service_that_is_asked_too_often_keeps_the_text_and_says_when_to_go_on(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.problem("PUT", "/note", 429, "too-many-requests")

    refused = browser.fill("/note", {"why": TEXT})
    page = browser.get("/note").text

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "What you typed is kept for 30 minutes" in refused.text
    assert "We kept your text" in page


def test_an_address_over_the_limit_keeps_the_text_too_and_the_service_is_not_asked(limited: FromOneAddress) -> None:
    browser = limited.signed_in()
    form = Browser.hidden(browser.get("/note"))
    while browser.get("/help").status_code == 200:
        pass

    refused = browser.post("/note", form | {"why": TEXT})

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "What you typed is kept for 30 minutes" in refused.text
    assert not limited.services.asked("PUT", "/note")


def test_another_address_is_not_refused_and_assets_are_not_counted(limited: FromOneAddress) -> None:
    browser = limited.browser()
    statuses = [browser.get("/help").status_code for _ in range(ALLOWED + 1)]

    elsewhere = browser.get("/help", headers={"X-Forwarded-For": str(IPv6Address(uuid4().int))})
    ready = browser.get("/health/ready")

    assert statuses == [200] * ALLOWED + [429]
    assert elsewhere.status_code == 200
    assert ready.status_code == 200


def test_an_address_may_begin_fewer_sign_ins_than_open_pages(portal: PortalUnderTest) -> None:
    with limited_to(portal, 60) as limited:
        before = limited.rows("select count(*) from browser_session")
        statuses = [limited.browser().get("/sign-in").status_code for _ in range(5)]
        elsewhere = limited.browser().get("/sign-in", headers={"X-Forwarded-For": str(IPv6Address(uuid4().int))})

        assert statuses == [302, 302, 302, 429, 429]
        assert elsewhere.status_code == 302
        assert limited.browser().get("/help").status_code == 200
        assert limited.rows("select count(*) from browser_session") == [(before[0][0] + 4,)]


def test_an_address_that_a_stranger_made_up_is_not_believed(limited: FromOneAddress) -> None:
    browser = limited.browser()

    statuses = [
        browser.get("/help", headers={"X-Forwarded-For": f"203.0.113.{number}, {limited.address}"}).status_code
        for number in range(ALLOWED + 1)
    ]

    assert statuses[-1] == 429
