"""`contracts import` takes in rows, merges them with what is kept, and names what is wrong."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from store.db.engine import writing
from store.people.hashing import Argon2PinVerifier
from store.people.lines import SqlLineRepository
from store.tables.people import contacts as table

HEAD = (
    "contract,customer,plan,valid_from,valid_until,premium_incidents,"
    "contact,phone,pin,language,email,ends"
)
KARIN = "100252,Vertaalbureau Noord,msa_plus,,,12,Karin Noord,+31612345682,508316,nl,,"
ALICE = "100252,Vertaalbureau Noord,msa_plus,,,12,Alice Noord,+31612345683,816420,en,,"
JOOST = "100251,Fietsenmaker Smit,standard,,,,Joost Smit,+31612345681,294771,nl,,"


@pytest.fixture
def rows(tmp_path, applied):
    """A file of rows."""

    def write(*lines):
        file = tmp_path / "contracts.csv"
        file.write_text("\n".join([HEAD, *lines]))
        return file

    return write


@pytest.fixture
def contacts(board):
    """The contacts of a contract, by name."""

    def find(number):
        contract = SqlLineRepository(board.engine).find_contract("main", number)
        return {contact.name: contact for contact in contract.contacts}

    return find


CASES = Path(__file__).parents[2] / "cases" / "csv"


@pytest.fixture
def opens(board, contacts):
    """Whose PIN this is, among the contacts of a contract."""
    locksmith = Argon2PinVerifier(board.settings.pin_pepper)

    def find(number, pin):
        return [c.name for c in contacts(number).values() if locksmith.find(pin, [c])]

    return find


def test_another_spelling_of_a_name_is_the_same_contact_and_the_older_pin_opens_no_more(
    applied, type_in, contacts, opens
):
    for case in ("nfc.csv", "nfd.csv"):
        assert type_in("contracts", "import", CASES / case).exit_code == 0
    assert list(contacts("100777")) == ["Ren\u00e9 M\u00fcller"]
    assert opens("100777", "482001") == []
    assert opens("100777", "771992") == ["Ren\u00e9 M\u00fcller"]


@pytest.mark.parametrize("spelling", ["KARIN NOORD", "Karin  Noord", " karin\u00a0no\u200bord "])
def test_so_are_other_capitals_and_blanks(type_in, rows, contacts, opens, spelling):
    type_in("contracts", "import", rows(KARIN, ALICE))
    again = KARIN.replace("Karin Noord", spelling).replace("508316", "771992")
    assert type_in("contracts", "import", rows(again), "--replace", keys="n\n").exit_code == 0
    assert len(contacts("100252")) == 2
    assert (opens("100252", "508316"), len(opens("100252", "771992"))) == ([], 1)


def test_who_is_kept_in_two_spellings_becomes_one_and_is_not_missed(
    type_in, board, rows, contacts, opens
):
    type_in("contracts", "import", rows(KARIN, ALICE))
    with writing(board.engine) as connection:
        renamed = update(table).where(table.c.name == "Alice Noord")
        connection.execute(renamed.values(name="Kari\u200bn Noord"))
    karin = KARIN.replace("508316", "771992")
    result = type_in("contracts", "import", rows(karin), "--replace", "--yes")
    assert "contacts ended 0" in result.stdout
    assert list(contacts("100252")) == ["Karin Noord"]
    assert [opens("100252", pin) for pin in ("508316", "816420")] == [[], []]


def test_two_spellings_in_one_file_are_two_rows_of_one_contact(type_in, rows):
    again = KARIN.replace("Karin", "KARIN").replace("508316", "771992")
    result = type_in("contracts", "import", rows(KARIN, again))
    assert "line 3: contact: repeats an earlier row of this contract" in result.stderr


def test_what_spreadsheets_leave_at_the_end_of_rows_is_no_column(type_in, rows, contacts):
    file = rows(f"{KARIN},,", f"{ALICE},,", f"{JOOST},,x")
    file.write_text(file.read_text().replace(HEAD, f"{HEAD},,"))
    result = type_in("contracts", "import", file)
    assert result.stderr.startswith("line 4: file: has 14 columns, not 12\n")
    assert len(contacts("100252")) == 2


def changes(found):
    return [(one["contract"], one["change"], one["contact"]) for one in found]


def test_contracts_are_added_with_all_their_rows(objects, rows, contacts):
    found = objects("contracts", "import", rows(KARIN, ALICE, JOOST))
    assert changes(found) == [("100252", "added", None), ("100251", "added", None)]
    assert list(contacts("100252")) == ["Karin Noord", "Alice Noord"]


def test_the_same_file_again_changes_nothing(objects, type_in, rows):
    type_in("contracts", "import", rows(KARIN, JOOST))
    assert objects("contracts", "import", rows(KARIN, JOOST)) == []
    said = type_in("contracts", "import", rows(KARIN, JOOST)).stdout
    assert said.startswith("line main: contracts 2 unchanged\n")


def test_rows_of_a_contract_may_stand_apart_and_come_one_by_one(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, JOOST, ALICE))
    assert set(contacts("100252")) == {"Karin Noord", "Alice Noord"}
    type_in("contracts", "import", rows(KARIN.replace("682", "699")))
    assert contacts("100252")["Karin Noord"].phones == ("+31612345699",)
    assert "Alice Noord" in contacts("100252")


def test_more_contacts_than_were_sold_is_a_warning_once_and_the_ended_do_not_count(type_in, rows):
    bob = ALICE.replace("Alice", "Bob").replace("683", "684").replace("816420", "730184")
    warning = "warning: contract 100252: contacts: has 3 contacts; MSA Plus includes 2\n"
    result = type_in("contracts", "import", rows(KARIN, JOOST, ALICE, bob))
    assert (result.exit_code, result.stderr) == (0, warning)
    assert type_in("contracts", "import", rows(KARIN, ALICE, f"{bob}2026-01-31")).stderr == ""


def test_a_wrong_row_is_named_and_the_others_are_taken(type_in, rows, contacts):
    wrong = JOOST.replace("standard", "gold").replace("294771", "2947")
    result = type_in("contracts", "import", rows(KARIN, wrong, ALICE))
    assert result.exit_code == 1
    assert "line 3: pin: must be 6 digits\n" in result.stderr
    assert "line 3: plan: must be one of msa_plus, standard\n" in result.stderr
    assert result.stderr.endswith("Mistakes: 2; their rows were not imported.\n")
    assert set(contacts("100252")) == {"Karin Noord", "Alice Noord"}


def test_what_came_from_a_file_is_refused_and_named(type_in, rows, contacts):
    theirs = JOOST.replace("100251", "100234")
    result = type_in("contracts", "import", rows(theirs, KARIN))
    assert result.exit_code == 1
    clash = "line 2: contract: contract 100234 is already defined in the file of the line\n"
    assert clash in result.stderr
    assert list(contacts("100234")) == ["Pieter Jansen"]
    assert list(contacts("100252")) == ["Karin Noord"]


def test_a_pin_of_a_contact_who_is_kept_cannot_be_taken(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN))
    result = type_in("contracts", "import", rows(ALICE.replace("816420", "508316")))
    assert (result.exit_code, list(contacts("100252"))) == (1, ["Karin Noord"])
    assert result.stderr.startswith("line 2: pin: is the PIN of another contact of this contract")


def test_two_contacts_may_swap_their_pins(type_in, rows, contacts, board):
    type_in("contracts", "import", rows(KARIN, ALICE))
    swapped = KARIN.replace("508316", "816420"), ALICE.replace("816420", "508316")
    assert type_in("contracts", "import", rows(*swapped)).exit_code == 0
    locksmith = Argon2PinVerifier(board.settings.pin_pepper)
    karin = contacts("100252")["Karin Noord"]
    assert locksmith.find("816420", contacts("100252").values()) == karin


def test_equal_pins_of_two_contracts_look_different(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, JOOST.replace("294771", "508316")))
    kept = contacts("100252")["Karin Noord"].pin_hash, contacts("100251")["Joost Smit"].pin_hash
    assert kept[0] != kept[1]


def test_replace_shows_whom_it_would_end_and_asks(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, ALICE, JOOST))
    result = type_in("contracts", "import", rows(KARIN), "--replace", keys="n\n")
    shown = "in no row: contract 100252, Vertaalbureau Noord: Alice Noord\n"
    assert shown in result.stderr
    assert contacts("100252")["Alice Noord"].ends is None
    result = type_in("contracts", "import", rows(KARIN), "--replace", keys="y\n")
    assert result.stdout.endswith("contacts ended 1\n")
    assert contacts("100252")["Alice Noord"].ends is not None
    assert contacts("100251")["Joost Smit"].ends is None


def test_replace_ends_nobody_when_nobody_answers(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, ALICE))
    result = type_in("contracts", "import", rows(KARIN), "--replace", keys="")
    assert "Use --yes to end them" in result.stderr
    assert contacts("100252")["Alice Noord"].ends is None


def test_replace_ends_each_only_once_and_a_row_brings_them_back(objects, type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, ALICE))
    ending = ("contracts", "import", rows(KARIN), "--replace", "--yes")
    assert changes(objects(*ending)) == [("100252", "ended", "Alice Noord")]
    assert objects(*ending) == []
    type_in("contracts", "import", rows(ALICE))
    assert contacts("100252")["Alice Noord"].ends is None


def test_replace_ends_nobody_while_rows_are_wrong(type_in, rows, contacts):
    type_in("contracts", "import", rows(KARIN, ALICE))
    wrong = rows(KARIN, ALICE.replace("816420", "8164"))
    result = type_in("contracts", "import", wrong, "--replace", "--yes")
    assert result.stderr.endswith("and no contact was ended.\n")
    assert contacts("100252")["Alice Noord"].ends is None


def test_a_file_of_another_kind_changes_nothing(type_in, tmp_path, applied):
    file = tmp_path / "other.csv"
    file.write_text("name,pin\nKarin,508316\n")
    result = type_in("contracts", "import", file)
    assert result.exit_code == 1
    assert "508316" not in result.output


def test_a_terminal_shows_how_far_it_is_and_whole_sentences(environment, rows):
    ours, theirs = pty.openpty()
    file = rows(KARIN, "100253,No Plan BV,gold,,,,A B,+31612345689,111111,nl,,")
    command = [sys.executable, "-m", "ivr_app.cli", "contracts", "import", str(file)]
    told = os.environ | environment
    subprocess.run(command, env=told, stderr=theirs, stdout=subprocess.DEVNULL, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "100%" in shown
    assert "\r\x1b[Kline 3" in shown
