"""Opening pages as a persona and holding each to the same rules: one h1, title, reflow, policy, accessibility.

A page test is a few lines:

    def test_home_of_a_lead(as_persona: AsPersona) -> None:
        page = as_persona("lena.lead").open("/home")

        assert "What needs me now" in page.inner_text("h1")

`open()` looks at the page at 320 and at 1280 pixels and raises when a rule is broken.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, BrowserContext, Page, Response

from shared.testing.sign_in import Account, OneTimeCodes
from tests.browser.signing_in import sign_in

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
NARROW, WIDE = 320, 1280
HEIGHT = 900
PATIENCE = 120_000
"""Milliseconds that a page may take on a machine that does other things as well; no page is judged by it."""
SIGN_IN_AGAIN_AFTER = 15 * 60.0
"""Seconds: well within the 30 minutes after which a session that nobody used ends."""
SETTLES_WITHIN, LOOK_EVERY = 1_500, 100
"""Milliseconds after a change of width."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLLECT_VIOLATIONS = """
window.policyViolations = [];
document.addEventListener('securitypolicyviolation', breach =>
  window.policyViolations.push(breach.violatedDirective + ' ' + breach.blockedURI));
"""
RUN_AXE = """async rules => {
  const result = await axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] });
  const places = nodes => nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ');
  return result.violations.map(found => found.id + ': ' + found.help + ' at ' + places(found.nodes));
}"""


STRUCTURE = """() => {
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll('script, style, meta').forEach(node => node.remove());
  const texts = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.trim() ? 't' : '';
  const ours = ['value', 'href', 'action', 'nonce', 'datetime', 'data-token', 'data-stay'];
  const empty = node => ours.forEach(name => node.hasAttribute(name) && node.setAttribute(name, ''));
  copy.querySelectorAll('*').forEach(empty);
  return copy.outerHTML.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '');
}"""
"""A page without its words, addresses and ids: two pages that are alike in it are alike to axe."""


class RunningSystem(Protocol):
    """What a browser needs to know of the system: the address of its pages and how its people sign in."""

    portal_url: str

    def account(self, username: str) -> Account:
        """Return what this person types to sign in."""

    def new_work_account(self, email: str) -> Account:
        """Make an account at the issuer that plays a trust's own; nobody here knows it."""

    def last_mail_to(self, address: str) -> str:
        """Return the text of the newest mail to `address`; waits a little for it; raises LookupError."""


class PageRuleBroken(AssertionError):
    """A page breaks one of the rules that every page keeps."""


AsPersona = Callable[[str], "Persona"]


@dataclass
class Persona:
    """One person's browser, signed in once and used again; every tab notes breaches of the content security policy."""

    context: BrowserContext
    base_url: str
    service_name: str
    looked_at: set[tuple[int, str]] = field(default_factory=set)
    one_time_code: Callable[[], str] = field(default=lambda: "")

    def open(self, path: str, *, status: int = 200, check: bool = True) -> Page:
        """Open `path`, hold it to the rules at both widths, and return it at 1280 pixels."""
        page = self.page()
        answer = page.goto(self.base_url + path)
        if not isinstance(answer, Response) or answer.status != status:
            raise PageRuleBroken(f"{path} answered {answer.status if answer else 'nothing'}, not {status}")
        if check:
            self.check(page)
        return page

    def press(self, page: Page, button: str, *, check: bool = True) -> None:
        """Press a button; when that needs a fresh sign-in, give the second factor and press it again."""
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state()
        if page.locator("#otp").count():
            page.fill("#otp", self.one_time_code())
            page.click("#kc-login")
            page.wait_for_url(f"{self.base_url}/**")
            if check:
                self.check(page)
            page.get_by_role("button", name=button, exact=True).click()
            page.wait_for_load_state()

    def page(self) -> Page:
        """Return a new tab."""
        return self.context.new_page()

    def check(self, page: Page) -> None:
        """Hold the page as it is now to the rules at both widths; raises PageRuleBroken naming each breach."""
        page.wait_for_load_state()
        broken = [*self._words(page)]
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            broken += [f"at {width} px: {breach}" for breach in (*self._reflow(page, width), *self._axe(page, width))]
        broken += [f"content security policy: {breach}" for breach in page.evaluate("window.policyViolations")]
        if broken:
            raise PageRuleBroken(f"{page.url}\n" + "\n".join(broken))

    def _words(self, page: Page) -> list[str]:
        headings = page.locator("h1")
        headings.first.wait_for()
        if (found := headings.count()) != 1:
            return [f"{found} h1 instead of one"]
        errors = page.locator(".nhsuk-error-summary").count() > 0
        caption = page.locator("h1 [class*=caption]")
        heading = headings.inner_text().removeprefix(caption.inner_text() if caption.count() else "").strip()
        wanted = f"{'Error: ' if errors else ''}{heading} - {self.service_name}"
        return [] if page.title() == wanted else [f"title is {page.title()!r}, not {wanted!r}"]

    @staticmethod
    def _reflow(page: Page, width: int) -> list[str]:
        """The menu moves entries behind "More" a moment after the width changes, so it gets that moment."""
        content = width + 1
        for _ in range(SETTLES_WITHIN // LOOK_EVERY):
            content = page.evaluate("document.documentElement.scrollWidth")
            if content <= width:
                return []
            page.wait_for_timeout(LOOK_EVERY)
        return [f"content is {content} px wide"]

    def _axe(self, page: Page, width: int) -> list[str]:
        """What axe finds; a page built like one that was without a fault at this width is not asked again."""
        seen = (width, page.evaluate(STRUCTURE))
        if seen in self.looked_at:
            return []
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE.read_text())
        found: list[str] = page.evaluate(RUN_AXE, RULES)
        if not found:
            self.looked_at.add(seen)
        return found


class SignedInPeople:
    """Signs each person in once at the real identity provider and keeps the browser's state."""

    def __init__(self, browser: Browser, base_url: str, service_name: str, account: Callable[[str], Account]) -> None:
        self._browser = browser
        self._base_url = base_url
        self._service_name = service_name
        self._account = account
        self.codes = OneTimeCodes()
        self._looked_at: set[tuple[int, str]] = set()
        self._states: dict[str, tuple[float, Any]] = {}
        self._contexts: list[BrowserContext] = []

    def persona(self, username: str, **options: Any) -> Persona:
        """Return a signed-in browser of this person with cookies of its own."""
        known = self._states.get(username)
        if known is None or time.monotonic() - known[0] > SIGN_IN_AGAIN_AFTER:
            self._states[username] = (time.monotonic(), self._sign_in(self._account(username)))
        account = self._account(username)
        persona = self._persona(storage_state=self._states[username][1], **options)
        persona.one_time_code = lambda: self.codes.next(account.otp_secret or "")
        return persona

    def forget(self, username: str) -> None:
        """Sign this person in afresh the next time: the session has ended."""
        self._states.pop(username, None)

    def without_script(self, username: str) -> Persona:
        """Return a signed-in browser of this person in which no JavaScript runs."""
        return self.persona(username, java_script_enabled=False)

    def nobody(self, **options: Any) -> Persona:
        """Return the browser of somebody who has not signed in."""
        return self._persona(**options)

    def _persona(self, **options: Any) -> Persona:
        context = self._browser.new_context(
            locale="en-GB", timezone_id="Europe/London", viewport={"width": WIDE, "height": HEIGHT}, **options
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(COLLECT_VIOLATIONS)
        self._contexts.append(context)
        return Persona(context, self._base_url, self._service_name, self._looked_at)

    def _sign_in(self, account: Account) -> Any:
        context = self._browser.new_context(locale="en-GB")
        sign_in(context, self._base_url, account, self.codes)
        state = context.storage_state()
        context.close()
        return state

    def close_tabs(self) -> None:
        """Close what a test opened."""
        while self._contexts:
            self._contexts.pop().close()
