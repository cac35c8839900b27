"""What the background roles of this service do."""

from uuid import UUID

from services.directory import config as settings
from services.directory.account_work import ProvisionAccount
from services.directory.address_mail import SendAddressLink, TellFormerAddress
from services.directory.commands import address_changes
from services.directory.commands.accounts import CLOSING, PROVISION, request_accounts_of
from services.directory.commands.appointments import EXPIRE, end_role
from services.directory.commands.invitations import SEND
from services.directory.commands.passkeys import REMOVE
from services.directory.commands.retention import forget_former_addresses, forget_invitations, forget_leavers
from services.directory.commands.second_factors import RESET
from services.directory.invitation_mail import SendInvitation
from services.directory.second_factor_work import ResetSecondFactor
from shared import audit, retention
from shared.config import MissingSetting, ServiceConfig
from shared.database import UnitOfWork
from shared.mail import SesMailSender
from shared.scheduler import DueHandler, Work
from shared.worker import WorkerParts

FORGET = retention.chore(
    {
        "invitation": forget_invitations,
        "way-to-reach-a-leaver": forget_leavers,
        "former-address": forget_former_addresses,
    }
)


def build(config: ServiceConfig) -> WorkerParts:
    """Return handlers of events (the replica's alone: this service reads its own topic for moves) and of due work."""
    if config.role != "scheduler":
        return WorkerParts(service=config.service)
    return WorkerParts(service=config.service, due_handlers=_due_handlers(config), chores=(FORGET,))


def expire_membership(uow: UnitOfWork, work: Work) -> None:
    """End a role whose last day has passed; nothing happens when it ended before."""
    if end_role(uow, UUID(work.object_id), end_code="expired"):
        audit.record(uow, "membership.expired", "membership", work.object_id)


def follow_closing(uow: UnitOfWork, work: Work) -> None:
    """Bring the accounts of a closed organisation's people in line; nothing changes when it is open after all."""
    request_accounts_of(uow, work.object_id)


def _due_handlers(config: ServiceConfig) -> dict[str, DueHandler]:
    from services.directory.identity_provider import identity_admin  # a third of a second that only we need
    from services.directory.passkey_work import RemovePasskey

    if config.aws is None:
        raise MissingSetting("AWS_ACCESS_KEY_ID")
    accounts, work = settings.load_accounts(), settings.load_work_issuer()
    admin, sender = identity_admin(accounts, config.portal_url), SesMailSender(config.aws)
    return {
        PROVISION: ProvisionAccount(admin, accounts.issuer, work.issuer if work else None),
        RESET: ResetSecondFactor(admin),
        REMOVE: RemovePasskey(admin),
        SEND: SendInvitation(sender, config.portal_url),
        address_changes.SEND: SendAddressLink(sender, config.portal_url),
        address_changes.TELL: TellFormerAddress(sender),
        address_changes.FORGET: address_changes.forget_when_over,
        EXPIRE: expire_membership,
        CLOSING: follow_closing,
    }
