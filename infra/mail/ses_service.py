"""SES on loopback: `python -m infra.mail.ses_service <port> <folder> <sender> [<address to listen on>]`.

moto's server, in a process of its own. It forgets everything at a restart; so the sender is made a
verified identity at each start, and each mail it accepts is also kept as a file.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import SESBackend, ses_backends
from werkzeug.serving import run_simple

from infra.mail.folder import compose, keep

HOST = "127.0.0.1"
ACCOUNT = "123456789012"
REGION = "eu-west-2"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class MailKeepingApp:
    """moto's WSGI application; after each request, mails accepted meanwhile are written to files."""

    def __init__(self, inner: Any, folder: Path, backend: SESBackend) -> None:
        self._inner = inner
        self._folder = folder
        self._backend = backend
        self._one_at_a_time = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._inner(environ, start_response)
        self._keep_new_mails()
        return answer

    def _keep_new_mails(self) -> None:
        with self._one_at_a_time:
            messages, self._backend.sent_messages = self._backend.sent_messages, []
        for message in messages:
            keep(self._folder, content_of(message), label=str(getattr(message, "id", "mail")))


def content_of(message: Any) -> bytes:
    """A mail as moto holds it, raw or in parts, in the form it has on the wire."""
    if hasattr(message, "raw_data"):
        return str(message.raw_data).encode()
    recipients = [address for addresses in message.destinations.values() for address in addresses]
    return compose(message.source, recipients, message.subject, message.body)


def main() -> None:
    """Serve until told to stop."""
    port, folder, sender, *address = int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
    backend = ses_backends[ACCOUNT][REGION]
    backend.verify_email_identity(sender)
    app = MailKeepingApp(DomainDispatcherApplication(create_backend_app), folder, backend)
    run_simple(address[0] if address else HOST, port, app, threaded=True)


if __name__ == "__main__":
    main()
