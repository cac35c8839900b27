"""The five practices, in our own plain words: illustrative, for people who have not met them before.

The short names are those under which NHS England published the practices; every other word is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: what it is, and what somebody would notice where it is well done."""

    name: str
    summary: str
    what: tuple[str, ...]
    good: tuple[str, ...]


PRACTICES: Mapping[str, Practice] = {
    "purpose-and-vision": Practice(
        "Building a shared purpose and vision",
        "Everybody knows what the organisation wants to get better at, and why.",
        (
            "A purpose is shared when the people who do the work and the people who use it helped to make it, and "
            "can say it in their own words.",
            "Improvement work then serves that purpose. Work that does not serve it is questioned and, often, stopped.",
        ),
        (
            "Ask anybody on a ward what the organisation is trying to improve: you hear much the same answer.",
            "Patients and carers were in the room when the purpose was written, and are there when it is reviewed.",
            "Board papers say which part of the purpose they serve.",
            "Success is told as a story about people, not only as a number.",
        ),
    ),
    "people-and-culture": Practice(
        "Investing in people and culture",
        "People have the time, the trust and the support to improve their own work.",
        (
            "Those who do the work know best where it hurts. This practice is about letting them change it.",
            "It asks leaders to notice how it feels to work here, and to act on what they notice.",
        ),
        (
            "Teams have time set aside for improvement, and it survives a busy winter.",
            "A good idea from a porter travels as far as one from a consultant.",
            "Managers ask before they tell.",
            "People say that they can make improvements happen, and the staff survey agrees with them.",
        ),
    ),
    "leadership-behaviours": Practice(
        "Developing leadership behaviours",
        "Leaders learn, listen, go and see, and help others to solve problems.",
        (
            "What leaders do every day shapes what everybody else believes is allowed.",
            "This practice is about habits: where leaders go, what they ask, and what they do with the answer.",
        ),
        (
            "Board members visit the places where care is given, to learn and not to inspect.",
            "A problem that is brought to a leader is met with a question, not with blame.",
            "The board works on its own learning, and says so.",
            "Leaders of different organisations solve shared problems together.",
        ),
    ),
    "capability-and-capacity": Practice(
        "Building improvement capability and capacity",
        "Enough people know how to improve, and have room to do it.",
        (
            "Improving is a skill. It can be taught, practised and coached.",
            "A shared method helps people from different teams to work on the same problem.",
        ),
        (
            "There is one way of improving that most people have met, and help for those who want to use it.",
            "Teams look at a few measures over time and can tell a real change from chance.",
            "New starters meet the method in their first weeks.",
            "People who use services are partners in the work, with training and support of their own.",
        ),
    ),
    "management-systems": Practice(
        "Embedding improvement into management systems and processes",
        "Goals, meetings and daily routines make improving the normal way to run things.",
        (
            "Improvement lasts when it is part of how the organisation plans, reviews and decides.",
            "This practice joins the board's few most important goals to what each team looks at every day.",
        ),
        (
            "Every team can say how its goals help with the organisation's few most important ones.",
            "Short daily meetings bring problems up, and answers come back down.",
            "The same few measures are used from the ward to the board.",
            "When a priority is added, something else is put down.",
        ),
    ),
}
