"""Signing somebody in through the real pages of the identity provider, without drawing them.

Cookies go into the browser's own jar, as if its owner had typed: `frame/test_signing_in_pages.py` does that in earnest,
once with a password and once with a work account. Drawn for each of fifty people, the same pages took a minute.
"""

import html
import re
from urllib.parse import urljoin

from playwright.sync_api import APIResponse, BrowserContext

from shared.testing.sign_in import Account, OneTimeCodes

_FORM = re.compile(r'<form[^>]*\baction="([^"]+)"')
PATIENCE = 120_000
"""Milliseconds that an answer may take on a machine that does other things as well."""


def sign_in(context: BrowserContext, portal_url: str, account: Account, codes: OneTimeCodes) -> None:
    """Give name, password and code as the pages ask for them; raises AssertionError when that opens nothing."""
    page = context.request.get(f"{portal_url}/sign-in{'?with=work' if account.work_account else ''}", timeout=PATIENCE)
    page = _fill_in(context, page, username=account.username, password=account.password, credentialId="")
    if account.otp_secret:
        page = _fill_in(context, page, otp=codes.next(account.otp_secret))
    assert page.ok, f"{account.username}: {page.status} at {page.url}"
    assert page.url.startswith(f"{portal_url}/"), f"{account.username} is still at {page.url}"


def _fill_in(context: BrowserContext, page: APIResponse, **fields: str) -> APIResponse:
    """Send the page's form; return the page after it, wherever that is."""
    form = _FORM.search(page.text())
    assert form is not None, f"no form at {page.url}: {page.text()[:2000]}"
    address = urljoin(page.url, html.unescape(form.group(1)))
    return context.request.post(address, form=dict(fields), timeout=PATIENCE)
