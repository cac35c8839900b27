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
    """Tell whether the stranger of this name stands at `place`, or is exactly who is named."""
    return name == place or name.endswith(f" of {place}")


def client_of(scene: Scene, person: Person | None) -> Client:
    """Return a client with a fresh token: a sweep on a slow machine outlasts one."""
    return scene.service.client(person) if person else scene.service.client_with(None)


def newcomers(scene: Scene, role: Role) -> tuple[Person, Person]:
    """Return two people of one role who have done nothing yet: at a sister trust, and at a trust far away."""
    world = scene.service.world
    return world.person(world.trust(scene.tenant), role), world.person(world.trust(world.tenant()), role)


def of_a_sister(scene: Scene) -> dict[str, str]:
    """Return for the trust's code, for each of its people and whatever else it names one of a sister trust's."""
    world = scene.service.world
    sister = world.trust(scene.tenant)
    people = {one.person_id: world.person(sister, *one.roles).person_id for one in scene.people()}
    return {scene.org: sister, **people, **scene.foreign}
