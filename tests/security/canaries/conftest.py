"""One scene a service, told once, and the strangers who try everything in it."""

import importlib
from collections.abc import Iterator, Mapping

import pytest

from shared.config import AwsConfig
from shared.storage import FileStore
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.security.canaries.planting import write_over
from tests.security.canaries.recording import Recording, Scene
from tests.security.canaries.strangers import strangers as all_strangers
from tests.security.test_route_matrix import SERVICES


@pytest.fixture(scope="module", params=SERVICES)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, aws: AwsConfig) -> Iterator[Scene]:
    """Return each service with a trust's work in it, a canary in every column that may hold somebody's words."""
    service: ServiceUnderTest = request.getfixturevalue(request.param)
    story = importlib.import_module(f"tests.security.canaries.{request.param}_scene")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(service.app.extensions, "files", FileStore(aws))
        told: Scene = story.tell(Recording.of(service, store=aws), tmp_path_factory.mktemp("scene"))
        _look_somebody_up(told)
        told.service.unheard = True
        told.without_canary = write_over(told)
        yield told


def _look_somebody_up(scene: Scene) -> None:
    """Ask for the lines about somebody by their id, as one may in every service."""
    lines = scene.service.client(scene.author).get("/v1/audit", query_string={"person_id": scene.author.person_id})
    assert lines.status_code == 200, lines.json


@pytest.fixture(scope="module")
def strangers(scene: Scene) -> Mapping[str, Person | None]:
    """Return everybody whose work it is not."""
    return all_strangers(scene)
