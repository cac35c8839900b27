"""A mail service in memory."""

import re
from dataclasses import dataclass, field

from shared.ids import new_id
from shared.mail import Mail, MailDelayed, MailRefused


@dataclass
class MailsKept:
    """A mail sender that keeps what it is given; `refuse` makes it refuse for good, `away` for now."""

    sent: list[Mail] = field(default_factory=list)
    refuse: bool = False
    away: bool = False

    def send(self, mail: Mail) -> str:
        """Keep a mail."""
        if self.away:
            raise MailDelayed("away")
        if self.refuse:
            raise MailRefused("no")
        self.sent.append(mail)
        return str(new_id())

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address, oldest first."""
        return [mail for mail in self.sent if mail.to == address]

    def secret_for(self, address: str) -> str:
        """Return the secret in the newest link to an address."""
        found = re.search(r"/invitation/(\S+)", self.to(address)[-1].body)
        assert found is not None
        return found[1]
