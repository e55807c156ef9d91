"""Forms with files are read as they arrive, however badly they are made."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import Forbidden

from ivr_app.portal import uploads
from ivr_app.portal.uploads import (
    LONGEST_FIELD,
    MOST_FILES,
    FileRefusedError,
    FileWarning,
    ReceivedForm,
    Refused,
    RefusedFile,
    TransferLimit,
    find_warning,
    receive_form,
)

BOUNDARY = "----line"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
LIMIT = 1000


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"\r\nContent-Type: application/zip'
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join((*parts, f"--{BOUNDARY}--\r\n".encode()))


class Shelf:
    """Keeps files of at most LIMIT bytes, under their names."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.fields_at_first: dict[str, str] = {}

    def accept(self, received: ReceivedForm):
        self.fields_at_first = received.fields.to_dict()
        return self.keep

    def keep(self, name, media_type, content) -> str:
        taken = bytearray()
        for data in content:
            taken += data
            if len(taken) > LIMIT:
                raise FileRefusedError(Refused.TOO_LARGE)
        self.kept[name] = bytes(taken)
        return f"id of {name}"


class Trickle(io.RawIOBase):
    """A client that sends so many bytes at a time, and then ends or breaks."""

    def __init__(self, data: bytes, at_once: int, error: Exception | None = None) -> None:
        self.data, self.at_once, self.error = data, at_once, error

    def read(self, size: int = -1) -> bytes:
        if not self.data and self.error is not None:
            raise self.error
        some, self.data = self.data[: self.at_once], self.data[self.at_once :]
        return some


def receive(data: bytes, shelf: Shelf, content_type: str = CONTENT_TYPE) -> ReceivedForm:
    return receive_form(io.BytesIO(data), content_type, shelf.accept)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_words_and_files_are_read(shelf):
    found = receive(
        form(
            part("words", "De kassa’s liggen plat".encode()),
            part("files", b"one", "one.zip"),
            part("files", b"two\r\n--no boundary", "two.zip"),
            part("files", b"", ""),
            part("products", b"Scanner"),
        ),
        shelf,
    )
    assert found.fields.to_dict() == {"words": "De kassa’s liggen plat", "products": "Scanner"}
    assert shelf.kept == {"one.zip": b"one", "two.zip": b"two\r\n--no boundary"}
    assert found.files == ["id of one.zip", "id of two.zip"]
    assert (found.refused, found.complete) == ([], True)
    assert shelf.fields_at_first == {"words": "De kassa’s liggen plat"}


@given(
    files=st.lists(st.binary(max_size=LIMIT), max_size=4),
    at_once=st.integers(1, 4000),
)
def test_content_is_the_same_in_pieces_of_any_size(files, at_once):
    shelf = Shelf()
    parts = [part("files", content, f"{number}") for number, content in enumerate(files)]
    receive_form(Trickle(form(*parts), at_once), CONTENT_TYPE, shelf.accept)
    assert list(shelf.kept.values()) == files


def test_a_file_that_is_too_large_loses_nothing_else(shelf):
    found = receive(
        form(
            part("words", b"typed"),
            part("files", b"x" * 300_000, "huge.zip"),
            part("files", b"small", "small.zip"),
            part("since", b"09:00"),
        ),
        shelf,
    )
    assert found.fields.to_dict() == {"words": "typed", "since": "09:00"}
    assert found.refused == [RefusedFile("huge.zip", Refused.TOO_LARGE)]
    assert (list(shelf.kept), found.complete) == (["small.zip"], True)


@pytest.mark.parametrize(
    "error", [None, TimeoutError(), ConnectionResetError(), uploads.HTTPException()]
)
def test_a_connection_that_breaks_loses_no_word(shelf, error):
    whole = form(part("words", b"typed"), part("files", b"x" * 900, "cut.zip"))
    found = receive_form(Trickle(whole[:-200], 64, error), CONTENT_TYPE, shelf.accept)
    assert found.fields.to_dict() == {"words": "typed"}
    assert found.refused == [RefusedFile("cut.zip", Refused.CUT_OFF)]
    assert (found.files, found.complete) == ([], False)


@given(st.data())
def test_no_request_breaks_the_reader(data):
    whole = form(part("words", b"typed"), part("files", b"some content", "a.zip"))
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    receive(bytes(broken), Shelf())


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=é", "multipart/x;;;="],
)
def test_what_is_no_form_has_no_fields(shelf, content_type):
    found = receive(form(part("words", b"typed")), shelf, content_type)
    assert (found.fields.to_dict(), found.complete) == ({}, False)


def test_a_long_field_is_cut_and_a_long_head_ends_the_form(shelf):
    found = receive(form(part("words", b"w" * 1_000_000), part("since", b"now")), shelf)
    assert found.fields["words"] == "w" * LONGEST_FIELD
    assert found.fields["since"] == "now"
    endless = part("a" * 600_000, b"")
    assert not receive(endless, shelf).complete


def test_there_is_a_most_of_files_and_of_parts(shelf):
    many = [part("files", b"x", f"{number}") for number in range(MOST_FILES + 2)]
    found = receive(form(*many, part("words", b"typed")), shelf)
    assert len(shelf.kept) == MOST_FILES
    assert [one.why for one in found.refused] == [Refused.TOO_MANY] * 2
    assert found.fields["words"] == "typed"
    assert not receive(form(*[part("a", b"")] * 1000), shelf).complete


def test_a_form_in_all_has_a_most_of_bytes(shelf):
    whole = form(part("words", b"typed"), part("files", b"x" * 300_000, "a"))
    found = receive_form(io.BytesIO(whole), CONTENT_TYPE, shelf.accept, most=100_000)
    assert (found.fields["words"], found.complete) == ("typed", False)


def test_who_may_not_send_is_stopped_before_the_first_file(shelf):
    def refuse(_: ReceivedForm):
        raise Forbidden

    with pytest.raises(Forbidden):
        receive_form(io.BytesIO(form(part("files", b"x", "a"))), CONTENT_TYPE, refuse)
    with pytest.raises(Forbidden):
        receive_form(io.BytesIO(form(part("words", b"x"))), CONTENT_TYPE, refuse)


@pytest.mark.parametrize(
    ("name", "head", "warning"),
    [
        ("sample.zip", b"PK\x03\x04\x14\x00\x09\x00", None),
        ("sample.zip", b"PK\x03\x04\x14\x00\x08\x00", FileWarning.OPEN_ZIP),
        ("report.docx", b"PK\x03\x04", FileWarning.OPEN_ZIP),
        ("invoice.pdf", b"MZ\x90\x00", FileWarning.PROGRAM),
        ("run.PS1", b"Get-Item", FileWarning.PROGRAM),
        ("tool", b"\x7fELF", FileWarning.PROGRAM),
        ("log.txt", b"2026-12-01", None),
        ("photo.jpg", b"\xff\xd8\xff", None),
        ("empty", b"", None),
    ],
)
def test_a_sample_in_the_open_gives_a_warning(name, head, warning):
    assert find_warning(name, head) is warning


def test_one_contract_does_not_take_all_threads():
    limit = TransferLimit(2)
    with limit.taken("a") as first, limit.taken("a") as second, limit.taken("a") as third:
        assert (first, second, third) == (True, True, False)
        with limit.taken("b") as other:
            assert other
    with limit.taken("a") as again:
        assert again
