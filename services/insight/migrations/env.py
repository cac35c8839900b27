"""Alembic's entry: everything is in shared/migrations.py."""

from alembic import context

from services.insight.models import metadata
from shared.migrations import run_environment

run_environment(context, "insight", metadata)
