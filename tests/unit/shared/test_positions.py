"""Positions of a consumer: asked for once each, then a few at a time."""

from shared.positions import ASKED_AGAIN, Place, Positions

PLACES: list[Place] = [("impact.assessment", number) for number in range(7)]


class Client:
    """Answers where it stands, and notes what it was asked."""

    def __init__(self) -> None:
        self.position = dict.fromkeys(PLACES, 10)
        self.asked: list[Place] = []

    def ask(self, place: Place) -> int | None:
        self.asked.append(place)
        return self.position.get(place)


def test_every_partition_is_asked_for_once_and_a_few_at_each_look_after_that() -> None:
    client, positions = Client(), Positions()

    positions.refresh(PLACES, client.ask)
    first, client.asked = client.asked, []
    positions.refresh(PLACES, client.ask)

    assert sorted(first) == PLACES
    assert len(client.asked) == ASKED_AGAIN
    assert positions.of == dict.fromkeys(PLACES, 10)


def test_what_was_read_moves_a_position_without_asking() -> None:
    client, positions = Client(), Positions()
    positions.refresh(PLACES, client.ask)

    positions.note(PLACES[6], 42)

    assert positions.of[PLACES[6]] == 42


def test_a_partition_that_another_member_read_meanwhile_is_known_again_after_a_few_looks() -> None:
    client, positions = Client(), Positions()
    positions.refresh(PLACES, client.ask)
    client.position = dict.fromkeys(PLACES, 99)

    for _ in range(3):
        positions.refresh(PLACES, client.ask)

    assert set(positions.of.values()) == {99}


def test_a_partition_that_is_not_ours_is_forgotten_and_asked_for_when_it_comes_back() -> None:
    client, positions = Client(), Positions()
    positions.refresh(PLACES, client.ask)

    positions.refresh(PLACES[:1], client.ask)
    client.asked.clear()
    positions.refresh(PLACES[:2], client.ask)

    assert set(positions.of) == set(PLACES[:2])
    assert PLACES[1] in client.asked


def test_a_position_that_is_not_known_yet_is_left_out() -> None:
    client, positions = Client(), Positions()
    del client.position[PLACES[0]]

    positions.refresh(PLACES, client.ask)

    assert PLACES[0] not in positions.of
