"""What customers and staff write to each other, and their files, in memory."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from routing.correspondence import (
    CustomerMessage,
    FileUse,
    IncidentFile,
    Upload,
    tidy_file_name,
)
from routing.ports import CorrespondenceRepository, FileTooLargeError
from store.memory.state import MemoryRows


class MemoryCorrespondenceRepository(CorrespondenceRepository):
    """The messages and files of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The messages and files among these rows."""
        self._rows = rows

    def find_messages(self, incident: str) -> Sequence[CustomerMessage]:
        """The messages about an incident, and about those merged into it, oldest first."""
        keys = self._rows.keys_of(incident)
        theirs = [m for m in self._rows.customer_messages.values() if m.incident in keys]
        return sorted(theirs, key=lambda message: (message.at, message.id))

    def find_message(self, message_id: str) -> CustomerMessage | None:
        """The message of this id, about any incident."""
        return self._rows.customer_messages.get(message_id)

    def find_by_mail_id(self, mail_id: str) -> CustomerMessage | None:
        """The message that this mail brought, or took to the customer; the oldest if several."""
        found = [m for m in self._rows.customer_messages.values() if m.mail_id == mail_id]
        return min(found, key=lambda message: (message.at, message.id), default=None)

    def find_files(self, incident: str) -> Sequence[IncidentFile]:
        """The files of an incident, and of those merged into it, oldest first."""
        keys = self._rows.keys_of(incident)
        theirs = [file for file in self._rows.files.values() if file.incident in keys]
        return sorted(theirs, key=lambda file: (file.at, file.id))

    def find_file(self, file_id: str) -> IncidentFile | None:
        """The file of this id, attached or not."""
        return self._rows.files.get(file_id)

    def write_file(
        self, upload: Upload, chunks: Iterable[bytes], limit: int, at: dt.datetime
    ) -> IncidentFile:
        """Write a file while it arrives; raises FileTooLargeError past ``limit`` bytes."""
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > limit:
                raise FileTooLargeError(f"more than {limit} bytes")
        sha256 = hashlib.sha256(content).hexdigest()
        with self._rows.lock:
            self._rows.written_files += 1
            known = asdict(upload) | {"name": tidy_file_name(upload.name)}
            file = IncidentFile(
                **known,
                id=f"{self._rows.written_files:032x}",
                at=at,
                size=len(content),
                sha256=sha256,
            )
            self._rows.files[file.id] = file
            self._rows.contents[file.id] = bytes(content)
        return file

    def read_file(self, file_id: str) -> Iterator[bytes]:
        """The content of a file, a part at a time."""
        content = self._rows.contents.get(file_id)
        if content:
            yield content

    def measure_files(self, line: str, contract: str) -> FileUse:
        """The room that the files of a contract take."""
        files = self._rows.files.values()
        theirs = [file for file in files if (file.line, file.contract) == (line, contract)]
        loose = sum(file.incident is None for file in theirs)
        return FileUse(sum(file.size for file in theirs), loose)

    def delete_unattached(self, before: dt.datetime) -> int:
        """Delete the uploads from before this moment that belong to no incident."""
        with self._rows.lock:
            files = self._rows.files.values()
            stale = [file.id for file in files if file.incident is None and file.at < before]
            for file_id in stale:
                del self._rows.files[file_id]
                del self._rows.contents[file_id]
        return len(stale)
