"""The name of every event this product sends.

A name is a promise to readers: it never changes and is never used for another meaning.
Schema and examples of each lie in ``events/``, its topic in ``topics/``.
"""

from typing import Final

# impact.directory
ORGANISATION_REGISTERED: Final = "impact.directory.organisation.registered.v1"
ORGANISATION_RENAMED: Final = "impact.directory.organisation.renamed.v1"
ORGANISATION_CLOSED: Final = "impact.directory.organisation.closed.v1"
ORGANISATION_MOVED: Final = "impact.directory.organisation.moved.v1"
ORGANISATION_SUCCEEDED: Final = "impact.directory.organisation.succeeded.v1"
MEMBERSHIP_GRANTED: Final = "impact.directory.membership.granted.v1"
MEMBERSHIP_ENDED: Final = "impact.directory.membership.ended.v1"
SECOND_FACTOR_RESET: Final = "impact.directory.second-factor.reset.v1"
PASSKEY_REMOVED: Final = "impact.directory.passkey.removed.v1"
PERSON_NAME_CORRECTED: Final = "impact.directory.person.name-corrected.v1"
PERSON_ADDRESS_CHANGED: Final = "impact.directory.person.address-changed.v1"

# impact.instrument
INSTRUMENT_PUBLISHED: Final = "impact.assessment.instrument.published.v1"
INSTRUMENT_APPROVAL_REQUESTED: Final = "impact.assessment.instrument.approval-requested.v1"
INSTRUMENT_SENT_BACK: Final = "impact.assessment.instrument.sent-back.v1"
INSTRUMENT_RETIRED: Final = "impact.assessment.instrument.retired.v1"

# impact.assessment
ROUND_OPENED: Final = "impact.assessment.round.opened.v1"
ROUND_CHANGED: Final = "impact.assessment.round.changed.v1"
ROUND_CLOSES_SOON: Final = "impact.assessment.round.closes-soon.v1"
ROUND_REMINDED: Final = "impact.assessment.round.reminded.v1"
ROUND_CLOSED: Final = "impact.assessment.round.closed.v1"
ROUND_REOPENED: Final = "impact.assessment.round.reopened.v1"
ROUND_AGREED: Final = "impact.assessment.round.agreed.v1"
ROUND_SIGN_OFF_REQUESTED: Final = "impact.assessment.round.sign-off-requested.v1"
ROUND_DECISION_RECORDED: Final = "impact.assessment.round.decision-recorded.v1"
ROUND_SENT_BACK: Final = "impact.assessment.round.sent-back.v1"
ROUND_SIGNED_OFF: Final = "impact.assessment.round.signed-off.v1"
ROUND_CORRECTED: Final = "impact.assessment.round.corrected.v1"
ROUND_ABANDONED: Final = "impact.assessment.round.abandoned.v1"
ITEM_ASKED_ABOUT: Final = "impact.assessment.item.asked-about.v1"
ITEM_QUESTION_ANSWERED: Final = "impact.assessment.item.question-answered.v1"
RESPONSE_COMPLETED: Final = "impact.assessment.response.completed.v1"
PROGRESS_VISIBILITY_CHANGED: Final = "impact.assessment.progress-visibility.changed.v1"
SHARING_PROPOSED: Final = "impact.assessment.sharing.proposed.v1"
SHARING_GRANTED: Final = "impact.assessment.sharing.granted.v1"
SHARING_STOPPED: Final = "impact.assessment.sharing.stopped.v1"

# impact.assessment-result
RESULT_AGREED: Final = "impact.assessment.result.agreed.v1"
RESULT_SIGNED_OFF: Final = "impact.assessment.result.signed-off.v1"
RESULT_CORRECTED: Final = "impact.assessment.result.corrected.v1"
RESULT_WITHDRAWN: Final = "impact.assessment.result.withdrawn.v1"

# impact.contribution
CONTRIBUTION_MADE: Final = "impact.assessment.contribution.made.v1"
CONTRIBUTION_STOPPED: Final = "impact.assessment.contribution.stopped.v1"

# impact.action-plan
PLAN_DRAFTED: Final = "impact.action-plan.plan.drafted.v1"
PLAN_APPROVAL_REQUESTED: Final = "impact.action-plan.plan.approval-requested.v1"
PLAN_SENT_BACK: Final = "impact.action-plan.plan.sent-back.v1"
PLAN_APPROVED: Final = "impact.action-plan.plan.approved.v1"
PLAN_REVISED: Final = "impact.action-plan.plan.revised.v1"
PLAN_CLOSED: Final = "impact.action-plan.plan.closed.v1"
PLAN_OWNER_LEFT: Final = "impact.action-plan.plan.owner-left.v1"
ACTION_ADDED: Final = "impact.action-plan.action.added.v1"
ACTION_ASSIGNED: Final = "impact.action-plan.action.assigned.v1"
ACTION_PROGRESSED: Final = "impact.action-plan.action.progressed.v1"
ACTION_COMPLETED: Final = "impact.action-plan.action.completed.v1"
ACTION_STOPPED: Final = "impact.action-plan.action.stopped.v1"
ACTION_BECAME_DUE_SOON: Final = "impact.action-plan.action.became-due-soon.v1"
ACTION_BECAME_OVERDUE: Final = "impact.action-plan.action.became-overdue.v1"
PLAN_SHARING_PROPOSED: Final = "impact.action-plan.sharing.proposed.v1"
PLAN_SHARING_GRANTED: Final = "impact.action-plan.sharing.granted.v1"
PLAN_SHARING_STOPPED: Final = "impact.action-plan.sharing.stopped.v1"

# impact.measure
MEASURE_DEFINED: Final = "impact.action-plan.measure.defined.v1"
MEASURE_SIGNAL_APPEARED: Final = "impact.action-plan.measure.signal-appeared.v1"
MEASURE_SIGNAL_WITHDRAWN: Final = "impact.action-plan.measure.signal-withdrawn.v1"
SURVEY_RESULTS_IMPORTED: Final = "impact.action-plan.survey-results.imported.v1"

# impact.competency-framework
FRAMEWORK_PUBLISHED: Final = "impact.competency-framework.framework.published.v1"
INDUCTION_KIT_PUBLISHED: Final = "impact.competency-framework.induction-kit.published.v1"

# impact.competency
REFLECTION_COMPLETED: Final = "impact.competency-framework.reflection.completed.v1"
BOARD_PROFILE_UPDATED: Final = "impact.competency-framework.board-profile.updated.v1"
INDUCTION_KIT_ADOPTED: Final = "impact.competency-framework.induction-kit.adopted.v1"

# impact.notification
MESSAGE_FAILED: Final = "impact.notification.message.failed.v1"

# impact.network
BULLETIN_PUBLISHED: Final = "impact.notification.bulletin.published.v1"
BULLETIN_CORRECTED: Final = "impact.notification.bulletin.corrected.v1"
NATIONAL_PRIORITY_PUBLISHED: Final = "impact.notification.priority.published.v1"
NATIONAL_PRIORITY_ENDED: Final = "impact.notification.priority.ended.v1"
NETWORK_EVENT_ANNOUNCED: Final = "impact.notification.event.announced.v1"
NETWORK_EVENT_CHANGED: Final = "impact.notification.event.changed.v1"
SUPPORT_REQUESTED: Final = "impact.notification.support.requested.v1"
SUPPORT_OFFERED: Final = "impact.notification.support.offered.v1"
SUPPORT_MATCHED: Final = "impact.notification.support.matched.v1"
SUPPORT_CLOSED: Final = "impact.notification.support.closed.v1"

# impact.insight
FIGURES_PUBLISHED: Final = "impact.insight.figures.published.v1"
FIGURES_REVISED: Final = "impact.insight.figures.revised.v1"

ALL_TYPES: Final[frozenset[str]] = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)
)
