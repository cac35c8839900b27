"""Sign in as a person would, without a browser: authorization code flow with PKCE, password and one-time code.

For tests and for the demonstration's story. The portal has a flow of its own; this one exists so that the sign-in pages
can be tried from outside, and so that a story can act as many people.
"""

import base64
import hashlib
import html
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

import jwt
import requests

from infra.keycloak.demo_people import CODE_SECONDS, one_time_code
from shared.config import WORK_ACCOUNT

TIMEOUT_SECONDS = 20
PAGES_AT_MOST = 12
PAUSE_AFTER_REFUSAL = 1.2
"""Two refusals within one second would lock the account for a minute."""

API_SCOPES = ("directory-api", "assessment-api", "action-plan-api", "competency-api", "notification-api", "insight-api")
FULL_SCOPE = " ".join(("openid", "organization:*", *API_SCOPES))
CODE_USED = "invalid authenticator code"

_FIELD = re.compile(r'<input[^>]*\bname="([^"]+)"')
_FORM = re.compile(r'<form[^>]*\baction="([^"]+)"')
_MESSAGE = re.compile(
    r'(?:id="input-error[^"]*"|class="[^"]*(?:alert__title|kc-feedback-text|instruction)[^"]*")[^>]*>\s*(.*?)\s*<', re.S
)


class SignInStopped(Exception):
    """A page other than the next step came back; `status` and the page's own words say why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"sign-in stopped: {status} {words}")
        self.status = status
        self.words = words


class TokenRefused(Exception):
    """The token endpoint said no; `error` is its OAuth error code."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"token refused: {status} {error}: {description}")
        self.status = status
        self.error = error
        self.description = description


class Browser(requests.Session):
    """Keeps cookies as a browser does: over plain http to this machine it sends secure ones too."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare the request with every cookie there is."""
        for cookie in self.cookies:
            cookie.secure = False
        return super().prepare_request(request)


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody types to sign in; no `otp_secret` means no second factor."""

    username: str
    password: str
    otp_secret: str | None = None
    work_account: bool = False
    """Name and password are for the employer's issuer; the second factor is ours."""


class OneTimeCodes:
    """Hands out codes that were not used yet: a code works once, and those of the windows beside it count too."""

    def __init__(self, *, reusable: bool = False) -> None:
        self._reusable = reusable
        self._used: set[tuple[str, int]] = set()

    def next(self, otp_secret: str) -> str:
        """Return a code the server will take; waits for the next window when the present ones are used up."""
        while True:
            window = int(time.time()) // CODE_SECONDS
            for candidate in (window, window + 1, window - 1):
                if self._reusable or (otp_secret, candidate) not in self._used:
                    self._used.add((otp_secret, candidate))
                    return one_time_code(otp_secret, candidate * CODE_SECONDS)
            time.sleep(CODE_SECONDS - time.time() % CODE_SECONDS)


def claims_of(token: str) -> dict[str, object]:
    """Return what a token says, unverified: this is the view of somebody who holds it, not of a service."""
    return dict(jwt.decode(token, options={"verify_signature": False}))


class TokenEndpoint:
    """The token endpoint as one confidential client sees it."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._secret = client_secret

    def ask(self, **form: str) -> dict[str, str]:
        """Ask for tokens; raises TokenRefused when the answer is no."""
        answer = self.post("token", **form)
        body = answer.json()
        if not answer.ok:
            raise TokenRefused(answer.status_code, body.get("error", ""), body.get("error_description", ""))
        return dict(body)

    def post(self, endpoint: str, **form: str) -> requests.Response:
        """Post a form to one of the realm's endpoints in the client's name."""
        address = f"{self.issuer}/protocol/openid-connect/{endpoint}"
        return requests.post(address, auth=(self.client_id, self._secret), data=form, timeout=TIMEOUT_SECONDS)


def service_token(issuer: str, client_id: str, client_secret: str) -> str:
    """Return an access token of a service's own account (client credentials)."""
    return TokenEndpoint(issuer, client_id, client_secret).ask(grant_type="client_credentials")["access_token"]


class Session:
    """Somebody signed in: tokens narrowed as the portal narrows them, and the cookies to ask again with."""

    def __init__(self, endpoint: TokenEndpoint, browser: Browser, tokens: Mapping[str, str]) -> None:
        self.browser = browser
        self._endpoint = endpoint
        self._tokens = dict(tokens)
        self._narrowed: dict[tuple[str, str | None], tuple[float, str]] = {}

    @property
    def access_token(self) -> str:
        """The token of the sign-in itself: every tenant, every API. No service accepts it."""
        return self._tokens["access_token"]

    @property
    def refresh_token(self) -> str:
        """The present refresh token."""
        return self._tokens["refresh_token"]

    @property
    def id_token(self) -> str:
        """Who signed in, with names; it lists the tenants to choose from."""
        return self._tokens["id_token"]

    @property
    def tenants(self) -> list[str]:
        """Codes of the tenants the person belongs to, in upper case."""
        listed = claims_of(self.id_token).get("organization", {})
        return sorted(alias.upper() for alias in listed) if isinstance(listed, dict) else []

    def token(self, audience: str, tenant: str | None = None) -> str:
        """Return an access token for one API and one tenant (none: as a national person), renewed before it ends.

        Narrowed at refresh: a new authorization would mix the tenants of older tokens, an exchange would lose the
        second factor.
        """
        ends, token = self._narrowed.get((audience, tenant), (0.0, ""))
        if time.monotonic() >= ends:
            scope = ["openid", audience] if tenant is None else ["openid", f"organization:{tenant.lower()}", audience]
            answer = self.refresh(" ".join(scope))
            token = answer["access_token"]
            self._narrowed[(audience, tenant)] = (time.monotonic() + int(answer["expires_in"]) - 30, token)
        return token

    def refresh(self, scope: str | None = None) -> dict[str, str]:
        """Refresh, optionally for a narrower scope; raises TokenRefused when the session has ended."""
        narrower = {"scope": scope} if scope else {}
        answer = self._endpoint.ask(grant_type="refresh_token", refresh_token=self.refresh_token, **narrower)
        self._tokens["refresh_token"] = answer["refresh_token"]
        return answer

    def sign_out(self) -> None:
        """End the session at the realm, which tells the portal."""
        self._endpoint.post("logout", refresh_token=self.refresh_token).raise_for_status()


class SignInClient:
    """The portal's part of a sign-in, for one client of the realm."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, callback: str, *, codes: OneTimeCodes | None = None
    ) -> None:
        self._endpoint = TokenEndpoint(issuer, client_id, client_secret)
        self._callback = callback
        self._codes = codes or OneTimeCodes()

    def sign_in(
        self,
        username: str,
        password: str,
        otp_secret: str | None = None,
        *,
        strong: bool = True,
        scope: str = FULL_SCOPE,
        browser: Browser | None = None,
        hint: str = "",
    ) -> Session:
        """Sign in and return the session; with the `browser` of an earlier one, step that session up.

        `hint` names an outside issuer to go straight to, whose own page then asks for name and password.

        Raises SignInStopped with the page's words when the realm does not let the person in, and TokenRefused when the
        code is not exchanged.
        """
        browser = browser or Browser()
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        levels = {"acr_values": "strong"} if strong else {}
        page = self.authorize(
            browser, scope=scope, state=state, code_challenge=challenge_of(verifier), **levels, kc_idp_hint=hint
        )
        answer = self._walk(browser, page, Account(username, password, otp_secret))
        if answer.get("state") != state or answer.get("iss") != self._endpoint.issuer or "code" not in answer:
            raise SignInStopped(302, f"the callback said {answer}")
        tokens = self._endpoint.ask(
            grant_type="authorization_code",
            code=answer["code"],
            redirect_uri=self._callback,
            code_verifier=verifier,
        )
        return Session(self._endpoint, browser, tokens)

    def sign_in_with_work_account(self, username: str, password: str, otp_secret: str) -> Session:
        """Sign in at the employer's issuer, then give our own second factor in a request of its own."""
        browser = Browser()
        self.sign_in(username, password, strong=False, browser=browser, hint=WORK_ACCOUNT)
        return self.sign_in(username, password, otp_secret, browser=browser)

    def authorize(self, browser: Browser, **parameters: str) -> requests.Response:
        """Open the authorization page; a parameter given as an empty string is left out."""
        asked = {
            "response_type": "code",
            "client_id": self._endpoint.client_id,
            "redirect_uri": self._callback,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge_method": "S256",
            **parameters,
        }
        address = f"{self._endpoint.issuer}/protocol/openid-connect/auth"
        given = {name: value for name, value in asked.items() if value}
        return browser.get(address, params=given, allow_redirects=False, timeout=TIMEOUT_SECONDS)

    def _walk(self, browser: Browser, page: requests.Response, account: Account) -> dict[str, str]:
        """Follow pages and forms to the callback; return its parameters."""
        for _ in range(PAGES_AT_MOST):
            if not page.is_redirect:
                page = self._fill_in(browser, page, account)
                continue
            address = urljoin(page.url, page.headers["Location"])
            if address.startswith(self._callback):
                return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
            page = browser.get(address, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        raise SignInStopped(page.status_code, "too many pages")

    def _fill_in(self, browser: Browser, page: requests.Response, account: Account) -> requests.Response:
        fields, form = set(_FIELD.findall(page.text)), _FORM.search(page.text)
        words = " ".join(word for word in _MESSAGE.findall(page.text) if word)
        code_used = CODE_USED in words.lower()
        if form is None or (words and not code_used):
            raise SignInStopped(page.status_code, html.unescape(words) or "a page without a form")
        if code_used:
            time.sleep(PAUSE_AFTER_REFUSAL)
        return browser.post(
            html.unescape(form.group(1)),
            data=self._answers(fields, account),
            allow_redirects=False,
            timeout=TIMEOUT_SECONDS,
        )

    def _answers(self, fields: set[str], account: Account) -> dict[str, str]:
        if "otp" not in fields:
            return {"username": account.username, "password": account.password, "credentialId": ""}
        if account.otp_secret is None:
            raise SignInStopped(200, "a one-time code is asked for and the account has none")
        return {"otp": self._codes.next(account.otp_secret)}


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge of a verifier (S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
