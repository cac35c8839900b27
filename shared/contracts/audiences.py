"""The audience each service's tokens are for: the portal asks for it, the service refuses any other."""

from typing import Final

AUDIENCE_OF: Final = {
    "directory": "directory-api",
    "assessment": "assessment-api",
    "action_plan": "action-plan-api",
    "competency_framework": "competency-api",
    "notification": "notification-api",
    "insight": "insight-api",
}
