"""What a file is follows from what is in it; whatever is not on the list gets a sentence."""

import io

import pytest

from shared.file_content import CSV, JPEG, PDF, PNG, TEXT, Kind, NotTaken, kind_of, recognise
from shared.file_content import DOCX as WORD
from shared.file_content import PPTX as SLIDES
from shared.file_content import XLSX as SHEET
from shared.testing import sample_files

GOOD = {
    "plan.pdf": (sample_files.PDF, PDF),
    "ward.PNG": (sample_files.PNG, PNG),
    "ward.jpeg": (sample_files.JPEG, JPEG),
    "paper.docx": (sample_files.office("docx"), WORD),
    "figures.xlsx": (sample_files.office("xlsx"), SHEET),
    "talk.pptx": (sample_files.office("pptx"), SLIDES),
    "notes.txt": (sample_files.TEXT, TEXT),
    "harm.csv": (sample_files.TABLE, CSV),
    "old.csv": ("month;£\nJanuary;4\n".encode("cp1252"), CSV),
}
BAD = {
    "nothing at all": (b"", "empty"),
    "a program": (sample_files.PROGRAM, "program"),
    "a program for Linux": (b"\x7fELF" + bytes(60), "program"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "program"),
    "a web page": (b"\n<!DOCTYPE html><script>alert(1)</script>", "web page"),
    "a drawing with script in it": (b"<svg onload='x'/>", "markup"),
    "an old Office file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), "old kind"),
    "half a PDF": (sample_files.PDF[:30], "not complete"),
    "half an archive": (sample_files.office("docx")[:80], "not complete"),
    "an archive of something else": (b"PK\x03\x04" + bytes(60), "not complete"),
    "macros": (sample_files.office("xlsx", vbaProject__bin=b"x"), "macros"),
    "a program inside": (sample_files.office("docx", setup__exe=b"MZ"), "programs"),
    "an archive with a password": (sample_files.locked(), "password"),
    "noise": (sample_files.noise(5000), "not taken"),
}


@pytest.mark.parametrize("name", list(GOOD))
def test_a_file_of_the_list_is_recognised_by_its_content(name: str) -> None:
    content, kind = GOOD[name]

    assert recognise(io.BytesIO(content), name) == kind


@pytest.mark.parametrize("what", list(BAD))
def test_anything_else_is_refused_with_a_sentence(what: str) -> None:
    content, word = BAD[what]

    with pytest.raises(NotTaken, match=word):
        kind_of(io.BytesIO(content))


@pytest.mark.parametrize(
    ("name", "content"),
    [("harmless.pdf", sample_files.PNG), ("photo.png", sample_files.PDF), ("paper.docx", sample_files.office("xlsx")),
     ("paper", sample_files.PDF), ("run.bat", sample_files.TEXT), ("paper.pdf.exe", sample_files.PDF)],
)  # fmt: skip
def test_a_file_that_lies_about_its_type_is_told_what_it_is(name: str, content: bytes) -> None:
    with pytest.raises(NotTaken, match="does not fit what is in it: it is a"):
        recognise(io.BytesIO(content), name)


def test_an_archive_that_unpacks_to_a_gigabyte_is_refused_without_unpacking_it() -> None:
    content = sample_files.bomb()

    class Counting(io.BytesIO):
        got = 0

        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            self.got += len(piece)
            return piece

    file = Counting(content)
    with pytest.raises(NotTaken, match="unpacks to far more"):
        kind_of(file)

    assert file.got < 200_000


def test_each_kind_has_one_media_type_and_an_ending() -> None:
    kinds: list[Kind] = [kind for _, kind in GOOD.values()]

    assert len({kind.media_type for kind in kinds}) == 8
    assert all(kind.endings for kind in kinds)
