"""A release replaces whoever reads events before whoever tells new kinds of them: the steps that an operator copies."""

import re

import pytest

from deploy.containers.kubernetes import FOLDER
from shared.catalogue import topics


def steps() -> dict[str, int]:
    """Return in which step of the instructions each service is replaced."""
    told = re.findall(r"^  && release ([a-z -]+?)(?: \\)?$", (FOLDER / "README.md").read_text(), re.MULTILINE)
    return {
        service.replace("-", "_"): number for number, services in enumerate(told) for service in services.split(" ")
    }


@pytest.mark.parametrize("owner", ["assessment", "directory"])
def test_whoever_reads_its_events_is_replaced_in_an_earlier_step(owner: str) -> None:
    readers = {reader for topic in topics().values() if topic.owner == owner for reader in topic.consumers} - {owner}
    step = steps()

    assert readers
    assert [reader for reader in sorted(readers) if step[reader] >= step[owner]] == []
