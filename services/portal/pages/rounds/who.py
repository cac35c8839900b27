"""Which roles open which pages, and what a page says about who else can see it; the services check again."""

from services.portal.page import WhoCanSee
from shared.contracts.roles import Role, answering_somewhere

RUNNERS = frozenset({Role.IMPROVEMENT_LEAD, Role.PLACE_CONVENOR})
"""Run a self-assessment and record the discussion."""
ORGANISERS = RUNNERS | {Role.COMPANY_SECRETARY}
"""Set dates and invite."""
SIGNERS = frozenset({Role.CHAIR, Role.CHIEF_EXECUTIVE, Role.PLACE_CONVENOR})
DECIDERS = frozenset({Role.CHAIR, Role.PLACE_CONVENOR})
"""Decide what leaves the organisation."""
BOARD = ORGANISERS | SIGNERS | {Role.BOARD_MEMBER}
INVITABLE = frozenset(answering_somewhere())
"""Can be asked to answer in some kind of organisation."""
SEES_SHARING = BOARD | {Role.ACCESS_MANAGER}

BY_US = "People of your organisation who were asked to answer, or who run or sign its self-assessments."
_BOARD = "Your board and those who run its self-assessments."
_NOBODY_OUTSIDE = f"{_BOARD} Nobody outside your organisation can see it."
BY_THE_BOARD = WhoCanSee(f"{_BOARD} Your ICB and NHS England cannot see it.", _NOBODY_OUTSIDE)
"""What is never shared: views, evidence, and levels before they are signed."""
BY_THE_BOARD_AND_SHARED = WhoCanSee(
    f"{_BOARD} Your ICB sees only what your chair chose to show it; NHS England never sees it by name.",
    _NOBODY_OUTSIDE,
)
"""What was signed: the chair may have shown some of it, and let it be counted."""
BY_YOU_ALONE = WhoCanSee(
    "Only you. Nobody in your organisation, your ICB or NHS England can see your answers.",
    "Only you. Nobody else, in your organisation or outside it, can see your answers.",
)
BY_ORGANISERS = "Those who run self-assessments in your organisation."
