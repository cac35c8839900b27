"""The picture of what flows where is drawn from the model, and the one that is kept is current."""

from deploy.data_flow import FILE, flows, personal_data, render, topics
from deploy.processes import processes
from infra.kafka.topics import read_topics


def test_the_picture_that_is_kept_is_current() -> None:
    assert FILE.read_text() == render(), "run: python -m deploy.data_flow"


def test_every_service_and_every_topic_is_in_it() -> None:
    drawn = "\n".join([*flows(), *topics()])

    assert all(f"schema_{process.service}" in drawn for process in processes())
    assert {topic.name for topic in read_topics() if f"/{topic.name}/" in drawn} == {
        topic.name for topic in read_topics() if topic.is_used
    }
    assert all(topic.name in render() for topic in read_topics())


def test_only_the_portal_asks_as_a_person_and_only_notification_asks_for_addresses() -> None:
    asking = {flow.split(" ")[0] for flow in flows() if "asks as the person" in flow}
    addresses = {flow for flow in flows() if "addresses" in flow}

    assert asking == {"portal"}
    assert addresses == {"notification -->|addresses| directory"}


def test_private_answers_are_listed_where_they_lie() -> None:
    listed = [row for row in personal_data() if row.startswith("| assessment |")]

    assert any("answer" in row for row in listed)
