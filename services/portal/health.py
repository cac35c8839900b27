"""Whether the portal is alive, and whether it should be given work."""

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify

from shared.schema_version import is_behind

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Response:
    """Answer that the process runs."""
    return jsonify(status="alive")


@blueprint.get("/ready")
def ready() -> tuple[Response, int]:
    """Answer whether sessions can be read, every migration ran and nobody asked us to stop."""
    portal = current_app.extensions["portal"]
    drain_file = portal.config.service.drain_file
    if drain_file and Path(drain_file).exists():
        return jsonify(status="draining"), 503
    portal.sweeping.sweep_if_due()
    with portal.store.transaction() as db:
        behind = is_behind(portal.config.service.service, db)
    if behind:
        return jsonify(status="schema-behind"), 503
    return jsonify(status="ready"), 200
