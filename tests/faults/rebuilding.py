"""Builds insight's read model again from the first event and compares it with the live one (E8)."""

from deploy.local.environment import SCHEME
from infra.servers.settings import PostgresSettings
from services.insight.rebuild import Rebuild
from tests.faults.identities import Finding, rebuilt_is_live
from tests.faults.rig import Rig


def rebuilt(rig: Rig, postgres: PostgresSettings | None = None) -> Finding:
    """Return the comparison, made while nothing is behind; the fresh tables stay until the next rebuild."""
    dsn = (postgres or rig.settings.postgres).dsn
    rebuild = Rebuild(app_url=dsn("app_insight", scheme=SCHEME), owner_url=dsn("migrate_insight", scheme=SCHEME))
    try:
        rebuild.begin()
        rebuild.project(rig.kafka("insight"))
        comparison = rebuild.compare()
    finally:
        rebuild.close()
    return rebuilt_is_live(comparison.live, comparison.fresh)
