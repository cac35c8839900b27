"""`make bench`: load a nation, measure, print the table and keep it."""

import argparse
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack

from infra.servers import ConnectionSettings, Profile, Servers
from services.assessment.worker import publish
from shared.catalogue import topics_read_by
from shared.testing.token_mint import TokenMint, open_mint
from tests.bench import machine, report
from tests.bench.assessments import A_MOMENT, BUSY_SECONDS, Assessments
from tests.bench.events import Flow
from tests.bench.nation import SMALL, Nation, Size, analyse, engine_of, load_register
from tests.bench.pages import Pages
from tests.bench.past_rounds import load_rounds
from tests.bench.rows import Row
from tests.bench.trusts import Monitoring, load_read_model
from tests.bench.web_process import further_logins, web_process
from tests.integration.portal.portal_under_test import open_portal
from tests.services import own_topics, service_under_test

PROFILE = "bench"
TIMES, SMALL_TIMES = 200, 5
EVENTS, SMALL_EVENTS = 100_000, 600
PARTS = ("assessments", "trusts", "pages", "events", "machine")


def main() -> int:
    """Run the parts that were asked for, all by default; 0 when every goal was met."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}")
    parser.add_argument("--small", action="store_true", help="a few trusts: whether the bench itself works")
    given = parser.parse_args()
    wanted = tuple(given.parts) or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    size = SMALL if given.small else Size()
    rows = []
    for row in on_own_servers(wanted, Nation(size), small=given.small):
        report.show(row)
        rows.append(row)
    missed = [row.what for row in rows if row.met is False]
    if wanted == PARTS and not given.small:
        report.keep(rows, f"{size.icbs} ICBs, {size.trusts} trusts, {size.years} years of self-assessments")
        print(f"\nKept in {report.KEPT}.")
    print(f"\n{len(missed)} goals missed: {'; '.join(missed)}." if missed else "\nEvery goal was met.")
    return 1 if missed else 0


def on_own_servers(wanted: Collection[str], nation: Nation, *, small: bool) -> Iterator[Row]:
    """Measure part after part on servers that are started for it and stopped; the whole system comes last."""
    profile = Profile(PROFILE)
    servers = Servers(profile, only=["postgres", "kafka"] if "events" in wanted else ["postgres"])
    settings = servers.start()
    try:
        yield from measured(wanted, nation, profile, settings, small=small)
    finally:
        servers.stop()
    if "machine" in wanted:
        yield from machine.whole_system(PROFILE, SMALL_TIMES if small else TIMES)


def measured(
    wanted: Collection[str], nation: Nation, profile: Profile, settings: ConnectionSettings, *, small: bool
) -> Iterator[Row]:
    """Measure what needs no more than a database and a broker, on servers that run."""
    times = SMALL_TIMES if small else TIMES
    with open_mint() as mint:
        if {"assessments", "pages"} & set(wanted):
            yield from _of_assessments(wanted, nation, profile, settings, mint, times)
        if "trusts" in wanted:
            yield from _of_trusts(nation, profile, settings, mint, times)
        if "events" in wanted:
            yield from _of_events(nation, settings, mint, SMALL_EVENTS if small else EVENTS)


def _of_assessments(
    wanted: Collection[str],
    nation: Nation,
    profile: Profile,
    settings: ConnectionSettings,
    mint: TokenMint,
    times: int,
) -> Iterator[Row]:
    with service_under_test("assessment", settings, mint, PROFILE) as assessment:
        publish(assessment.database)
        with engine_of(assessment.superuser_url, "assessment").begin() as connection:
            load_register(connection, nation)
            load_rounds(connection, nation)
        analyse(assessment.superuser_url)
        if "assessments" in wanted:
            with web_process(assessment, profile) as door:
                busy = BUSY_SECONDS if times == TIMES else A_MOMENT
                yield from Assessments(nation, door, times, busy).rows()
        if "pages" in wanted:
            with open_portal(settings, PROFILE) as portal:
                yield from Pages(nation, portal, assessment, times).rows()


def _of_trusts(
    nation: Nation, profile: Profile, settings: ConnectionSettings, mint: TokenMint, times: int
) -> Iterator[Row]:
    with service_under_test("insight", settings, mint, PROFILE) as insight:
        with engine_of(insight.superuser_url, "insight").begin() as connection:
            load_register(connection, nation)
            load_read_model(connection, nation)
        analyse(insight.superuser_url)
        with web_process(insight, profile, more=further_logins(insight)) as door:
            yield from Monitoring(nation, door, times).rows()


def _of_events(nation: Nation, settings: ConnectionSettings, mint: TokenMint, events: int) -> Iterator[Row]:
    topics = {topic.name for topic in topics_read_by("insight")}
    with ExitStack() as stack:
        teller = stack.enter_context(service_under_test("assessment", settings, mint, f"{PROFILE}_events"))
        listener = stack.enter_context(service_under_test("insight", settings, mint, f"{PROFILE}_events"))
        broker = stack.enter_context(own_topics(settings, PROFILE, topics))
        yield from Flow(nation, teller, listener, settings, broker, events).rows()


if __name__ == "__main__":
    sys.exit(main())
