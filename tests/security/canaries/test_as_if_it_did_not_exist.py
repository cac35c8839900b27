"""T3 and T13: what is somebody else's looks exactly as if it did not exist, wherever a request names it.

In an address, in a query or in a body; asked for by strangers, and named by the trust's own people in requests that
are rightly theirs. Where nothing is named, what a list counts tells a neighbour no more than somebody far away.
"""

from collections.abc import Mapping

from shared.contracts.roles import Level, role_register
from shared.testing.world import Person
from tests.security.canaries.recording import Scene, Sent
from tests.security.canaries.strangers import client_of, newcomers, of_a_sister
from tests.security.canaries.sweeping import (
    PUBLIC_REGISTER,
    apart_from,
    exactly,
    made_up,
    nothing_like,
    rightly_reads,
)
from tests.security.test_route_matrix import declared

REFUSED = (401, 403, 404)


def _may_ask(scene: Scene, sent: Sent, name: str) -> bool:
    """Tell whether the route lets a stranger in; whom it does not is refused before anything is looked up."""
    who = declared(scene.service)[sent.route]["who"]
    return not isinstance(who, list) or any(name.startswith(role) for role in who)


def test_an_address_of_somebody_elses_looks_like_one_that_leads_nowhere(
    scene: Scene, strangers: Mapping[str, Person | None]
) -> None:
    nothings, told_apart = made_up(scene), []
    for sent in scene.service.sent.values():
        real, elsewhere = sent.in_other_words(), sent.naming(nothings).in_other_words()
        if real.path == elsewhere.path or sent.route in PUBLIC_REGISTER:
            continue
        for name, person in strangers.items():
            if not _may_ask(scene, sent, name) or rightly_reads(scene, sent, name):
                continue
            client = client_of(scene, person)
            found, nothing = real.again(client), elsewhere.again(client)
            if exactly(found) != exactly(nothing) or found.status_code not in REFUSED:
                told_apart.append(f"{sent.route} as {name}: {found.status_code}, made up {nothing.status_code}")

    assert told_apart == []


def test_an_id_of_somebody_elses_in_query_or_body_looks_like_one_that_nothing_has(
    scene: Scene, strangers: Mapping[str, Person | None]
) -> None:
    nothings, told_apart = made_up(scene), []
    names = {*nothings, *nothings.values()}
    for sent in scene.service.sent.values():
        real, without = sent.in_other_words(), sent.naming(nothings).in_other_words()
        if real.path != without.path or real.options == without.options:
            continue
        for name, person in strangers.items():
            if not _may_ask(scene, sent, name) or rightly_reads(scene, sent, name):
                continue
            client = client_of(scene, person)
            found, nothing = real.again(client), without.again(client)
            if apart_from(found, names) != apart_from(nothing, names):
                told_apart.append(f"{sent.route} as {name}: {found.status_code}, made up {nothing.status_code}")

    assert told_apart == []


def test_a_request_of_ones_own_that_names_somebody_elses_thing_finds_none(scene: Scene) -> None:
    """One id at a time: of two at once, the first that is refused would hide the other."""
    abroad, tried, told_apart = of_a_sister(scene), 0, []
    for sent in scene.service.sent.values():
        for ours, foreign in abroad.items():
            if sent.sender is None or sent.saying({ours: foreign}) == sent:
                continue
            tried, made_up_one, client = tried + 1, nothing_like(scene, ours), client_of(scene, sent.sender)
            found, nothing = (sent.saying({ours: other}).again(client) for other in (foreign, made_up_one))
            names = (ours, foreign, made_up_one)
            if apart_from(found, names) != apart_from(nothing, names):
                told_apart.append(f"{sent.route}: {found.status_code}, made up {nothing.status_code}")

    assert told_apart == []
    assert tried


def test_lists_tell_a_neighbour_no_more_than_somebody_far_away(scene: Scene) -> None:
    """T13: totals, sizes, versions and order, in body and headers, for each role that a trust has."""
    told_apart = []
    asked = [sent for sent in scene.service.sent.values() if sent.method == "GET" and not _names_anything(scene, sent)]
    for role in (role for role, entry in role_register().items() if entry.level in (Level.TRUST, Level.PLACE)):
        near, far = newcomers(scene, role)
        for sent in asked:
            answers = [apart_from(sent.again(client_of(scene, each)), _own_names(sent, each)) for each in (near, far)]
            if answers[0] != answers[1]:
                told_apart.append(f"{sent.route} as {role}: {answers[0][:2]} {answers[1][:2]}")

    assert asked
    assert told_apart == []


def _names_anything(scene: Scene, sent: Sent) -> bool:
    return sent.naming(made_up(scene)) != sent


def _own_names(sent: Sent, person: Person) -> tuple[str, ...]:
    return () if sent.route in PUBLIC_REGISTER else (person.org_id, person.tenant_id, person.person_id)
