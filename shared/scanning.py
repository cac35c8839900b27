"""Looking for malware in a file behind a port of our own.

`SignatureScanner` needs nothing else and knows one signature, the industry's harmless test file: for the demonstration
and for tests. `ClamdScanner` speaks to clamd; production takes no other.
"""

import socket
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Protocol
from urllib.parse import urlsplit

from shared.config import MissingSetting, Mode
from shared.file_content import LARGEST_UNPACKED, NotTaken, kind_of

LOCAL = "signature"
TEST_SIGNATURE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""In two pieces, so that no scanner takes this source for the test file."""
PIECE = 64 * 1024
CONNECT_SECONDS, ANSWER_SECONDS = 3, 60
LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """The scanner does not answer, or could not look at the file; another try may help."""


class Scanner(Protocol):
    """Looks at a file."""

    def scan(self, file: IO[bytes]) -> str | None:
        """Return None for a clean file, else what was found in it; raises ScannerAway."""


class SignatureScanner:
    """Checks that the content is of a kind we take and nowhere holds the test signature, inside archives too."""

    def scan(self, file: IO[bytes]) -> str | None:
        """Return None for a clean file, else what was found in it."""
        try:
            kind_of(file)
            return "Test-Signature" if any(TEST_SIGNATURE in window for window in _windows(file)) else None
        except NotTaken:
            return "Unexpected-Content"
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError):
            return "Damaged-Archive"


def _windows(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content in overlapping windows, then each part of an archive, which also proves its checksums."""
    file.seek(0)
    yield from _overlapping(file)
    if not zipfile.is_zipfile(file):
        return
    budget = LARGEST_UNPACKED
    with zipfile.ZipFile(file) as archive:
        for part in archive.infolist():
            with archive.open(part) as inside:
                for window in _overlapping(inside):
                    budget -= len(window)
                    if budget < 0:
                        raise zipfile.BadZipFile("unpacks to more than it says")
                    yield window


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    kept = b""
    while piece := file.read(PIECE):
        yield kept + piece
        kept = (kept + piece)[-len(TEST_SIGNATURE) :]


class ClamdScanner:
    """clamd by its INSTREAM command: the file goes over in counted pieces, one line comes back."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)

    def scan(self, file: IO[bytes]) -> str | None:
        """Return None for a clean file, else the signature's name; raises ScannerAway."""
        try:
            answer = self._ask(file)
        except OSError as error:
            raise ScannerAway(type(error).__name__) from error
        if answer == "stream: OK":
            return None
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerAway("clamd gave no verdict")

    def _ask(self, file: IO[bytes]) -> str:
        file.seek(0)
        with socket.create_connection(self._address, timeout=CONNECT_SECONDS) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.sendall(b"zINSTREAM\0")
            while piece := file.read(PIECE):
                connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
            return _line(connection)


def _line(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def scanner_of(setting: str, mode: Mode) -> Scanner:
    """Return the scanner that a setting names: `signature`, or `clamd://host:port`. Raises MissingSetting."""
    if setting == LOCAL and mode is not Mode.PRODUCTION:
        return SignatureScanner()
    address = urlsplit(setting)
    if address.scheme != "clamd" or not address.hostname or not address.port:
        raise MissingSetting("FILE_SCANNER must be clamd://host:port; outside production also `signature`.")
    return ClamdScanner(address.hostname, address.port)
