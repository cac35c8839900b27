"""The people of the demonstration: how to sign in as them, and what each will see."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from deploy.local.environment import portal_url
from deploy.local.steps import heading, say
from infra.keycloak.demo_people import CODE_SECONDS, credentials_of, load, one_time_code
from infra.servers import Profile

if TYPE_CHECKING:
    from deploy.local.system import System

WHAT_EACH_SEES = {
    "lena.lead": "improvement lead of Aldermere: runs the self-assessment, the discussion and the plan",
    "bola.member": "board member of Aldermere: own answers, agreed results, the plan",
    "chandra.chair": "chair of Aldermere: signs off, decides what is shared, approves the plan",
    "olu.owner": "action owner at Aldermere: own actions and the plan",
    "amir.access": "access manager of Aldermere: people, roles, audit log, what is shared",
    "iris.icb": "ICB lead of Northvale: how its trusts get on, and what they chose to share",
    "wyn.work": "chief executive of Merrowdale, with a work account: has signed off what the board agreed",
    "nell.lead": "improvement lead of the national body: may start its own self-assessment, which nobody else sees",
    "nora.analyst": "national analyst: published figures, and no trust's row",
    "ned.editor": "national editor: question sets and frameworks",
    "noor.admin": "national administrator: the register, and who manages access",
    "otto.operator": "operator: health, lag and dead letters, and no content",
}


def demo_secret(profile: Profile) -> str:
    """What passwords and second factors of this machine's demonstration are derived from."""
    return profile.password("demo people")


def say_code(system: System, username: str) -> int:
    """Print password and one-time code of one person; 1 when nobody has that name."""
    people = load()
    try:
        person = people.person(username)
    except KeyError:
        say(f"Nobody in the demonstration is called {username!r}. For example: make code USER=lena.lead")
        return 1
    password, otp_secret = credentials_of(person.username, demo_secret(system.profile))
    now = time.time()
    say(f"  {person.first_name} {person.last_name} ({person.username})")
    say(f"  password  {password}")
    say(f"  code      {one_time_code(otp_secret, now)}   for another {CODE_SECONDS - int(now) % CODE_SECONDS} s")
    return 0


def say_farewell(system: System) -> None:
    """Where to go and as whom, when everything is up."""
    password, _ = credentials_of("lena.lead", demo_secret(system.profile))
    heading("Open in a browser")
    say(f"  {portal_url(system.profile)}")
    heading(f"Sign in as (password {password}; the code: make code USER=…)")
    for username, sees in WHAT_EACH_SEES.items():
        say(f"  {username:<15} {sees}")
    say("  All of these people and organisations are fictional; so are their scores.\n")
