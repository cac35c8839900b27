"""Alembic's entry: hands over to the shared runner."""

from alembic import context

from services.assessment.models import metadata
from shared.migrations import run_environment

run_environment(context, "assessment", metadata)
