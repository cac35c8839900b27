"""The demonstration's story waits for its people on pages that are refused until a service has heard of them."""

from pathlib import Path

import pytest
import yaml

from deploy.local.demo.heard_of import PLACES

MATRIX = yaml.safe_load((Path(__file__).parents[2] / "security" / "route_matrix.yaml").read_text())


@pytest.mark.parametrize("service", PLACES)
def test_the_page_waited_for_lets_in_exactly_those_who_are_waited_for(service: str) -> None:
    path, roles = PLACES[service]

    who = MATRIX[service][f"GET /v1{path}"]["who"]

    if roles is None:
        assert who == "signed in"
    else:
        assert roles <= set(who)
