"""The realm that plays a trust's own issuer of work accounts, and people who come through it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import requests

from infra.keycloak.admin_api import RealmAdmin
from shared.config import WORK_ACCOUNT, WorkIssuer
from shared.testing.sign_in import FULL_SCOPE, Browser, challenge_of, claims_of
from tests.security.identity.forms import fields_of, fill_in, open_page
from tests.security.identity.realm_under_test import RealmUnderTest

PASSWORD = "work horse battery"
VERIFIER = "x" * 43


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with an account at the outside issuer."""

    username: str
    subject: str
    email: str


class WorkRealm:
    """The outside issuer, and signing in through it as a browser does."""

    def __init__(self, admin: RealmAdmin, issuer: WorkIssuer, realm: RealmUnderTest) -> None:
        self.admin = admin
        self.issuer = issuer
        self._realm = realm

    def somebody(self, *, username: str | None = None, email: str | None = None) -> Worker:
        """Make an account there; nobody here knows it yet."""
        username = username or f"worker-{uuid4().hex[:8]}"
        address = email or f"{username}@trust.example"
        names = {"firstName": "Wanda", "lastName": "Work", "email": address, "emailVerified": True}
        credential = {"type": "password", "value": PASSWORD, "temporary": False}
        body = {"username": username, "enabled": True, "credentials": [credential], **names}
        return Worker(username, self.admin.post("/users", body), address)

    def ask(self, browser: Browser, **params: str) -> requests.Response:
        """Ask our realm for a sign-in; return the first page, or the redirect back to the portal."""
        asked = {
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": self._realm.callback,
            "scope": FULL_SCOPE,
            "nonce": uuid4().hex,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **params,
        }
        return open_page(browser, f"{self._realm.issuer}/protocol/openid-connect/auth?{urlencode(asked)}")

    def come_in(self, browser: Browser, username: str, password: str = PASSWORD, **params: str) -> requests.Response:
        """Sign in with the work account; return the first page after the outside issuer's, or the redirect."""
        page = self.ask(browser, kc_idp_hint=WORK_ACCOUNT, **params)
        assert page.url.startswith(self.issuer.issuer), page.url
        assert "password" in fields_of(page), page.text[:2000]
        return fill_in(browser, page, username=username, password=password)

    def claims_at(self, page: requests.Response) -> dict[str, object]:
        """Return what the access token says that the redirect in `page` leads to."""
        assert page.is_redirect, page.text[:3000]
        code = parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]
        answer = self._realm.portal_endpoint.ask(
            grant_type="authorization_code", code=code, redirect_uri=self._realm.callback, code_verifier=VERIFIER
        )
        return claims_of(answer["access_token"])
