"""Which roles may do what, said once for all routes."""

from shared.contracts.roles import Role, answering_somewhere

RUNNERS = (Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR)
"""Run a self-assessment and record the discussion; a place's convenor runs its own."""

ORGANISERS = (*RUNNERS, Role.COMPANY_SECRETARY)
"""Set dates, invite, and add what shows what is true."""

DELEGATES = (Role.COMPANY_SECRETARY,)
"""Set dates, invite, upload and record for those who run a self-assessment or sign it; never answer for them."""

SIGNERS = (Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR)
DECIDERS = (Role.CHAIR, Role.PLACE_CONVENOR)
"""Decide what leaves the organisation."""

BOARD = (Role.BOARD_MEMBER, Role.CHAIR, Role.CHIEF_EXECUTIVE, *ORGANISERS)
"""Read rounds, the discussion and results."""

INVITABLE = answering_somewhere()
"""Can be asked to answer in some kind of organisation; whether one may be, and was, is the command's business."""

SEES_SHARING = (*BOARD, Role.ACCESS_MANAGER)
"""What the organisation shares is no secret inside it; its access manager looks after it."""
