"""Alembic's entry: everything is in shared/migrations.py."""

from alembic import context

from services.competency_framework.models import metadata
from shared.migrations import run_environment

run_environment(context, "competency_framework", metadata)
