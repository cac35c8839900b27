"""Alembic's entry for the portal's schema."""

from alembic import context

from services.portal.models import metadata
from shared.migrations import run_environment

run_environment(context, "portal", metadata)
