"""Small files of every kind that is taken, and of kinds that are not, made here so that no binary lies about."""

import io
import zipfile
import zlib
from functools import cache

from shared.scanning import TEST_SIGNATURE

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40) + b"\xff\xd9"
TEXT = "What we saw on the ward, for £5 a day.\n".encode()
TABLE = b"month,harm\nJanuary,4\nFebruary,3\n"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
TEST_VIRUS = TEST_SIGNATURE
MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def office(ending: str, **more: bytes) -> bytes:
    """Return an Office file with the parts it must have, and `more` parts (dots in names written as two underlines)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(MAIN_PART[ending], "<document/>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


@cache
def bomb(unpacked: int = 1024 * 1024 * 1024) -> bytes:
    """Return a Word file of about a megabyte that unpacks to `unpacked` bytes: one packed piece, over and over."""
    piece = bytes(16 * 1024 * 1024)
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    times, checksum = unpacked // len(piece), 0
    for _ in range(times):
        checksum = zlib.crc32(piece, checksum)
    content = packed * times + zlib.compressobj(wbits=-zlib.MAX_WBITS).flush()
    part = zipfile.ZipInfo("word/document.xml")
    part.compress_type, part.CRC = zipfile.ZIP_DEFLATED, checksum
    part.file_size, part.compress_size = times * len(piece), len(content)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        part.header_offset = buffer.tell()
        buffer.write(part.FileHeader() + content)
        archive.filelist.append(part)
        archive.start_dir = buffer.tell()
    return buffer.getvalue()


def bomb_that_lies(unpacked: int = 64 * 1024 * 1024) -> bytes:
    """Return a Word file whose list of contents says that its document has ten bytes."""
    honest = office("docx", big=bytes(unpacked))
    return honest.replace(unpacked.to_bytes(4, "little"), (10).to_bytes(4, "little"))


def locked() -> bytes:
    """Return a Word file whose parts say that they are encrypted."""
    content = bytearray(office("docx"))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(signature, start + 4)
    return bytes(content)


def noise(size: int) -> bytes:
    """Return `size` bytes that are no text and of no kind, always the same."""
    pieces, seed = [], 1
    for number in range(size // 1024 + 1):
        seed = zlib.crc32(number.to_bytes(4, "big"), seed)
        pieces.append(seed.to_bytes(4, "big") * 256)
    return b"\x01\x02" + b"".join(pieces)[: size - 2]
