"""Security headers on every answer, errors included (ASVS 5.0, 3.4)."""

import logging
import re

import pytest

from shared.observability import JsonFormatter
from tests.integration.portal.portal_under_test import PortalUnderTest


@pytest.mark.parametrize("path", ["/", "/home", "/nowhere", "/sign-in", "/auth/callback", "/health/live"])
def test_every_answer_carries_the_headers(portal: PortalUnderTest, path: str) -> None:
    headers = portal.browser().get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Vary"] == "Cookie"


def test_every_page_of_somebody_signed_in_is_kept_nowhere_and_for_this_session_alone(portal: PortalUnderTest) -> None:
    """T10: whoever keeps a page on the way keeps it for the cookie that it was made for."""
    browser = portal.signed_in()
    rules = [
        rule for rule in portal.app.url_map.iter_rules() if "GET" in (rule.methods or set()) and not rule.arguments
    ]
    pages = [rule.rule for rule in rules if rule.rule not in {"/sign-in", "/step-up"}]

    answers = {page: browser.get(page).headers for page in pages}

    wrong = {
        page: (headers.get("Cache-Control"), headers.get("Vary"))
        for page, headers in answers.items()
        if (headers.get("Cache-Control"), headers.get("Vary")) != ("no-store", "Cookie")
    }
    assert wrong == {}
    assert len(pages) > 20


def test_the_one_inline_script_has_the_nonce_of_this_answer_only(portal: PortalUnderTest) -> None:
    first, second = portal.browser().get("/"), portal.browser().get("/")

    nonces = [re.findall(r'<script nonce="([^"]+)"', page.text) for page in (first, second)]
    assert [len(found) for found in nonces] == [1, 1]
    assert f"'nonce-{nonces[0][0]}'" in first.headers["Content-Security-Policy"]
    assert nonces[0] != nonces[1]


def test_forms_may_end_at_the_issuers_we_sign_in_with_and_nowhere_else(portal: PortalUnderTest) -> None:
    policy = portal.browser().get("/").headers["Content-Security-Policy"]

    targets = re.findall(r"form-action ([^;]+);", policy)[0].split()
    assert sorted(targets) == sorted(["'self'", portal.issuer.base, portal.work.base])


def test_assets_are_kept_for_a_year_and_pages_never(portal: PortalUnderTest) -> None:
    page = portal.browser().get("/").text
    style = re.findall(r'href="(/assets/portal-[^"]+\.css)"', page)[0]

    headers = portal.browser().get(style).headers

    assert "immutable" in headers["Cache-Control"]
    assert "max-age=31536000" in headers["Cache-Control"]
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")


def test_the_start_page_sets_no_cookie(portal: PortalUnderTest) -> None:
    assert "Set-Cookie" not in portal.browser().get("/").headers


@pytest.mark.parametrize(
    "path", ["/assets/../app.py", "/assets/%2e%2e/config.py", "/assets/manifest.json/../../app.py"]
)
def test_assets_lead_nowhere_else(portal: PortalUnderTest, path: str) -> None:
    assert portal.browser().get(path).status_code == 404


def test_opening_pages_changes_nothing_at_the_services(portal: PortalUnderTest) -> None:
    browser = portal.signed_in()
    portal.services.received.clear()

    for rule in portal.app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.arguments and rule.rule not in {"/sign-in", "/step-up"}:
            browser.get(rule.rule)

    assert {one.method for one in portal.services.received} <= {"GET"}


def test_health_says_ready_while_the_database_answers(portal: PortalUnderTest) -> None:
    assert portal.browser().get("/health/ready").json == {"status": "ready"}


def test_the_link_to_a_file_stands_in_no_log_and_is_told_to_nobody(
    portal: PortalUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """T11: the page that is left for a file is not named to the store, and the file not to whoever reads logs."""
    link = "https://files.example/impact/XNV01/0123456789abcdef?X-Amz-Signature=fedcba9876543210"
    browser, piece = portal.signed_in(), "/rounds/r1/evidence/i1/p1/file"
    portal.services.on("GET", "/rounds/r1/evidence/p1/link", {"link": link, "seconds": 60})
    caplog.set_level(logging.DEBUG)

    answer = browser.get(piece)

    lines = [JsonFormatter("portal", "web").format(record) for record in caplog.records]
    assert (answer.status_code, answer.location) == (303, link)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert lines
    assert [line for line in lines if "X-Amz" in line or "0123456789abcdef" in line] == []
