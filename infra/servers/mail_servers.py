"""The two servers that take mail: SES for the product's own, SMTP for Keycloak's."""

import socket
import sys
from pathlib import Path

from infra.servers.processes import Command, ProcessTable
from infra.servers.s3_server import http_answers
from infra.servers.settings import HOST, SesSettings, SmtpSettings

ROOT = Path(__file__).resolve().parents[2]


class SesServer:
    """moto's SES, keeping mails as files."""

    name = "ses"

    def __init__(self, processes: ProcessTable, settings: SesSettings, port: int) -> None:
        self._processes = processes
        self._settings = settings
        self._port = port

    def prepare(self) -> None:
        self._settings.folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        arguments = [str(self._port), str(self._settings.folder), self._settings.sender]
        self._processes.start(self.name, _module("infra.mail.ses_service", arguments))
        self._processes.wait_until(self.name, lambda: http_answers(f"{self._settings.endpoint}/moto-api/"), seconds=40)

    def stop(self) -> bool:
        return self._processes.stop(self.name, seconds=5)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None


class SmtpServer:
    """The sink for Keycloak's mails."""

    name = "smtp"

    def __init__(self, processes: ProcessTable, settings: SmtpSettings) -> None:
        self._processes = processes
        self._settings = settings

    def prepare(self) -> None:
        self._settings.folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        arguments = [str(self._settings.port), str(self._settings.folder)]
        self._processes.start(self.name, _module("infra.mail.smtp_sink", arguments))
        self._processes.wait_until(self.name, self._greets, seconds=20)

    def stop(self) -> bool:
        return self._processes.stop(self.name, seconds=5)

    def is_running(self) -> bool:
        return self._processes.find(self.name) is not None

    def _greets(self) -> bool:
        try:
            with socket.create_connection((HOST, self._settings.port), timeout=2) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False


def _module(name: str, arguments: list[str]) -> Command:
    return Command([sys.executable, "-m", name, *arguments], folder=ROOT)
