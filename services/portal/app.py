"""Composition root of the portal's web process."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect, generate_csrf
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemBytecodeCache, PackageLoader
from jinja2.bccache import Bucket
from werkzeug.middleware.proxy_fix import ProxyFix

from services.portal import (
    assets,
    body_limits,
    failures,
    frame,
    headers,
    health,
    navigation,
    sign_in,
    words,
    work_link,
)
from services.portal.api import Transport
from services.portal.config import PortalConfig, config_of_this_process
from services.portal.identity import IdentityProvider
from services.portal.kept import KeptTexts
from services.portal.page import PageSet, collect
from services.portal.pages import page_sets
from services.portal.people_known import PeopleKnown
from services.portal.person import role_words
from services.portal.portal import Portal
from services.portal.sessions import WARN_AFTER, Sessions
from services.portal.store import Store
from services.portal.sweeping import Sweeping
from services.portal.tokens import TokenBroker
from services.portal.unread import UnreadCounts
from services.portal.vault import Vault
from services.portal.visit import Visit
from shared.clock import Clock, SystemClock, local_day
from shared.database import Database
from shared.observability import configure_logging
from shared.rate_limits import RateLimiter

COMPILED = Path(__file__).resolve().parent / "static" / "compiled"


class KeptWherePossible(FileSystemBytecodeCache):
    """Compiled templates on disk; in an image, where nothing can be written, each process compiles its own."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write what was compiled, where there is room for it."""
        with suppress(OSError):
            COMPILED.mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def create_app(
    config: PortalConfig | None = None, *, clock: Clock | None = None, pages: Iterable[PageSet] | None = None
) -> Flask:
    """Build the portal; without a configuration the environment's is read (the entrypoint's case)."""
    if config is None:
        config = config_of_this_process()
        configure_logging("portal", "web", config.service.log_level)
    app = Flask(__name__, static_folder=None)
    if hops := config.service.rate_limits.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops)  # type: ignore[method-assign]
    app.config.update(
        SECRET_KEY=config.secret_key,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=body_limits.STRANGER,
        MAX_FORM_MEMORY_SIZE=body_limits.FORM,
    )
    portal = _parts(app, config, clock or SystemClock(), page_sets() if pages is None else pages)
    app.extensions["portal"] = portal
    app.session_interface = portal.sessions
    app.before_request(lambda: frame.begin_request(portal))
    app.after_request(frame.measure)
    app.teardown_request(frame.end_request)
    CSRFProtect(app).exempt("services.portal.sign_in.backchannel_logout")
    _set_up_templates(app, config, portal)
    headers.register(app, config)
    for blueprint in (assets.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    sign_in.register(app)
    work_link.register(app)
    frame.register_pages(app, portal)
    failures.register(app)
    return app


def _parts(app: Flask, config: PortalConfig, clock: Clock, pages: Iterable[PageSet]) -> Portal:
    database = Database(config.service.database_url, pool_size=config.service.pool_size)
    store, vault = Store(database, clock), Vault(config.encryption_keys)
    identity = IdentityProvider(config)
    transport, tokens = Transport(config.api_urls), TokenBroker(store, vault, identity)
    sessions, kept = Sessions(store, vault, over_https=config.over_https), KeptTexts(store, vault)
    return Portal(
        config=config,
        store=store,
        sessions=sessions,
        kept=kept,
        sweeping=Sweeping(clock, sessions.sweep, kept.sweep),
        identity=identity,
        oauth=identity.register(app),
        work_oauth=identity.register_work(app),
        tokens=tokens,
        transport=transport,
        people=PeopleKnown(store, tokens, transport),
        unread=UnreadCounts(),
        limiter=RateLimiter(config.service.database_url, clock),
        pages=collect(pages),
    )


def _set_up_templates(app: Flask, config: PortalConfig, portal: Portal) -> None:
    """Find our templates and NHS.UK's; keep them compiled on disk, never look again whether they changed."""
    env = app.jinja_env
    env.loader = ChoiceLoader([PackageLoader("services.portal", "templates"), PackageLoader("nhsuk_frontend_jinja")])
    env.autoescape = (
        True  # Flask's default goes by the ending of the file name and would leave NHS.UK's .jinja files out
    )
    env.undefined = ChainableUndefined
    env.auto_reload = False
    env.trim_blocks = env.lstrip_blocks = True
    env.bytecode_cache = KeptWherePossible(str(COMPILED))
    env.filters |= {
        "day": words.as_day,
        "time": words.as_time,
        "moment": words.as_moment,
        "size": words.as_size,
        "in_words": words.in_words,
        "role_words": role_words,
        "upper_first": words.upper_first,
    }
    env.globals |= {
        "STAGES": words.STAGES,
        "ACTION_STATUSES": words.ACTION_STATUSES,
        "PLAN_STATES": words.PLAN_STATES,
        "FILE_STATES": words.FILE_STATES,
        "counted": words.counted,
        "days_until": words.days_until,
        "service_name": config.service_name,
        "help_contact": config.help_contact,
        "work_accounts": config.work is not None,
        "csrf_token": generate_csrf,
        "warn_after": int(WARN_AFTER.total_seconds()),
    }
    manifest = assets.load_manifest()
    env.globals["asset"] = lambda name: f"/assets/{manifest[name]}"
    app.context_processor(lambda: {"nav": _navigation(portal), "nonce": g.get("nonce", ""), "today": local_day(g.now)})


def _navigation(portal: Portal) -> list[navigation.Entry]:
    visit: Visit | None = g.get("visit")
    if visit is None or visit.acting_as is None:
        return []
    return navigation.entries(visit.acting_as, portal.pages, visit.here)
