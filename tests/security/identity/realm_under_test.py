"""The realm that the identity tests run against, and what they do with it."""

import quopri
import re
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import requests

from infra.keycloak.admin_api import RealmAdmin
from infra.keycloak.config import RealmSettings
from infra.keycloak.demo_people import credentials_of
from shared.testing.sign_in import OneTimeCodes, Session, SignInClient, TokenEndpoint, service_token

MAIL_SECONDS = 10
_LINK = re.compile(r"https?://\S+/login-actions/action-token\?\S+")


class Mailbox:
    """The folder in which the mail sink keeps what was sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def links_to(self, address: str) -> list[str]:
        """Return the links mailed to an address, oldest first."""
        return [link for text in self.texts_to(address) for link in _LINK.findall(text)[:1]]

    def link_to(self, address: str, *, after: int = 0, within: float = MAIL_SECONDS) -> str:
        """Wait for a link beyond the first `after` ones; raises AssertionError when none comes."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            links = self.links_to(address)
            if len(links) > after:
                return links[-1]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {address} within {within} s")

    def texts_to(self, address: str) -> Iterator[str]:
        """Yield the text of each mail to an address, oldest first, with all its parts."""
        for content in self.mails_to(address):
            yield quopri.decodestring(content).decode(errors="replace")

    def mails_to(self, address: str) -> list[bytes]:
        """Return the mails to an address as they were sent, oldest first."""
        contents = (path.read_bytes() for path in sorted(self._folder.glob("*.eml")))
        return [content for content in contents if address.encode() in content]


class RealmUnderTest:
    """Addresses, people and clients of the running realm."""

    def __init__(self, base_url: str, settings: RealmSettings, admin: RealmAdmin, mailbox: Mailbox) -> None:
        self.base_url = base_url
        self.settings = settings
        self.admin = admin
        self.mailbox = mailbox
        self.issuer = f"{base_url}/realms/{settings.realm}"
        self.callback = f"{settings.portal_url}/auth/callback"
        self.portal = SignInClient(
            self.issuer, "portal", settings.portal_secret, self.callback, codes=OneTimeCodes(reusable=True)
        )
        self.portal_endpoint = TokenEndpoint(self.issuer, "portal", settings.portal_secret)

    def credentials(self, username: str) -> tuple[str, str]:
        """Return password and second factor of one of the demonstration's people."""
        assert self.settings.demo_secret is not None
        return credentials_of(username, self.settings.demo_secret)

    def sign_in(self, username: str) -> Session:
        """Sign in as one of the demonstration's people."""
        return self.portal.sign_in(username, *self.credentials(username))

    def service_token(self, client: str, secret: str) -> str:
        """Return the token of a service's own account."""
        return service_token(self.issuer, client, secret)

    def verified(self, token: str, audience: str) -> dict[str, object]:
        """Return the claims of a token whose signature, issuer and audience are right."""
        keys = jwt.PyJWKClient(f"{self.issuer}/protocol/openid-connect/certs")
        key = keys.get_signing_key_from_jwt(token)
        return dict(jwt.decode(token, key.key, algorithms=["RS256"], audience=audience, issuer=self.issuer))

    def as_provisioner(self, method: str, path: str, body: object = None) -> requests.Response:
        """Call the Admin API with the provisioning credential; `path` is relative to the server's /admin."""
        token = self.service_token("directory-provisioner", self.settings.provisioner_secret)
        address = f"{self.base_url}/admin{path}"
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, address, json=body, headers=headers, timeout=20)
