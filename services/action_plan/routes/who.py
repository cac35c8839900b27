"""Which roles may do what, said once for all routes."""

from shared.contracts.roles import Role

LEADS = (Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR)
"""Look after the plan; a place's convenor looks after its own."""

DELEGATES = (Role.COMPANY_SECRETARY,)
"""Prepare for those who look after the plan."""

ASKS_FOR_APPROVAL = (*LEADS, *DELEGATES)

APPROVERS = (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR)
DECIDERS = (Role.CHAIR, Role.PLACE_CONVENOR)
"""Decide what leaves the organisation."""

SEES_LEVELS = (Role.BOARD_MEMBER, Role.CHAIR, Role.CHIEF_EXECUTIVE, *ASKS_FOR_APPROVAL)
"""Read what the board agreed and what is suggested from it."""

READERS = (*SEES_LEVELS, Role.ACTION_OWNER)
"""Read the plan. Any of them may own an action; whether they do is the command's business."""

SEES_SHARING = (*SEES_LEVELS, Role.ACCESS_MANAGER)
"""What the organisation shares is no secret inside it; its access manager looks after it."""
