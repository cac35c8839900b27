"""The read model, the published figures, and what their further logins may see."""

from alembic import op

from services.insight import policies
from services.insight.models import metadata
from shared.tenancy import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PUBLISHED_STAYS = """
create function figure_set_stays() returns trigger language plpgsql as $$
begin
  if old.state in ('published', 'revised') and (
    (new.id, new.number, new.as_at, new.measures, new.verdict, new.published_at, new.published_by)
      is distinct from (old.id, old.number, old.as_at, old.measures, old.verdict, old.published_at, old.published_by)
    or new.state not in (old.state, 'revised')
  ) then
    raise exception 'A published set of figures cannot be changed.' using errcode = 'restrict_violation';
  end if;
  return new;
end $$
"""
A_COUNT_IS_ROUNDED = "shown = 'suppressed' or (shown ~ '^[0-9]+$' and shown::integer % 5 = 0)"
"""A second wall behind the rule: the database itself refuses a count that is not a multiple of 5."""


def upgrade() -> None:
    """Make the tables with their policies."""
    metadata.create_all(op.get_bind(), checkfirst=False)
    for table, rules in policies.OF_EACH_TABLE.items():
        protect(op, table, rules)
    policies.let_the_further_logins_in(op)
    op.execute(f"alter table national_cell add constraint national_cell_is_rounded check ({A_COUNT_IS_ROUNDED})")
    op.execute(PUBLISHED_STAYS)
    op.execute(
        "create trigger figure_set_stays before update on figure_set for each row execute function figure_set_stays()"
    )


def downgrade() -> None:
    """Remove them; the events can build the read model again, published figures are lost."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
    op.execute("drop function figure_set_stays()")
