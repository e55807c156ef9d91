"""`apply` makes the database match the file, or changes nothing and says why."""

import pytest

from carrier.fallback import read_fallback
from store.people.lines import SqlLineRepository


def test_the_first_time_it_says_what_it_added(type_in, paper):
    result = type_in("apply", paper())
    assert result.stdout.splitlines() == ["line main added", "contract 100234 added"]


def test_the_same_file_again_changes_nothing(type_in, paper, objects):
    type_in("apply", paper())
    assert type_in("apply", paper()).stdout == "line main: nothing changed\n"
    assert objects("apply", paper()) == []


def test_what_is_odd_is_a_warning_and_stops_nothing(type_in, paper):
    result = type_in("apply", paper("contracts:", "desk: {ring: [night]}\ncontracts:"))
    assert result.exit_code == 0
    assert "warning: line 18: desk: nobody is on call from" in result.stderr


def test_a_wrong_file_names_every_mistake_and_changes_nothing(type_in, paper, board, applied):
    wrong = paper("people: [joris]", "people: [jorris]")
    wrong.write_text(wrong.read_text().replace("plan: msa_plus", "plan: gold"))
    result = type_in("apply", wrong)
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first.startswith("line 15: schedules[1].shifts[0].people[0]: is an unknown engineer")
    assert second.startswith("line 21: contracts[0].plan: must be one of")
    assert SqlLineRepository(board.engine).find_line("main").schedules[1].shifts[0].people == (
        "joris",
    )


def test_no_pin_is_kept_or_printed(type_in, paper, tmp_path):
    result = type_in("apply", paper())
    assert "482913" not in result.output
    assert b"482913" not in b"".join(file.read_bytes() for file in tmp_path.glob("line.db*"))


def test_the_lifeline_is_written(type_in, paper, board):
    type_in("apply", paper())
    (line,) = read_fallback(board.settings.fallback_file)
    assert (line.number, line.language) == ("+31201234567", "nl")
    assert line.phones[:2] == ("+31612345601", "+31208881101")
    assert line.phones[-1] == "+31207654321"


def test_a_lifeline_that_cannot_be_written_is_told(type_in, paper, tmp_path):
    (tmp_path / "fallback.json").mkdir()
    result = type_in("apply", paper())
    assert (result.exit_code, "line main added" in result.stdout) == (1, True)
    assert "The line is applied, but FALLBACK_FILE" in result.stderr


def test_a_clash_is_refused_and_named(type_in, paper, applied):
    result = type_in("apply", paper("  name: MSA", "  id: second\n  name: MSA"))
    assert result.exit_code == 1
    assert "+31201234567 of line second is the number of line main" in result.stderr


@pytest.mark.parametrize("words", [("calls",), ("incidents",), ("show", "1"), ("oncall",)])
def test_a_database_without_tables_names_the_command(type_in, tmp_path, words):
    for file in tmp_path.glob("line.db*"):
        file.unlink()
    result = type_in(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("run priority-line migrate\n")


def test_migrate_makes_the_tables(type_in, paper, tmp_path):
    for file in tmp_path.glob("line.db*"):
        file.unlink()
    assert type_in("apply", paper()).exit_code == 1
    assert type_in("migrate").exit_code == 0
    assert type_in("apply", paper()).exit_code == 0
