"""What a private reflection may hold and what its summary says."""

import pytest
import yaml

from services.competency_framework.commands import FILES
from services.competency_framework.domain import reflections
from services.competency_framework.domain.frameworks import Framework, FrameworkUnusable, parse


@pytest.fixture
def framework() -> Framework:
    """Return the framework that is shipped."""
    return parse(yaml.safe_load((FILES / "improvement-leadership-2026-1.yaml").read_text()))


def _all(framework: Framework, frequency: str) -> dict[str, str]:
    return dict.fromkeys(framework.domain_of_statement(), frequency)


def test_a_framework_with_a_doubled_statement_cannot_be_used(framework: Framework) -> None:
    doubled = dict(framework.content) | {"domains": [framework.content["domains"][0]] * 2}

    with pytest.raises(FrameworkUnusable):
        parse(doubled)


def test_a_framework_that_lacks_a_part_says_which(framework: Framework) -> None:
    with pytest.raises(FrameworkUnusable, match="scale"):
        parse({key: value for key, value in framework.content.items() if key != "scale"})


def test_an_answer_must_fit_the_framework(framework: Framework) -> None:
    statement = next(iter(framework.domain_of_statement()))

    reflections.check_answer(framework, statement, "no_chance")
    with pytest.raises(reflections.UnknownStatement):
        reflections.check_answer(framework, "made-up", "frequently")
    with pytest.raises(reflections.UnknownFrequency):
        reflections.check_answer(framework, statement, "sometimes")


def test_finishing_names_what_is_missing(framework: Framework) -> None:
    answered = _all(framework, "frequently")
    missing = answered.popitem()[0]

    with pytest.raises(reflections.NotFinishedYet) as refused:
        reflections.check_finished(framework, answered)

    assert refused.value.extra == {"missing": [missing]}


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        (["almost_always", "frequently", "frequently", "rarely_or_never"], "strong"),
        (["almost_always", "occasionally"], "mixed"),
        (["frequently", "occasionally", "rarely_or_never"], "thin"),
        (["no_chance", "no_chance"], "no_chance"),
        (["no_chance", "frequently"], "strong"),
    ],
)
def test_how_often_becomes_one_word(answers: list[str], word: str) -> None:
    assert reflections.in_words(answers) == word


def test_a_summary_shows_only_the_domains_that_were_chosen(framework: Framework) -> None:
    chosen = list(framework.domains())[:2]

    summary = reflections.summary(framework, _all(framework, "frequently"), chosen)

    assert [part["domain"] for part in summary] == chosen
    assert {part["word"] for part in summary} == {"strong"}


@pytest.mark.parametrize("domains", [[], ["made-up"]])
def test_a_summary_of_nothing_is_refused(framework: Framework, domains: list[str]) -> None:
    with pytest.raises(reflections.NothingToShare):
        reflections.summary(framework, _all(framework, "frequently"), domains)
