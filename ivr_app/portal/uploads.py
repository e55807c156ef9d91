"""Forms with files: the words are read first, and each file is stored while it arrives.

No file is ever in memory as a whole, none is unpacked or run, and none is on a disk of this
machine. A file that is refused, or a connection that breaks, loses no word of the form.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    Preamble,
    State,
)

READ = 64 * 1024
"""Bytes of the request that are read at once."""

LONGEST_HEAD = 256 * 1024
"""Bytes of the headers of a part, and what is read with them."""

LONGEST_FIELD = 128 * 1024
"""Bytes of a field; the rest of a longer one is dropped, and its check tells."""

LINE_END = 2
"""Bytes of a line break."""

MOST_BYTES = 4 * 1024 * 1024 * 1024
"""Bytes of one form. The rest of a longer one is not read: nobody waits for that many."""

MOST_PARTS = 300
MOST_FILES = 20
"""Files of one form."""


class Refused(StrEnum):
    """Why a file was not kept."""

    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    FULL = "full"  # the files of the contract take all the room that it has
    EMPTY = "empty"
    CUT_OFF = "cut_off"


class FileRefusedError(Exception):
    """A file is not kept; ``why`` tells."""

    def __init__(self, why: Refused) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not kept, by the name that its sender gave it."""

    name: str
    why: Refused


@dataclass(slots=True)
class ReceivedForm:
    """The fields of a form, the ids of its files, and the files that were refused.

    ``complete`` is False when the request ended early or could not be read to its end: the fields
    are those that came.
    """

    fields: MultiDict[str, str] = field(default_factory=MultiDict)
    files: list[str] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    complete: bool = True


KeepFile = Callable[[str, str, Iterator[bytes]], str]
"""Stores a file by its name, its media type and its content, and returns its id. It raises
FileRefusedError."""


def receive_form(
    stream: IO[bytes],
    content_type: str,
    accept: Callable[[ReceivedForm], KeepFile],
    most: int = MOST_BYTES,
) -> ReceivedForm:
    """Read a form with files, as far as its first ``most`` bytes.

    ``accept`` is asked once, before the first file or at the end of a form without any. It sees the
    fields that stand before the files, and raises an HTTP error when the sender may not send them.
    """
    return _FormReader(stream, content_type, accept, most).read()


class _FormReader:
    """Reads one form, an event at a time."""

    def __init__(
        self,
        stream: IO[bytes],
        content_type: str,
        accept: Callable[[ReceivedForm], KeepFile],
        most: int,
    ) -> None:
        self._stream, self._accept = stream, accept
        boundary = parse_options_header(content_type)[1].get("boundary", "")
        mark = boundary.encode("ascii", "replace") or b"none"
        self._mark = b"--" + mark
        self._decoder = MultipartDecoder(
            mark,
            max_form_memory_size=LONGEST_HEAD,
            max_parts=MOST_PARTS,
        )
        self._form = ReceivedForm()
        self._keep: KeepFile | None = None
        self._left = most

    def read(self) -> ReceivedForm:
        """Read to the end, or as far as it can be read."""
        try:
            while not isinstance(event := self._find_event(), Epilogue):
                if isinstance(event, Field):
                    self._form.fields.add(event.name or "", self._read_field())
                elif isinstance(event, File):
                    self._take_file(event)
                elif not isinstance(event, Preamble):
                    raise ValueError("content without a part")
        except FormBrokenError:
            self._form.complete = False
        self._find_keeper()
        return self._form

    def _find_keeper(self) -> KeepFile:
        if self._keep is None:
            self._keep = self._accept(self._form)
        return self._keep

    def _find_event(self) -> Event:
        """Return the next event. Raises FormBrokenError."""
        try:
            self._read_split_line()
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._read_on()
                self._read_split_line()
        except (HTTPException, OSError, ValueError) as error:
            # The client has gone or is too slow, or this is no form.
            raise FormBrokenError from error
        return event

    def _read_on(self) -> None:
        data = self._stream.read(min(READ, self._left))
        self._left -= len(data)
        self._decoder.receive_data(data or None)

    def _read_split_line(self) -> None:
        while self._is_split() and not self._decoder.complete:
            self._read_on()

    def _is_split(self) -> bool:
        """Return True if the decoder would take the start of a boundary for content, as it does
        when the boundary was received without all of the line that it is on."""
        received, state = self._decoder.buffer, self._decoder.state
        if state is State.DATA_START and len(received) < LINE_END:
            return True
        at = received.rfind(self._mark)
        inside = state in (State.DATA_START, State.DATA) and at >= 0
        return inside and len(received) < at + len(self._mark) + 2 * LINE_END

    def _read_content(self) -> Iterator[bytes]:
        """Yield the content of the part whose head was read."""
        while True:
            event = self._find_event()
            if not isinstance(event, Data):
                raise FormBrokenError
            if event.data:
                yield event.data
            if not event.more_data:
                return

    def _read_field(self) -> str:
        kept = bytearray()
        for data in self._read_content():
            kept += data[: LONGEST_FIELD - len(kept)]
        return kept.decode("utf-8", "replace").replace("\0", "")

    def _take_file(self, event: File) -> None:
        """Store a file, or read over one that is refused, so that what follows it is read too."""
        content = self._read_content()
        if not event.filename:  # a field for files in which none was chosen
            _read_over(content)
            return
        media_type = event.headers.get("Content-Type", "")
        try:
            if len(self._form.files) >= MOST_FILES:
                raise FileRefusedError(Refused.TOO_MANY)
            kept = self._find_keeper()(event.filename, media_type, content)
        except FileRefusedError as refused:
            self._form.refused.append(RefusedFile(event.filename, refused.why))
            _read_over(content)
        except FormBrokenError:
            self._form.refused.append(RefusedFile(event.filename, Refused.CUT_OFF))
            raise
        else:
            self._form.files.append(kept)


class FormBrokenError(Exception):
    """The request ended early, or is no form from here on."""


def _read_over(content: Iterator[bytes]) -> None:
    for _ in content:
        pass


# What is said of a file before it is sent. Nothing of it is unpacked: its first bytes are enough.


class FileWarning(StrEnum):
    """Why a file had better be sent in another form. It is kept all the same."""

    OPEN_ZIP = "open_zip"  # a sample belongs in an encrypted zip, or a virus scanner may take it
    PROGRAM = "program"


HEAD = 16
"""Bytes from the start of a file that tell its kind."""

_ZIP = b"PK\x03\x04"
_ENCRYPTED = 0x1  # bit 0 of the general purpose flags, at offset 6 (APPNOTE 4.4.4)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!")
_ENDINGS = (".exe", ".dll", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".msi")


def find_warning(name: str, head: bytes) -> FileWarning | None:
    """Return what to warn of for a file of this name that begins with these bytes."""
    if head.startswith(_ZIP):
        encrypted = len(head) > 6 and head[6] & _ENCRYPTED
        return None if encrypted else FileWarning.OPEN_ZIP
    if head.startswith(_PROGRAMS) or name.lower().endswith(_ENDINGS):
        return FileWarning.PROGRAM
    return None


class TransferLimit:
    """How many forms with files of one contract this process reads at once."""

    def __init__(self, most: int) -> None:
        """None is being read."""
        self._most, self._counts, self._lock = most, Counter[str](), threading.Lock()

    @contextmanager
    def taken(self, owner: str) -> Iterator[bool]:
        """Take a place, or yield False at once when the owner has as many as they may have."""
        with self._lock:
            got = self._counts[owner] < self._most
            self._counts[owner] += got
        try:
            yield got
        finally:
            if got:
                with self._lock:
                    self._counts[owner] -= 1
                    self._counts += Counter()  # forget those without any
