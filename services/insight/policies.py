"""Row policies of insight's own tables, where no kind of `shared/tenancy.py` fits, and of its two further logins.

`aggregator_insight` reads a few columns of all tenants' rows, through policies that name it, and writes sets, cells
and snapshots. `national_insight` can read cells and nothing else: no query from that connection, however wrong, returns
a row of a trust. The application's own role sees neither cells nor snapshots.
"""

from shared.tenancy import IS_SIGNED_IN, SCOPE, WRITES_GLOBALLY, Kind, Operations, Rules

NATIONAL = f"{SCOPE} in ('national', 'service')"
FIGURE_SET = Rules(
    select=f"{NATIONAL} or ({IS_SIGNED_IN} and state in ('published', 'revised'))",
    insert=WRITES_GLOBALLY,
    update=WRITES_GLOBALLY,
    delete=None,
)
"""A set is the national team's until it is published, and everybody's after; it is never removed."""
NOBODY = Rules(None, None, None, None)

OF_EACH_TABLE: dict[str, Kind | Rules] = {
    "assessment_status": Kind.TENANT_STATUS,
    "plan_status": Kind.TENANT_STATUS,
    "sharing_status": Kind.TENANT_STATUS,
    "progress_visibility": Kind.TENANT_STATUS,
    "contribution": Kind.SERVICE,
    "question_set": Kind.GLOBAL,
    "figure_set": FIGURE_SET,
    "national_cell": NOBODY,
    "snapshot": NOBODY,
}
AGGREGATOR_READS = {
    "known_organisation": "org_id, name, kind, region, sector, fictional, closed_on",
    "assessment_status": "org_id, round_id, stage, opened_on",
    "progress_visibility": "org_id, visible",
    "contribution": "org_id, levels, edition",
    "question_set": "question_set_id, audience, practices, effective_from",
    "figure_set": "id, number, state, as_at",
    "snapshot": "set_id, measure, breakdown, group_code, number, counts, hidden, as_at, members",
}
"""Columns the aggregator may read, of every tenant."""
AGGREGATOR_ADDS = ("national_cell", "snapshot")


def let_the_further_logins_in(op: Operations) -> None:
    """Give the aggregator and the national login exactly what they need."""
    for table, columns in AGGREGATOR_READS.items():
        op.execute(f"create policy {table}_aggregator_select on {table} for select to aggregator_insight using (true)")
        op.execute(f"grant select ({columns}) on {table} to aggregator_insight")
    for table in AGGREGATOR_ADDS:
        op.execute(
            f"create policy {table}_aggregator_insert on {table} for insert to aggregator_insight"
            f" with check ({WRITES_GLOBALLY})"
        )
        op.execute(f"grant insert on {table} to aggregator_insight")
    op.execute(
        "create policy figure_set_aggregator_update on figure_set for update to aggregator_insight"
        " using (state = 'checking') with check (state in ('prepared', 'refused'))"
    )
    op.execute("grant update (state, fictional, measures, verdict) on figure_set to aggregator_insight")
    op.execute("create policy national_cell_read on national_cell for select to national_insight using (true)")
    op.execute("grant select on national_cell to national_insight")
