"""Reading and filling in the realm's pages one at a time."""

import html
import re
from urllib.parse import urljoin

import requests

from shared.testing.sign_in import Browser

_FIELD = re.compile(r'<input[^>]*\bname="([^"]+)"')
_FORM = re.compile(r'<form[^>]*\baction="([^"]+)"')


def open_page(browser: Browser, address: str) -> requests.Response:
    """Open a page, following redirects as long as they stay at the realm."""
    return _follow(browser, browser.get(address, allow_redirects=False, timeout=20))


def fill_in(browser: Browser, page: requests.Response, **fields: str) -> requests.Response:
    """Send the page's form; return the next page, or the redirect that leaves the realm."""
    form = _FORM.search(page.text)
    assert form is not None, page.text[:2000]
    address = urljoin(page.url, html.unescape(form.group(1)))
    return _follow(browser, browser.post(address, data=fields, allow_redirects=False, timeout=20))


def fields_of(page: requests.Response) -> set[str]:
    """Return the names of the page's fields."""
    return set(_FIELD.findall(page.text))


def value_of(page: requests.Response, field: str) -> str:
    """Return what a hidden field of the page holds."""
    found = re.search(rf'<input[^>]*\bname="{field}"[^>]*\bvalue="([^"]*)"', page.text)
    assert found is not None, page.text[:2000]
    return html.unescape(found.group(1))


def _follow(browser: Browser, page: requests.Response) -> requests.Response:
    while page.is_redirect:
        address = urljoin(page.url, page.headers["Location"])
        if "/realms/" not in address:
            break
        page = browser.get(address, allow_redirects=False, timeout=20)
    return page
