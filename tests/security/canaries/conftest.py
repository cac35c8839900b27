"""One scene a service, told once, and the strangers who try everything in it."""

import importlib
from collections.abc import Mapping

import pytest

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.security.canaries.planting import write_over
from tests.security.canaries.recording import Recording, Scene
from tests.security.canaries.strangers import strangers as all_strangers
from tests.security.test_route_matrix import SERVICES


@pytest.fixture(scope="module", params=SERVICES)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return each service with a trust's work in it, a canary in every column that may hold somebody's words."""
    service: ServiceUnderTest = request.getfixturevalue(request.param)
    story = importlib.import_module(f"tests.security.canaries.{request.param}_scene")
    told: Scene = story.tell(Recording.of(service), tmp_path_factory.mktemp("scene"))
    told.service.strangers = True
    told.without_canary = write_over(told)
    return told


@pytest.fixture(scope="module")
def strangers(scene: Scene) -> Mapping[str, Person | None]:
    """Return everybody whose work it is not."""
    return all_strangers(scene)
