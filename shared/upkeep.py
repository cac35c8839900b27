"""What an operator does now and then to one service, each act with its audit row; the runbooks say when.

`python -m shared.upkeep <service> <command>`, with the settings of the service's scheduler:
`replay-dead-letters` handles dead letters again, `retry-due-work` gives back work that was given up, `check-audit` says
whether the chain of every tenant's audit trail bears out and reaches as far as the heads that are kept outside the
database (`--restored FROM TO` for each backup that was restored: when it was taken, and when work went on). Ends with 0
when all is well, 1 when something is not or could not be looked at.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select, update

from shared import audit, audit_heads, audit_seal
from shared.audit_heads import HeadKeeper
from shared.config import service_config
from shared.database import UnitOfWork
from shared.handling import EventHandling
from shared.mechanism import audit_seal as seals
from shared.mechanism import due_work
from shared.observability import configure_logging
from shared.replaying import replay_dead_letters
from shared.storage import FilesAway, FileStore
from shared.worker import database_of, parts_of

Period = Sequence[datetime]
"""From when and to when."""


def retry_due_work(uow: UnitOfWork, *, limit: int) -> int:
    """Make up to `limit` pieces of work that were given up due now, as if never tried; return how many. No commit."""
    row = due_work.c
    given_up = select(row.id).where(row.failed_at.is_not(None)).order_by(row.failed_at).limit(limit)
    again = (
        update(due_work)
        .where(row.id.in_(given_up.scalar_subquery()))
        .values(failed_at=None, attempts=0, last_error=None, due_at=uow.now)
        .returning(row.id)
    )
    found = uow.session.execute(again).scalars().all()
    for work_id in found:
        audit.record(uow, "work.given-back", "due_work", str(work_id))
    return len(found)


def broken_chains(uow: UnitOfWork) -> dict[str, int]:
    """Return the first position that does not bear out, by tenant; empty when every chain does."""
    tenants = uow.session.scalars(select(seals.c.tenant_id).distinct().order_by(seals.c.tenant_id)).all()
    firsts = {tenant: audit_seal.first_broken_position(uow, tenant) for tenant in tenants}
    return {tenant: position for tenant, position in firsts.items() if position is not None}


def _gaps(uow: UnitOfWork, keeper: HeadKeeper, restored: Sequence[Period]) -> list[str]:
    """Say for each tenant the first head that was kept and its trail lacks, and which ought to have been kept.

    A head that was kept between a backup and the end of its restoring is missing rightly. Raises FilesAway.
    """
    kept = keeper.kept()
    wanted = [head for head, at in kept.items() if not any(begin <= at <= end for begin, end in restored)]
    first_missing = {head.tenant_id: head for head in reversed(audit_heads.missing_heads(uow, wanted))}
    missing = [
        f"The audit trail of {head.tenant_id} lacks position {head.position} as it was kept on"
        f" {kept[head]:%Y-%m-%d %H:%M} UTC: its end was cut off, or this is an older copy."
        for head in first_missing.values()
    ]
    return missing + [
        f"No head of the audit trail of {head.tenant_id} was kept since position {head.position}."
        for head in audit_heads.unkept_heads(uow, wanted)
    ]


def check_audit(uow: UnitOfWork, keeper: HeadKeeper, restored: Sequence[Period]) -> list[str]:
    """Return what is wrong with the audit trail, in sentences; a place of heads that is away is wrong too."""
    wrong = [
        f"The audit trail of {tenant} does not bear out from position {position} on."
        for tenant, position in broken_chains(uow).items()
    ]
    try:
        return wrong + _gaps(uow, keeper, restored)
    except FilesAway as error:
        return [*wrong, f"The heads that were kept cannot be read ({error}), so a trail that was cut is not found."]


def _moment(given: str) -> datetime:
    """Read a date or a moment, in UTC where it does not say."""
    moment = datetime.fromisoformat(given)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared.upkeep")
    parser.add_argument("service")
    commands = parser.add_subparsers(dest="command", required=True)
    replay = commands.add_parser("replay-dead-letters")
    replay.add_argument("--policy", choices=["stop", "skip"], default="stop")
    for command in (replay, commands.add_parser("retry-due-work")):
        command.add_argument("--limit", type=int, default=100)
    check = commands.add_parser("check-audit")
    check.add_argument("--restored", nargs=2, type=_moment, action="append", default=[], metavar=("FROM", "TO"))
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Carry out one command."""
    arguments = _arguments(given)
    config = service_config(arguments.service, "scheduler", os.environ)
    configure_logging(config.service, "upkeep", config.log_level)
    handling = EventHandling(parts_of(config.service, config).registration(), database_of(config))
    if arguments.command == "replay-dead-letters":
        return _say(f"Handled again: {replay_dead_letters(handling, limit=arguments.limit, policy=arguments.policy)}")
    with handling.service_unit() as uow:
        if arguments.command == "retry-due-work":
            given_back = retry_due_work(uow, limit=arguments.limit)
            uow.commit()
            return _say(f"Given back: {given_back}")
        wrong = check_audit(uow, HeadKeeper(config.service, FileStore(config.aws)), arguments.restored)
    for sentence in wrong:
        _say(sentence)
    return 1 if wrong else _say("Every chain of the audit trail bears out.")


def _say(words: str) -> int:
    sys.stdout.write(words + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
