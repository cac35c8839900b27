"""An SMTP server that delivers nowhere: `python -m infra.mail.smtp_sink <port> <folder>`.

Keycloak's invitations and password links go here; each mail becomes a file.
"""

import signal
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.mail.folder import keep

HOST = "127.0.0.1"


class KeepInFolder:
    """Handler of aiosmtpd: keeps each message with its envelope's recipients in the headers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        recipients = ", ".join(envelope.rcpt_tos)
        content = envelope.original_content or b""
        header = f"X-Envelope-To: {recipients}\r\n".encode()
        keep(self._folder, header + content, label=envelope.rcpt_tos[0] if envelope.rcpt_tos else "nobody")
        return "250 Kept"


def main() -> None:
    """Serve until told to stop."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    controller = Controller(KeepInFolder(folder), hostname=HOST, port=port)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    controller.start()
    stopped.wait()
    controller.stop()


if __name__ == "__main__":
    main()
