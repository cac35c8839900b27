"""A scanner says clean, says what it found, or is away; nothing else counts as clean."""

import io
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.config import MissingSetting, Mode
from shared.scanning import ClamdScanner, ScannerAway, SignatureScanner, scanner_of
from shared.testing import sample_files


def test_the_local_scanner_finds_the_test_signature_in_a_text() -> None:
    assert SignatureScanner().scan(io.BytesIO(b"before " + sample_files.TEST_VIRUS + b" after")) == "Test-Signature"


def test_the_local_scanner_finds_it_across_two_pieces_of_a_large_file() -> None:
    content = b"a" * (64 * 1024 - 20) + sample_files.TEST_VIRUS + b"b" * 1000

    assert SignatureScanner().scan(io.BytesIO(content)) == "Test-Signature"


def test_the_local_scanner_looks_inside_archives() -> None:
    content = sample_files.office("docx", word_media=sample_files.TEST_VIRUS)

    assert SignatureScanner().scan(io.BytesIO(content)) == "Test-Signature"


@pytest.mark.parametrize("content", [sample_files.PDF, sample_files.TABLE, sample_files.office("pptx")])
def test_the_local_scanner_lets_clean_files_pass(content: bytes) -> None:
    assert SignatureScanner().scan(io.BytesIO(content)) is None


def test_an_archive_that_lies_about_its_size_is_not_clean() -> None:
    assert SignatureScanner().scan(io.BytesIO(sample_files.bomb_that_lies())) == "Damaged-Archive"


def test_what_is_of_no_kind_is_not_clean() -> None:
    assert SignatureScanner().scan(io.BytesIO(sample_files.PROGRAM)) == "Unexpected-Content"


class Clamd(socketserver.BaseRequestHandler):
    """Speaks clamd's INSTREAM as its manual describes it, and finds the test signature."""

    answer: bytes | None = None

    def handle(self) -> None:
        assert self._exactly(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self._exactly(4))[0]:
            content += self._exactly(size)
        found = b"stream: Eicar-Signature FOUND\0" if sample_files.TEST_VIRUS in content else b"stream: OK\0"
        self.request.sendall(found if self.answer is None else self.answer)

    def _exactly(self, size: int) -> bytes:
        content = b""
        while len(content) < size:
            content += self.request.recv(size - len(content))
        return content


@contextmanager
def clamd(answer: bytes | None = None) -> Iterator[ClamdScanner]:
    handler = type("Handler", (Clamd,), {"answer": answer})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ClamdScanner("127.0.0.1", server.server_address[1])
        server.shutdown()


def test_clamd_is_sent_the_whole_file_in_counted_pieces() -> None:
    with clamd() as scanner:
        clean = scanner.scan(io.BytesIO(sample_files.noise(200_000)))
        found = scanner.scan(io.BytesIO(sample_files.noise(200_000) + sample_files.TEST_VIRUS))

    assert (clean, found) == (None, "Eicar-Signature")


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OKAY\0", b"nonsense"])
def test_whatever_is_no_verdict_is_not_clean(answer: bytes) -> None:
    with clamd(answer) as scanner, pytest.raises(ScannerAway):
        scanner.scan(io.BytesIO(b"text"))


def test_a_clamd_that_does_not_listen_is_away() -> None:
    with pytest.raises(ScannerAway):
        ClamdScanner("127.0.0.1", 9).scan(io.BytesIO(b"text"))


def test_production_takes_clamd_only() -> None:
    assert isinstance(scanner_of("signature", Mode.DEMO), SignatureScanner)
    assert isinstance(scanner_of("clamd://scanner:3310", Mode.PRODUCTION), ClamdScanner)
    for wrong in ("signature", "clamd://scanner", "http://scanner:3310", "none"):
        with pytest.raises(MissingSetting):
            scanner_of(wrong, Mode.PRODUCTION)
