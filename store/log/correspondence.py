"""What customers and staff write to each other, and their files, in a database.

The content of a file is in rows of at most one megabyte, each written in a transaction of its own:
a slow upload holds no lock, any machine can read the file, and a backup contains it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, exists, func, insert, select, update

from routing.correspondence import (
    Author,
    CustomerMessage,
    FileUse,
    IncidentFile,
    Upload,
    tidy_file_name,
)
from routing.decision import Decision, LostRaceError
from routing.incident import Incident
from routing.message import Via
from routing.ports import CorrespondenceRepository, FileTooLargeError
from store.db.engine import reading, writing
from store.log.cases import find_keys
from store.tables.log import customer_messages, file_chunks, files, received_mails

CHUNK = 1024 * 1024
"""Bytes in a row."""


class SqlCorrespondenceRepository(CorrespondenceRepository):
    """The messages and files of every line."""

    def __init__(self, engine: Engine) -> None:
        """Does not connect yet."""
        self._engine = engine

    def find_messages(self, incident: str) -> Sequence[CustomerMessage]:
        """The messages about an incident, and about those merged into it, oldest first."""
        columns = customer_messages.c
        with reading(self._engine) as connection:
            theirs = columns.incident.in_(find_keys(connection, incident))
            wanted = select(columns.value).where(theirs).order_by(columns.at, columns.id)
            return connection.scalars(wanted).all()

    def find_message(self, message_id: str) -> CustomerMessage | None:
        """The message of this id, about any incident."""
        wanted = select(customer_messages.c.value).where(customer_messages.c.id == message_id)
        with reading(self._engine) as connection:
            return connection.scalar(wanted)

    def find_by_mail_id(self, mail_id: str) -> CustomerMessage | None:
        """The message that this mail brought, or took to the customer; the oldest if several."""
        columns = customer_messages.c
        wanted = select(columns.value).where(columns.mail_id == mail_id)
        with reading(self._engine) as connection:
            return connection.scalar(wanted.order_by(columns.at, columns.id).limit(1))

    def find_files(self, incident: str) -> Sequence[IncidentFile]:
        """The files of an incident, and of those merged into it, oldest first."""
        with reading(self._engine) as connection:
            return find_files(connection, find_keys(connection, incident))

    def find_file(self, file_id: str) -> IncidentFile | None:
        """The file of this id, attached or not, when it is complete."""
        wanted = select(files).where(files.c.id == file_id, files.c.sha256.is_not(None))
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return _build_file(row)

    def write_file(
        self, upload: Upload, chunks: Iterable[bytes], limit: int, at: dt.datetime
    ) -> IncidentFile:
        """Write a file while it arrives; raises FileTooLargeError past ``limit`` bytes. Nothing is
        left of it then, nor after any other error."""
        file_id = secrets.token_hex(16)
        begun = asdict(upload) | {"id": file_id, "at": at, "name": tidy_file_name(upload.name)}
        with writing(self._engine) as connection:
            connection.execute(insert(files), begun | {"size": 0})
        try:
            size, sha256 = self._write_chunks(file_id, chunks, limit)
            complete = update(files).where(files.c.id == file_id)
            with writing(self._engine) as connection:
                connection.execute(complete.values(size=size, sha256=sha256))
        except BaseException:
            with writing(self._engine) as connection:
                delete_files(connection, [file_id])
            raise
        return IncidentFile(**begun, size=size, sha256=sha256)

    def _write_chunks(self, file_id: str, chunks: Iterable[bytes], limit: int) -> tuple[int, str]:
        size, sha256 = 0, hashlib.sha256()
        for place, part in enumerate(_split_evenly(chunks, limit)):
            size += len(part)
            sha256.update(part)
            with writing(self._engine) as connection:
                connection.execute(
                    insert(file_chunks), {"file": file_id, "place": place, "data": part}
                )
        return size, sha256.hexdigest()

    def read_file(self, file_id: str) -> Iterator[bytes]:
        """The content of a file, a part at a time."""
        place = 0
        while (part := self._read_chunk(file_id, place)) is not None:
            yield part
            place += 1

    def _read_chunk(self, file_id: str, place: int) -> bytes | None:
        wanted = and_(file_chunks.c.file == file_id, file_chunks.c.place == place)
        with reading(self._engine) as connection:
            return connection.scalar(select(file_chunks.c.data).where(wanted))

    def measure_files(self, line: str, contract: str) -> FileUse:
        """The room that the files of a contract take."""
        total = func.coalesce(func.sum(files.c.size), 0)
        loose = func.count().filter(files.c.incident.is_(None))
        theirs = and_(files.c.line == line, files.c.contract == contract)
        with reading(self._engine) as connection:
            row = connection.execute(select(total, loose).where(theirs)).one()
        return FileUse(int(row[0]), row[1])

    def delete_unattached(self, before: dt.datetime) -> int:
        """Delete the uploads from before this moment that belong to no incident."""
        held = exists().where(received_mails.c.file == files.c.id)
        stale = select(files.c.id).where(files.c.incident.is_(None), files.c.at < before, ~held)
        with reading(self._engine) as connection:
            found = connection.scalars(stale).all()
        deleted = 0
        for file_id in found:  # each by itself: one file may have a hundred rows
            with writing(self._engine) as connection:
                still = stale.where(files.c.id == file_id).with_for_update()
                if connection.scalar(still) is not None:
                    delete_files(connection, [file_id])
                    deleted += 1
        return deleted


def _split_evenly(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The same bytes in parts of one size, the last one apart."""
    size, kept = 0, bytearray()
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FileTooLargeError(f"more than {limit} bytes")
        kept += chunk
        while len(kept) >= CHUNK:
            yield bytes(kept[:CHUNK])
            del kept[:CHUNK]
    if kept:
        yield bytes(kept)


def write_correspondence(
    connection: Connection, decision: Decision, incident: Incident | None
) -> None:
    """Insert the messages of a decision, and attach its files. Raises IntegrityError when a message
    of an id exists, and LostRaceError when a file is gone or was attached elsewhere."""
    new = decision.customer_messages
    if new:
        rows = [
            {"id": m.id, "incident": m.incident, "at": m.at, "mail_id": m.mail_id, "value": m}
            for m in new
        ]
        connection.execute(insert(customer_messages), rows)
    if not decision.attached_files or incident is None:
        return
    free = and_(
        files.c.id.in_(decision.attached_files),
        files.c.incident.is_(None),
        files.c.sha256.is_not(None),
    )
    attached = connection.execute(update(files).where(free).values(incident=incident.key))
    if attached.rowcount != len(decision.attached_files):
        raise LostRaceError("a file is gone, or belongs to an incident already")


def find_files(connection: Connection, keys: Sequence[str]) -> list[IncidentFile]:
    """The files of these incidents, oldest first."""
    wanted = select(files).where(files.c.incident.in_(keys)).order_by(files.c.at, files.c.id)
    return [_build_file(row) for row in connection.execute(wanted)]


def delete_files(connection: Connection, ids: Sequence[str]) -> None:
    """Delete files with their content."""
    connection.execute(delete(file_chunks).where(file_chunks.c.file.in_(ids)))
    connection.execute(delete(files).where(files.c.id.in_(ids)))


def _build_file(row: Row[Any]) -> IncidentFile:
    values = row._asdict()
    return IncidentFile(
        **values | {"author": Author(values["author"]), "door": Via(values["door"])}
    )
