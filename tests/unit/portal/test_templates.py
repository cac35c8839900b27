"""Every template can be read: a slip of the pen in one is found before somebody opens its page."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

TEMPLATES = Path(__file__).parents[3] / "services" / "portal" / "templates"


@pytest.mark.parametrize("name", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")))
def test_a_template_can_be_read(name: str) -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters |= dict.fromkeys(("day", "time", "moment", "in_words", "role_words", "upper_first"), str)

    assert environment.get_template(name).name == name
