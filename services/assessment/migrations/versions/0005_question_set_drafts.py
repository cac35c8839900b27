"""Question sets are drafted, approved by another person, published for ever and retired."""

from alembic import op

from shared.tenancy import WRITES_GLOBALLY, Rules, protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NATIONAL_WORK = Rules(select=WRITES_GLOBALLY, insert=WRITES_GLOBALLY, update=WRITES_GLOBALLY, delete=None)
"""What is not published yet is the national team's alone; nothing is removed, so that who approved stays known."""


def upgrade() -> None:
    """Make the drafts, and leave of a published set nothing to change but its retirement."""
    op.execute("alter table question_set add column replaced_by text references question_set (id)")
    op.execute("revoke update, delete on question_set from app_assessment")
    op.execute("grant update (retired_on, replaced_by) on question_set to app_assessment")
    op.execute(
        "create table question_set_draft (id uuid primary key, question_set_id text not null, state text not null,"
        " content jsonb not null, file_name text not null, worked_on_by text[] not null, created_by text not null,"
        " created_at timestamptz not null, sent_by text, sent_at timestamptz, note text, decided_by text,"
        " decided_at timestamptz, constraint question_set_draft_state_is_known"
        " check (state in ('tried', 'draft', 'sent', 'published', 'discarded')),"
        " constraint question_set_draft_approved_by_another"
        " check (state <> 'published' or (decided_by is not null and not decided_by = any (worked_on_by))))"
    )
    op.execute(
        "create unique index question_set_draft_one_at_work on question_set_draft (question_set_id)"
        " where state in ('draft', 'sent')"
    )
    protect(op, "question_set_draft", NATIONAL_WORK)


def downgrade() -> None:
    """Remove the drafts."""
    op.execute("drop table question_set_draft")
    op.execute("revoke update (retired_on, replaced_by) on question_set from app_assessment")
    op.execute("grant update, delete on question_set to app_assessment")
    op.execute("alter table question_set drop column replaced_by")
