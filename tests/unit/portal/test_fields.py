"""What we write by hand, because NHS.UK's macros cost a millisecond each, is the same HTML as the macros'."""

from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from services.portal.forms import Typed


class Visit:
    """As much of a visit as fields look at."""

    def __init__(self, typed: Typed, error: str | None = None) -> None:
        self.typed, self.form_key, self._error = typed, "key", error

    def error_for(self, _: str) -> str | None:
        return self._error


class Shape(HTMLParser):
    """The elements, attributes and words of some HTML, without blanks."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[Any] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, {name: " ".join((value or "").split()) for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if words := " ".join(data.split()):
            self.parts.append(words)


@pytest.fixture(scope="module")
def templates() -> Environment:
    """Return the templates as the portal sets them up."""
    loaders = [PackageLoader("services.portal", "templates"), PackageLoader("nhsuk_frontend_jinja")]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["csrf_token"] = lambda: "token"
    return environment


def rendered(templates: Environment, source: str, **context: Any) -> list[Any]:
    """Return the shape of a template."""
    imports = '{% import "parts/fields.html" as f with context %}{% import "parts/show.html" as show %}'
    return Shape(templates.from_string(imports + source).render(**context)).parts


OPTIONS = [
    {"value": "1", "text": "Starting", "hint": "A few people try it."},
    {"value": "2", "text": "Developing"},
    {"value": "3", "text": "<b>Bold</b>"},
]


@pytest.mark.parametrize("error", [None, "Choose a level."])
def test_our_radios_are_the_macros_radios(templates: Environment, error: str | None) -> None:
    visit = Visit(Typed({"level": ["2"]}), error)
    items = [
        {"value": one["value"], "text": one["text"], "hint": {"text": one["hint"]} if "hint" in one else None}
        for one in OPTIONS
    ]
    theirs = """{% from "nhsuk/components/radios/macro.jinja" import radios %}
        {{ radios({"name": "level", "idPrefix": "level", "value": "2", "items": items, "hint": {"text": "One of five."},
        "errorMessage": {"text": error} if error,
        "fieldset": {"legend": {"text": "Which level?", "size": "m"}}}) }}"""

    ours = rendered(
        templates, '{{ f.radios("level", "Which level?", options, hint="One of five.") }}', visit=visit, options=OPTIONS
    )

    assert ours == rendered(templates, theirs, items=items, error=error)


def test_our_checkboxes_are_the_macros_checkboxes(templates: Environment) -> None:
    visit = Visit(Typed({"kind": ["1", "3"]}))
    items = [{"value": one["value"], "text": one["text"], "checked": one["value"] in {"1", "3"}} for one in OPTIONS]
    theirs = """{% from "nhsuk/components/checkboxes/macro.jinja" import checkboxes %}{{ checkboxes({"name": "kind",
        "idPrefix": "kind", "items": items, "fieldset": {"legend": {"text": "Which?", "size": "m"}}}) }}"""
    plain = [{"value": one["value"], "text": one["text"]} for one in OPTIONS]

    ours = rendered(templates, '{{ f.checkboxes("kind", "Which?", options) }}', visit=visit, options=plain)

    assert ours == rendered(templates, theirs, items=items)


FIELDS = {
    "text": (
        '{{ f.text("name", "Name", hint="H", value="<x>", width=10, size="m") }}',
        """{% from "nhsuk/components/input/macro.jinja" import input %}{{ input({"id": "name", "name": "name",
        "type": "text", "value": "<x>", "width": 10, "label": {"text": "Name", "size": "m"}, "hint": {"text": "H"},
        "errorMessage": {"text": error} if error}) }}""",
    ),
    "an address": (
        '{{ f.text("name", "Name", type="email", autocomplete="email", inputmode="email") }}',
        """{% from "nhsuk/components/input/macro.jinja" import input %}{{ input({"id": "name", "name": "name",
        "type": "email", "value": "", "autocomplete": "email", "inputmode": "email", "spellcheck": false,
        "label": {"text": "Name"}, "errorMessage": {"text": error} if error}) }}""",
    ),
    "a longer text": (
        '{{ f.area("name", "Why?", hint="H", value="<x>", rows=3, size="s") }}',
        """{% from "nhsuk/components/textarea/macro.jinja" import textarea %}{{ textarea({"id": "name", "name": "name",
        "rows": 3, "value": "<x>", "label": {"text": "Why?", "size": "s"}, "hint": {"text": "H"},
        "errorMessage": {"text": error} if error}) }}""",
    ),
    "a list": (
        '{{ f.select("name", "Which?", options, hint="H", value="2") }}',
        """{% from "nhsuk/components/select/macro.jinja" import select %}{{ select({"id": "name", "name": "name",
        "items": items, "label": {"text": "Which?"}, "hint": {"text": "H"},
        "errorMessage": {"text": error} if error}) }}""",
    ),
}


@pytest.mark.parametrize("error", [None, "Say <which>."])
@pytest.mark.parametrize("field", FIELDS)
def test_our_fields_are_the_macros_fields(templates: Environment, field: str, error: str | None) -> None:
    ours, theirs = FIELDS[field]
    visit = Visit(Typed({}), error)
    plain = [{"value": one["value"], "text": one["text"]} for one in OPTIONS]
    items = [option | {"selected": option["value"] == "2"} for option in plain]

    assert rendered(templates, ours, visit=visit, options=plain) == rendered(
        templates, theirs, items=items, error=error
    )


def test_a_longer_text_comes_back_as_it_was_typed(templates: Environment) -> None:
    source = '{% import "parts/fields.html" as f with context %}{{ f.area("name", "Why?", value="  one\n\ntwo ") }}'

    page = templates.from_string(source).render(visit=Visit(Typed({})))

    assert ">  one\n\ntwo </textarea>" in page


def test_our_tag_is_the_macros_tag(templates: Environment) -> None:
    theirs = (
        '{% from "nhsuk/components/tag/macro.jinja" import tag %}{{ tag({"text": "On track", "colour": "green"}) }}'
    )

    assert rendered(templates, '{{ show.tag(("On track", "green")) }}') == rendered(templates, theirs)


def test_the_table_of_a_range_is_the_macros_table_with_a_bar_that_screen_readers_skip(templates: Environment) -> None:
    shape = rendered(
        templates, '{{ show.range_table({"1": 3, "2": 1}, [(1, "Starting"), (2, "Developing")], "Views") }}'
    )

    texts = [part for part in shape if isinstance(part, str) and not part.startswith("/")]
    assert texts == ["Views", "Level", "People", "Starting", "3", "Developing", "1"]
    assert [
        part[1]["width"] for part in shape if isinstance(part, tuple) and part[1].get("class") == "app-range__bar"
    ] == [
        "100",
        "33",
    ]


@pytest.mark.parametrize(
    "field", ['f.text("why", "Why?")', 'f.area("why", "Why?")', 'f.select("why", "Why?", options)']
)
def test_what_was_typed_is_escaped_in_every_field(templates: Environment, field: str) -> None:
    attack = '"><script>alert(1)</script>'
    visit = Visit(Typed({"why": [attack]}), error=attack)
    options = [{"value": attack, "text": attack}]

    shape = rendered(templates, "{{ " + field + " }}", visit=visit, options=options)

    assert not [part for part in shape if isinstance(part, tuple) and part[0] == "script"]


def test_a_field_shows_what_was_typed_before_what_is_stored(templates: Environment) -> None:
    typed = rendered(templates, '{{ f.text("a", "A", value="stored") }}', visit=Visit(Typed({"a": [""]})))
    untouched = rendered(templates, '{{ f.text("a", "A", value="stored") }}', visit=Visit(Typed()))

    assert [part[1].get("value", "") for part in typed if isinstance(part, tuple) and part[0] == "input"] == [""]
    assert [part[1]["value"] for part in untouched if isinstance(part, tuple) and part[0] == "input"] == ["stored"]


@pytest.fixture(scope="module")
def layout(templates: Environment) -> list[str]:
    """Return the lines of the frame around every page."""
    assert templates.loader is not None
    return templates.loader.get_source(templates, "layout.html")[0].splitlines()


def test_our_frame_is_the_library_s_frame(templates: Environment, layout: list[str]) -> None:
    theirs = """{% from "nhsuk/components/skip-link/macro.jinja" import skipLink %}
        {% from "nhsuk/components/footer/macro.jinja" import footer %}
        {{ skipLink({"href": "#maincontent", "text": "Skip to main content"}) }}
        {{ footer({"navigation": {"items": [
          {"href": "/accessibility", "text": "Accessibility statement"},
          {"href": "/data-protection", "text": "How we handle your data"},
          {"href": "/help", "text": "Help and glossary"},
          {"href": "/status", "text": "Is the service working?"}
        ]}, "copyright": {"text": "Demonstration software. Not an NHS England service."}}) }}"""
    skip_link = next(line for line in layout if "nhsuk-skip-link" in line)

    assert rendered(templates, skip_link + '{% include "parts/footer.html" %}') == rendered(templates, theirs)


def test_our_page_s_skeleton_is_the_library_s_skeleton(templates: Environment, layout: list[str]) -> None:
    """What their page says around what a service fills in: language, view port, and the script of the body."""
    theirs = templates.get_template("nhsuk/template.jinja").render(cspNonce="n")
    wanted = [
        line.strip()
        for line in theirs.splitlines()
        if line.strip().startswith(
            ("<!DOCTYPE", "<html", "<meta charset", '<meta name="viewport"', "<script", "</html")
        )
        or 'name="theme-color"' in line
    ]

    large = '{% if large %} class="app-large"{% endif %}'
    ours = [line.strip().replace("{{ nonce }}", "n").replace(large, "") for line in layout]
    assert wanted
    assert [line for line in wanted if line not in ours] == []
