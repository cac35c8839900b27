"""Builds the events this service publishes: ids, dates, counts and agreed levels, never a name or a written word."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.assessment.domain.question_sets import QuestionSet
from shared.contracts import event_types
from shared.outbox import Event


def instrument_published(question_set: QuestionSet, effective_from: date, *, actor: bool = True) -> Event:
    """A question set may be used from a day on. A set that came with the service has no actor."""
    data = {
        "question_set_id": question_set.id,
        "version": question_set.version,
        "audience": question_set.audience,
        "effective_from": effective_from,
        "item_count": len(question_set.items),
        "practices": [{"practice_id": key, "label": title[:120]} for key, title in question_set.practices.items()],
        "illustrative": question_set.illustrative,
    }
    return Event(event_types.INSTRUMENT_PUBLISHED, question_set.id, data, actor=actor)


def instrument_approval_requested(draft: Row[Any], requested_on: date) -> Event:
    """A new version waits for somebody who did not work on it."""
    return _about_draft(event_types.INSTRUMENT_APPROVAL_REQUESTED, draft, requested_on=requested_on)


def instrument_sent_back(draft: Row[Any], sent_back_on: date) -> Event:
    """Those who worked on a version are asked for another look; the note stays with the draft."""
    return _about_draft(event_types.INSTRUMENT_SENT_BACK, draft, sent_back_on=sent_back_on)


def instrument_retired(question_set_id: str, *, retired_on: date, replaced_by: str | None) -> Event:
    """No self-assessment may be opened with the question set from a day on."""
    data = {"question_set_id": question_set_id, "retired_on": retired_on, "replaced_by": replaced_by}
    return Event(event_types.INSTRUMENT_RETIRED, question_set_id, data)


def round_opened(row: Row[Any], people: Sequence[str], opened_on: date) -> Event:
    """Answering began."""
    return _about(
        event_types.ROUND_OPENED,
        row,
        question_set_id=row.question_set_id,
        audience=row.kind,
        opened_on=opened_on,
        closes_on=row.closes_on,
        discussion_on=row.discussion_on,
        respondent_ids=sorted(people),
        invited=len(people),
    )


def round_changed(
    row: Row[Any], people: Sequence[Row[Any]], changed: Sequence[str], *, added: Sequence[str], removed: Sequence[str]
) -> Event:
    """Dates or people of an open round changed; `people` as by `queries.active_people`."""
    return _about(
        event_types.ROUND_CHANGED,
        row,
        changed=list(changed),
        closes_on=row.closes_on,
        discussion_on=row.discussion_on,
        respondent_ids=sorted(person.person_id for person in people),
        added_ids=sorted(added),
        removed_ids=sorted(removed),
        invited=len(people),
        finished=sum(person.finished for person in people),
    )


def round_closes_soon(row: Row[Any], *, days_left: int, invited: int, not_finished: Sequence[str]) -> Event:
    """Answering closes in a few days; who has not finished is named so that they alone are reminded."""
    waiting = _waiting(row, days_left, invited, not_finished)
    return _about(event_types.ROUND_CLOSES_SOON, row, actor=False, **waiting)


def round_reminded(row: Row[Any], *, days_left: int, invited: int, not_finished: Sequence[str]) -> Event:
    """Somebody who organises the self-assessment reminded those who have not finished."""
    return _about(event_types.ROUND_REMINDED, row, **_waiting(row, days_left, invited, not_finished))


def round_closed(row: Row[Any], *, closed_on: date, invited: int, finished: int, ranges_shown: bool) -> Event:
    """Answering closed, by a person or because the day was over."""
    return _about(
        event_types.ROUND_CLOSED,
        row,
        closed_on=closed_on,
        discussion_on=row.discussion_on,
        invited=invited,
        finished=finished,
        ranges_shown=ranges_shown,
    )


def round_reopened(row: Row[Any], people: Sequence[str], reopened_on: date) -> Event:
    """Answering began again; the reason stays with the organisation."""
    return _about(
        event_types.ROUND_REOPENED,
        row,
        reopened_on=reopened_on,
        closes_on=row.closes_on,
        discussion_on=row.discussion_on,
        respondent_ids=sorted(people),
        invited=len(people),
    )


def round_abandoned(row: Row[Any], people: Sequence[str], abandoned_on: date) -> Event:
    """The round ended without a result; whoever was asked to answer is told."""
    return _about(event_types.ROUND_ABANDONED, row, abandoned_on=abandoned_on, respondent_ids=sorted(people))


def response_completed(row: Row[Any], *, invited: int, finished: int) -> Event:
    """The number of people who have finished changed: counts alone, and nobody is named as the actor."""
    return _about(event_types.RESPONSE_COMPLETED, row, actor=False, invited=invited, finished=finished)


def round_agreed(row: Row[Any], *, agreed_on: date, items: int) -> Event:
    """The board agreed a level for every item."""
    return _about(event_types.ROUND_AGREED, row, agreed_on=agreed_on, items_agreed=items, items_total=items)


def sign_off_requested(row: Row[Any], *, requested_on: date, items: int, invited: int, took_part: int) -> Event:
    """The agreed levels wait for the chair or chief executive."""
    return _about(
        event_types.ROUND_SIGN_OFF_REQUESTED,
        row,
        requested_on=requested_on,
        items_agreed=items,
        items_total=items,
        invited=invited,
        took_part=took_part,
    )


def sent_back(row: Row[Any], sent_back_on: date) -> Event:
    """The chair or chief executive asked for another look; the note stays with the organisation."""
    return _about(event_types.ROUND_SENT_BACK, row, sent_back_on=sent_back_on)


def signed_off(row: Row[Any], *, signed_on: date, meeting_on: date, items: int, invited: int, took_part: int) -> Event:
    """The result is frozen."""
    return _about(
        event_types.ROUND_SIGNED_OFF,
        row,
        question_set_id=row.question_set_id,
        signed_off_on=signed_on,
        meeting_on=meeting_on,
        invited=invited,
        took_part=took_part,
        items_agreed=items,
        items_total=items,
    )


def result_agreed(row: Row[Any], levels: Mapping[str, Any], agreed_on: date) -> Event:
    """The agreed levels, from which the action plan is drafted; ``levels`` as by `queries.levels_for_the_plan`."""
    return _about(event_types.RESULT_AGREED, row, **_result(row, levels), agreed_on=agreed_on)


def result_signed_off(
    row: Row[Any], levels: Mapping[str, Any], *, agreed_on: date, signed_on: date, meeting_on: date
) -> Event:
    """The signed levels, for the plan."""
    return _about(
        event_types.RESULT_SIGNED_OFF,
        row,
        **_result(row, levels),
        agreed_on=agreed_on,
        signed_off_on=signed_on,
        meeting_on=meeting_on,
    )


def round_corrected(row: Row[Any], *, corrected_on: date, meeting_on: date, revision: int, items: int) -> Event:
    """A signed result was put right; the reason stays with the organisation."""
    return _about(
        event_types.ROUND_CORRECTED,
        row,
        corrected_on=corrected_on,
        meeting_on=meeting_on,
        revision=revision,
        items_corrected=items,
    )


def result_corrected(row: Row[Any], levels: Mapping[str, Any], *, corrected_on: date, revision: int) -> Event:
    """The levels after a correction, in full, for the plan."""
    return _about(
        event_types.RESULT_CORRECTED, row, **_result(row, levels), corrected_on=corrected_on, revision=revision
    )


def result_withdrawn(row: Row[Any], *, withdrawn_on: date, how: str) -> Event:
    """The agreed levels hold no longer, for good or until they are agreed anew; `how` is a code of the contract."""
    return _about(event_types.RESULT_WITHDRAWN, row, org_id=row.org_id, withdrawn_on=withdrawn_on, withdrawn_code=how)


def decision_recorded(row: Row[Any], *, recorded_on: date, confirm_by: date) -> Event:
    """The secretary wrote down the board's decision; the chair or chief executive confirms it."""
    return _about(
        event_types.ROUND_DECISION_RECORDED,
        row,
        meeting_on=row.decision_meeting_on,
        recorded_on=recorded_on,
        confirm_by=confirm_by,
    )


def item_asked_about(row: Row[Any], item_id: str, question_id: UUID, asked_on: date) -> Event:
    """Somebody of the board asked about an item; the words stay with the organisation."""
    return _about(event_types.ITEM_ASKED_ABOUT, row, item_id=item_id, question_id=str(question_id), asked_on=asked_on)


def item_question_answered(row: Row[Any], question: Row[Any], answered_on: date) -> Event:
    """The question was answered; whoever asked is told."""
    return _about(
        event_types.ITEM_QUESTION_ANSWERED,
        row,
        item_id=question.item_id,
        question_id=str(question.id),
        asked_by_id=question.asked_by,
        answered_on=answered_on,
    )


def progress_visibility_changed(org_id: str, *, visible: bool, changed_on: date) -> Event:
    """Whether the ICB sees the organisation's progress."""
    data = {"org_id": org_id, "visible": visible, "changed_on": changed_on}
    return Event(event_types.PROGRESS_VISIBILITY_CHANGED, org_id, data)


def sharing_proposed(row: Row[Any], proposed: Sequence[str], proposed_on: date) -> Event:
    """The lead prepared what to share; the chair decides."""
    return _about(event_types.SHARING_PROPOSED, row, proposed_on=proposed_on, proposed=list(proposed))


def summary_shared(
    row: Row[Any], *, sharing_id: str, audience_tenant: str, granted_on: date, valid_until: date | None
) -> Event:
    """The ICB may read the practice summary, at the depth that was decided, until a day or until it is stopped."""
    return _about(
        event_types.SHARING_GRANTED,
        row,
        **_summary_for(sharing_id, audience_tenant),
        granted_on=granted_on,
        valid_until=valid_until,
    )


def summary_withdrawn(row: Row[Any], *, sharing_id: str, audience_tenant: str, stopped_on: date, why: str) -> Event:
    """The ICB may read it no longer; `why` is a stop_code of the event's contract."""
    return _about(
        event_types.SHARING_STOPPED,
        row,
        **_summary_for(sharing_id, audience_tenant),
        stopped_on=stopped_on,
        stop_code=why,
    )


def counted(row: Row[Any], practice_levels: Mapping[str, int], contributed_on: date) -> Event:
    """The organisation lets its practice levels be counted, unnamed."""
    data = {
        "org_id": row.org_id,
        "round_id": str(row.id),
        "question_set_id": row.question_set_id,
        "contributed_on": contributed_on,
        "practices": [{"practice_id": key, "level": level} for key, level in practice_levels.items()],
    }
    return Event(event_types.CONTRIBUTION_MADE, row.org_id, data)


def no_longer_counted(row: Row[Any], stopped_on: date) -> Event:
    """The organisation is not counted in figures prepared from now on."""
    data = {
        "org_id": row.org_id,
        "round_id": str(row.id),
        "stopped_on": stopped_on,
        "stop_code": "organisation_stopped",
    }
    return Event(event_types.CONTRIBUTION_STOPPED, row.org_id, data)


def _about_draft(event_type: str, draft: Row[Any], **data: Any) -> Event:
    about = {
        "question_set_id": draft.question_set_id,
        "draft_id": str(draft.id),
        "worked_on_ids": sorted(draft.worked_on_by),
    }
    return Event(event_type, draft.question_set_id, about | data)


def _about(event_type: str, row: Row[Any], *, actor: bool = True, **data: Any) -> Event:
    return Event(event_type, str(row.id), {"round_id": str(row.id), **data}, actor=actor)


def _waiting(row: Row[Any], days_left: int, invited: int, not_finished: Sequence[str]) -> dict[str, Any]:
    return {
        "closes_on": row.closes_on,
        "discussion_on": row.discussion_on,
        "days_left": days_left,
        "invited": invited,
        "finished": invited - len(not_finished),
        "not_finished_ids": sorted(not_finished),
    }


def _result(row: Row[Any], levels: Mapping[str, Any]) -> dict[str, Any]:
    return {"org_id": row.org_id, "question_set_id": row.question_set_id, **levels}


def _summary_for(sharing_id: str, audience_tenant: str) -> dict[str, Any]:
    return {
        "sharing_id": sharing_id,
        "what": "summary",
        "audience_kind": "icb",
        "audience_tenant": audience_tenant,
    }
