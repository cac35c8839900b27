"""The portal with browsers, people, and an outside that can be told to fail."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import requests
from cryptography.fernet import Fernet
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from werkzeug.test import Client, TestResponse

from infra.servers import ConnectionSettings
from services.portal import assets
from services.portal.app import create_app
from services.portal.config import APIS, PortalConfig
from services.portal.page import SIGNED_IN, PageSet, Shows
from services.portal.pages import page_sets
from services.portal.visit import Visit
from shared.clock import FrozenClock
from shared.config import Mode, ServiceConfig, work_issuer
from shared.testing.databases import fresh_database
from tests.integration.portal.outside import Issuer, Services, serving

BASE = "http://localhost:8000"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FORM_KEY = re.compile(r'name="form_key" value="([^"]+)"')
SHOWN = re.compile(r'type="hidden" name="(version|plan_version)" value="([^"]*)"')
TRUST = {
    "org_id": "DEMO01",
    "org_name": "Aldermere NHS Trust (fictional)",
    "org_kind": "trust",
    "tenant_id": "XNV01",
    "tenant_name": "NHS Northvale ICB (fictional)",
    "roles": ["improvement-lead"],
    "fictional": True,
}
OTHER_TRUST = TRUST | {"org_id": "DEMO02", "org_name": "Bramcote NHS Trust (fictional)", "roles": ["board-member"]}
NOTE_TEMPLATE = DictLoader(
    {
        "note.html": """{% extends "layout.html" %}{% import "parts/fields.html" as f with context %}
{% block content %}
<form method="post" novalidate>{{ f.hidden(0) }}{{ f.area("why", "Why?") }}{{ f.button("Save") }}</form>
{% endblock %}"""
    }
)


def form_pages() -> PageSet:
    """A page with a form that a service answers, as other areas have them."""
    pages = PageSet("tests")

    @pages.page("/note", key="note", title="A note", roles=SIGNED_IN, shows=Shows.PRIVATE, who_can_see="Only you.")
    def note(visit: Visit) -> ResponseReturnValue:
        return visit.render("note.html")

    @note.submit
    def save_note(visit: Visit) -> ResponseReturnValue:
        text = visit.typed.text("why", missing="Say why.")
        visit.typed.check()
        answer = visit.api.assessment.put("/note", {"why": text}, version=int(visit.typed.value("version", 0)))
        return visit.saved("home", answer)

    @pages.page("/act", key="act", title="An act", roles=SIGNED_IN)
    def act(visit: Visit) -> ResponseReturnValue:
        return visit.render("note.html")

    @act.submit
    def do_it(visit: Visit) -> ResponseReturnValue:
        visit.api.assessment.post("/act", {"why": visit.typed.text("why")})
        return visit.go("home", done="It is done.")

    return pages


@dataclass
class Browser:
    """A browser at the portal: keeps cookies, follows the identity provider's redirects when asked."""

    client: Client
    portal: "PortalUnderTest"

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=BASE, **options)

    def post(self, path: str, data: dict[str, Any], *, origin: str | None = BASE, **options: Any) -> TestResponse:
        """Send a form as it is."""
        headers = dict(options.pop("headers", {})) | ({"Origin": origin} if origin else {})
        return self.client.post(path, base_url=BASE, data=data, headers=headers, **options)

    def fill(self, path: str, data: dict[str, Any], **options: Any) -> TestResponse:
        """Open the form at `path`, fill it in and send it."""
        return self.post(path.split("?")[0], self.hidden(self.get(path)) | data, **options)

    @staticmethod
    def hidden(page: TestResponse) -> dict[str, str]:
        """Return the hidden fields of a page's last form."""
        fields = {"csrf_token": TOKEN.findall(page.text)[-1], **dict(SHOWN.findall(page.text))}
        return fields | ({"form_key": FORM_KEY.findall(page.text)[-1]} if FORM_KEY.search(page.text) else {})

    def sign_in(self, path: str = "/sign-in", **options: Any) -> TestResponse:
        """Go through the identity provider as whoever it has now; returns the portal's answer to the callback."""
        begun = self.get(path, **options)
        assert begun.status_code in (302, 303), begun.text
        if begun.location.startswith(("/sign-in", "/step-up")):
            begun = self.get(begun.location)
        return self.come_back(begun.location)

    def come_back(self, to_identity_provider: str) -> TestResponse:
        """Follow a redirect to the identity provider and back."""
        there = requests.get(to_identity_provider, allow_redirects=False, timeout=5)
        back = urlsplit(there.headers["Location"])
        return self.get(f"{back.path}?{back.query}")

    @property
    def session_id(self) -> str | None:
        """The session cookie."""
        cookie = self.client.get_cookie("portal-session", domain="localhost")
        return cookie.value if cookie else None


@dataclass
class PortalUnderTest:
    """The portal, what lies outside it, and its database."""

    app: Any
    issuer: Issuer
    work: Issuer
    services: Services
    clock: FrozenClock
    superuser_url: str
    people: dict[str, str] = field(default_factory=dict)

    def browser(self) -> Browser:
        """Return a browser that has never been here."""
        return Browser(self.app.test_client(), self)

    def person(self, *memberships: dict[str, Any], national: tuple[str, ...] = (), **claims: Any) -> str:
        """Let somebody new be who signs in from now on; returns the person's id."""
        person_id = str(uuid4())
        organizations: dict[str, list[str]] = {}
        for one in memberships:
            paths = [f"/{one['org_id']}/{role}" for role in one["roles"]]
            organizations.setdefault(one["tenant_id"].lower(), []).extend(paths)
        self.issuer.person(person_id, organizations, **claims)
        me = {"person_id": person_id, "name": "Lena Lead", "email": "lena@example.org"}
        self.services.on("GET", "/me", me | {"memberships": list(memberships), "national_roles": list(national)})
        return person_id

    def signed_in(self, *memberships: dict[str, Any], **options: Any) -> Browser:
        """Return the browser of somebody new who has just signed in."""
        self.person(*(memberships or (TRUST,)), **options)
        browser = self.browser()
        assert browser.sign_in().status_code == 303
        return browser

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Ask the database directly."""
        with psycopg.connect(self.superuser_url) as connection:
            connection.execute("set search_path to portal")
            return connection.execute(query.encode(), values).fetchall()


def config_for_tests(database_url: str, issuer: str, urls: dict[str, str], work: str) -> PortalConfig:
    """Return a configuration whose secrets work nowhere else."""
    service = ServiceConfig(
        service="portal",
        role="web",
        mode=Mode.TEST,
        database_url=database_url,
        pool_size=8,
        kafka=None,
        oidc=None,
        aws=None,
        log_level="INFO",
        portal_url=BASE,
        drain_file=None,
    )
    return PortalConfig(
        service=service,
        base_url=BASE,
        issuer=issuer,
        client_id="portal",
        client_secret="only-for-tests",
        secret_key="only-for-tests",
        encryption_keys=(Fernet.generate_key().decode(),),
        api_urls=urls,
        service_name="Improve Together",
        help_contact="help@example.org",
        work=work_issuer({"WORK_ISSUER": work, "WORK_CLIENT_ID": "us", "WORK_CLIENT_SECRET": "only-for-tests"}),
    )


@contextmanager
def open_portal(servers: ConnectionSettings, name: str) -> Iterator[PortalUnderTest]:
    """Run the portal on a fresh database, with issuers and services that answer what they are given."""
    if not assets.MANIFEST.is_file():
        assets.build()
    database = fresh_database(servers.postgres, "portal", name)
    issuer, work, services = Issuer(), Issuer(), Services()
    clock = FrozenClock(datetime.now(UTC))
    with ExitStack() as stack:
        issuer.base = stack.enter_context(serving(issuer.handle))
        work.base = stack.enter_context(serving(work.handle))
        urls = {each: stack.enter_context(serving(services.handler(each))) for each in APIS}
        url = servers.postgres.dsn("app_portal", database, scheme="postgresql+psycopg")
        config = config_for_tests(url, issuer.issuer, urls, work.issuer)
        app = create_app(config, clock=clock, pages=[*page_sets(), form_pages()])
        app.jinja_env.loader.loaders.append(NOTE_TEMPLATE)  # type: ignore[union-attr]
        yield PortalUnderTest(app, issuer, work, services, clock, servers.postgres.superuser_dsn(database))
        app.extensions["portal"].close()
