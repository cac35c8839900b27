"""Events as the other services send them, for tests that tell insight a story."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.contracts import event_types as types
from shared.ids import new_id
from shared.testing.service_under_test import ServiceUnderTest

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
QUESTION_SET = "trust-2026-1"


@dataclass
class Teller:
    """Tells insight what happened at one trust; each key counts its events, as the real ones do."""

    insight: ServiceUnderTest
    org: str
    round_id: str = field(default_factory=lambda: str(new_id()))
    plan_id: str = field(default_factory=lambda: str(new_id()))
    versions: dict[str, int] = field(default_factory=dict)

    def tell(self, event_type: str, key: str, **data: Any) -> None:
        """Deliver one event."""
        self.versions[key] = self.versions.get(key, 0) + 1
        self.insight.deliver(event_type, data, org=self.org, key=key, version=self.versions[key], at=NOON)

    def icb(self) -> str:
        """The trust's ICB."""
        return self.insight.world.tenant_of(self.org)

    def of_round(self, event_type: str, **data: Any) -> None:
        self.tell(event_type, self.round_id, round_id=self.round_id, **data)

    def opened(self, *, invited: int = 8, opened_on: str = "2026-05-04") -> None:
        self.of_round(
            types.ROUND_OPENED,
            question_set_id=QUESTION_SET,
            audience="trust",
            opened_on=opened_on,
            closes_on="2026-05-18",
            discussion_on=None,
            respondent_ids=[str(new_id()) for _ in range(invited)],
            invited=invited,
        )

    def finished(self, count: int, *, invited: int = 8) -> None:
        self.of_round(types.RESPONSE_COMPLETED, invited=invited, finished=count)

    def changed(self, *, invited: int, **more: Any) -> None:
        people = [str(new_id()) for _ in range(invited)]
        self.of_round(
            types.ROUND_CHANGED,
            changed=["respondents"],
            closes_on="2026-05-18",
            discussion_on=None,
            respondent_ids=people,
            added_ids=[],
            removed_ids=[],
            invited=invited,
            **more,
        )

    def closed(self, *, finished: int = 7, invited: int = 8) -> None:
        self.of_round(
            types.ROUND_CLOSED,
            closed_on="2026-05-18",
            discussion_on="2026-06-01",
            invited=invited,
            finished=finished,
            ranges_shown=finished >= 5,
        )

    def agreed(self) -> None:
        self.of_round(types.ROUND_AGREED, agreed_on="2026-06-01", items_agreed=22, items_total=22)

    def sent_back(self) -> None:
        self.of_round(types.ROUND_SENT_BACK, sent_back_on="2026-06-02")

    def signed_off(self, day: str = "2026-06-10") -> None:
        self.of_round(
            types.ROUND_SIGNED_OFF,
            question_set_id=QUESTION_SET,
            signed_off_on=day,
            meeting_on=day,
            invited=8,
            took_part=7,
            items_agreed=22,
            items_total=22,
        )

    def corrected(self, day: str) -> None:
        self.of_round(types.ROUND_CORRECTED, corrected_on=day, meeting_on=day, revision=2, items_corrected=1)

    def abandoned(self) -> None:
        self.of_round(types.ROUND_ABANDONED, abandoned_on="2026-05-20")

    def all_stages(self) -> None:
        """From the opening to the sign-off."""
        self.opened()
        self.finished(7)
        self.closed()
        self.agreed()
        self.signed_off()

    def of_plan(self, event_type: str, **data: Any) -> None:
        self.tell(event_type, self.plan_id, plan_id=self.plan_id, **data)

    def plan_drafted(self, day: str = "2026-06-01", *, refreshed: bool = False) -> None:
        self.of_plan(
            types.PLAN_DRAFTED,
            round_id=self.round_id,
            question_set_id=QUESTION_SET,
            drafted_on=day,
            suggestion_count=5,
            refreshed=refreshed,
        )

    def plan_approved(
        self, done: int = 0, under_way: int = 3, overdue: int = 0, *, day: str = "2026-06-20", priorities: int = 3
    ) -> None:
        counts = {"done": done, "under_way": under_way, "overdue": overdue}
        self.of_plan(
            types.PLAN_APPROVED,
            round_id=self.round_id,
            approved_on=day,
            priority_count=priorities,
            action_counts=counts,
        )

    def plan_revised(self, under_way: int) -> None:
        counts = {"done": 0, "under_way": under_way, "overdue": 0}
        self.of_plan(types.PLAN_REVISED, revised_on="2026-06-25", priority_count=4, action_counts=counts)

    def plan_approval_requested(self, priorities: int = 3) -> None:
        counts = {"done": 0, "under_way": 3, "overdue": 0}
        self.of_plan(
            types.PLAN_APPROVAL_REQUESTED,
            requested_on="2026-06-26",
            priority_count=priorities,
            action_counts=counts,
        )

    def plan_sent_back(self) -> None:
        self.of_plan(types.PLAN_SENT_BACK, sent_back_on="2026-06-28")

    def plan_closed(self, why: str = "completed", **more: Any) -> None:
        counts = {"done": 3, "under_way": 0, "overdue": 0}
        self.of_plan(types.PLAN_CLOSED, closed_on="2026-12-01", close_code=why, action_counts=counts, **more)

    def action_done(self, done: int, under_way: int, overdue: int = 0) -> None:
        self.of_plan(
            types.ACTION_COMPLETED,
            action_id=str(new_id()),
            owner_id=str(new_id()),
            completed_on="2026-07-01",
            previous_status="on_track",
            action_counts={"done": done, "under_way": under_way, "overdue": overdue},
        )

    def visible(self, visible: bool, day: str = "2026-06-15") -> None:
        self.tell(types.PROGRESS_VISIBILITY_CHANGED, self.org, org_id=self.org, visible=visible, changed_on=day)

    def shared(self, what: str = "summary", *, with_tenant: str | None = None, until: str | None = None) -> str:
        sharing_id = str(new_id())
        self.of_round(
            types.SHARING_GRANTED,
            sharing_id=sharing_id,
            what=what,
            audience_kind="icb",
            audience_tenant=with_tenant or self.icb(),
            granted_on="2026-06-12",
            valid_until=until,
        )
        return sharing_id

    def stopped_sharing(self, sharing_id: str, what: str = "summary") -> None:
        self.of_round(
            types.SHARING_STOPPED,
            sharing_id=sharing_id,
            what=what,
            audience_kind="icb",
            audience_tenant=self.icb(),
            stopped_on="2026-07-12",
            stop_code="organisation_stopped",
        )

    def counted(self, levels: str) -> None:
        """Let five practices be counted: `33421` are their levels in order."""
        practices = [{"practice_id": f"p{i}", "level": int(level)} for i, level in enumerate(levels, start=1)]
        self.tell(
            types.CONTRIBUTION_MADE,
            self.org,
            org_id=self.org,
            round_id=self.round_id,
            question_set_id=QUESTION_SET,
            contributed_on="2026-06-12",
            practices=practices,
        )

    def not_counted(self) -> None:
        self.tell(
            types.CONTRIBUTION_STOPPED,
            self.org,
            org_id=self.org,
            round_id=self.round_id,
            stopped_on="2026-07-01",
            stop_code="organisation_stopped",
        )


def publish_question_set(
    insight: ServiceUnderTest,
    question_set_id: str = QUESTION_SET,
    *,
    effective_from: str = "2026-04-01",
    ids: str = "p",
) -> None:
    """Tell insight the five practices and their names."""
    practices = [{"practice_id": f"{ids}{i}", "label": f"Practice {i} (illustrative)"} for i in range(1, 6)]
    insight.deliver(
        types.INSTRUMENT_PUBLISHED,
        {
            "question_set_id": question_set_id,
            "version": "1",
            "audience": "trust",
            "effective_from": effective_from,
            "item_count": 22,
            "practices": practices,
            "illustrative": True,
        },
        org="NATIONAL",
        key=question_set_id,
        at=NOON,
    )
