"""Everybody whose work it is not: each role there is, at a sister trust, at the ICB, elsewhere, nationally, unknown."""

from shared.contracts.roles import Level, Role, role_register
from shared.testing.service_under_test import Client
from shared.testing.world import Person
from tests.security.canaries.recording import Scene

THE_ICB = "the trust's ICB"
UNKNOWN = "somebody who has not signed in"


def strangers(scene: Scene) -> dict[str, Person | None]:
    """Return each of them by a name that says where they stand; None has not signed in."""
    world = scene.service.world
    elsewhere = world.tenant()
    places = {"a sister trust": world.trust(scene.tenant), "a trust of another ICB": world.trust(elsewhere)}
    icbs = {THE_ICB: scene.tenant, "another ICB": elsewhere}
    found: dict[str, Person | None] = {UNKNOWN: None}
    for role, entry in role_register().items():
        if entry.level is Level.TRUST or entry.level is Level.PLACE:
            found |= {f"{role} at {place}": world.person(org, role) for place, org in places.items()}
        elif entry.level is Level.ICB:
            found |= {f"{role} of {icb}": world.person(org, role) for icb, org in icbs.items()}
        elif role is not Role.NOTIFICATION_SENDER:
            found[str(role)] = world.national(role)
    return found


def stands_at(name: str, place: str) -> bool:
    """Tell whether the stranger of this name stands at `place`."""
    return name.endswith(f" of {place}")


def client_of(scene: Scene, person: Person | None) -> Client:
    """Return a client with a fresh token: a sweep on a slow machine outlasts one."""
    return scene.service.client(person) if person else scene.service.client_with(None)
