"""Contracts of the standing cast that were imported, beside the one of the file."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest

from config.contracts import read_rows
from routing.contracts import ContractOrigin
from service.contract_import import ContractImport, DirectImport
from store.people.audit import AuditEntry
from store.people.contract_store import ContractStore
from store.people.hashing import Argon2PinVerifier
from store.people.lines import SqlLineRepository

SAMPLE = (Path(__file__).parents[4] / "contracts.csv").read_bytes()
DUTCH = {"Accept-Language": "nl"}


def take_in(engine, pepper: str, file: bytes, at: dt.datetime) -> None:
    """Import a file as the command line does."""
    line = SqlLineRepository(engine).find_line("main")
    deed = AuditEntry(at, "root", "cli", "contracts.import")
    intake = ContractImport(
        DirectImport(ContractStore(engine, "main", ContractOrigin.IMPORT), deed), line, pepper, at
    )
    list(intake.import_rows(read_rows(file.splitlines(keepends=True), line, intake.hash)))


@pytest.fixture
def sample(board):
    """The contracts of the sample file: Smit's and the two of Noord."""
    take_in(board.engine, board.settings.pin_pepper, SAMPLE, board.call_service.clock())


@pytest.fixture
def contract(board):
    """A contract as it is kept."""
    return lambda number="100252": SqlLineRepository(board.engine).find_contract("main", number)


@pytest.fixture
def knows(board, contract):
    """Whether this is the PIN of a contact, by place."""
    locksmith = Argon2PinVerifier(board.settings.pin_pepper)
    return lambda pin, place=0, number="100252": bool(
        locksmith.find(pin, [contract(number).contacts[place]])
    )


def mark_in(page: str) -> str:
    return re.search(r'name="mark" value="([^"]+)"', page)[1]


def upload(visit, file: bytes, name: str = "contracts.csv"):
    """Choose a file on the page of imports."""
    return visit.post("/contracts/import", headers=DUTCH, file=(io.BytesIO(file), name))
