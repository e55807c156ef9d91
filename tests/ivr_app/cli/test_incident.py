"""`incident ID …`: every state can be reached and told at the command line."""

import pytest

from routing import events

SID = "CA" + "1" * 32


@pytest.fixture
def number(applied, board):
    """Pieter called about level 1 and hung up."""
    desk = board.call_service
    call = desk.answer(SID, "+31201234567", "+31612345678").case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        matter = desk.happen(events.Chose(call.id, call.turn, "1"))
        call = matter.call
    desk.happen(events.CallEnded(call.id))
    return matter.incident.number


@pytest.fixture
def say(type_in, number):
    """Type a verb about the incident; gives back what was printed."""

    def run(*words, by="sanne"):
        result = type_in("incident", number, *words, "--by", by)
        return result.stdout.strip() or result.stderr.strip()

    return run


def test_an_incident_goes_from_open_to_closed_and_each_step_says_who(objects, say, number):
    assert say("take") == f"Incident {number} is assigned to Sanne de Vries."
    assert say("close") == (
        f"Incident {number} has not been responded to yet, so it cannot be closed."
    )
    assert say("respond") == f"Incident {number} has been responded to. Thank you."
    assert say("respond", by="joris") == f"Incident {number} has been responded to already."
    assert say("close", by="duty_manager") == f"Incident {number} is closed."
    (row,) = objects("incidents")
    assert (row["state"], row["clock"], row["breached_at"]) == ("closed", "stopped", None)
    assert (row["acknowledged_by"], row["responded_by"]) == ("sanne", "sanne")
    assert (row["closed_by"], row["closed_at"] > row["responded_at"]) == ("duty_manager", True)


def test_waiting_for_the_customer_is_shown_with_both_times(objects, say, number):
    said = say("wait", "the log files", "--reason", "the dump was cut off")
    assert said == f"Incident {number} waits for the customer; the response clock is paused."
    (row,) = objects("incidents")
    assert (row["clock"], row["waiting_for"], row["waiting_by"]) == (
        "paused",
        "the log files",
        "sanne",
    )
    assert row["left_s"] == pytest.approx(4 * 3600, abs=60)
    assert row["respond_by"] == row["respond_by_unpaused"]
    assert say("resume") == f"Incident {number} does not wait for the customer."
    (row,) = objects("incidents")
    assert (row["clock"], row["waiting_since"], row["left_s"]) == ("running", None, None)
    story = [(row["event"], row["reason"]) for row in objects("show", number)]
    assert ("waits_for_customer", "sanne by command line: the dump was cut off") in story
    assert ("customer_message", "the log files") in story


def test_a_note_stands_in_the_story_with_who_and_how(objects, say, number):
    assert "Nobody has it yet" in say("note", "the customer prefers mail", by="duty_manager")
    (row,) = [row for row in objects("show", number) if row["event"] == "note"]
    assert (row["engineer"], row["channel"]) == ("duty_manager", "command line")
    assert row["reason"] == "the customer prefers mail"


def test_what_somebody_else_has_is_reassigned_and_not_taken(objects, say, number):
    say("take")
    assert "already taken by Sanne de Vries" in say("take", by="joris")
    told = say("reassign", "--to", "joris", "--reason", "ill", by="duty_manager")
    assert told == f"Incident {number} is assigned to Joris Bakker."
    (row,) = objects("incidents")
    assert row["acknowledged_by"] == "joris"


def test_json_prints_the_incident_as_the_list_does(objects, number):
    (row,) = objects("incident", number, "take", "--by", "sanne")
    assert row == objects("incidents")[0]


def test_unknown_people_and_incidents_are_a_sentence(type_in, say, number):
    assert say("take", by="piet") == (
        "piet is not on line main; --by may be: sanne, joris, duty_manager"
    )
    result = type_in("incident", 7, "take", "--by", "sanne")
    assert (result.exit_code, result.stderr) == (1, "There is no incident 7.\n")
    assert "taken by an engineer" in say("take", by="duty_manager")


def test_whoever_has_it_can_have_the_customer_called(say, number, board):
    assert "not assigned to you" in say("call")
    say("take")
    assert say("call").startswith("We are calling your phone now.")
    (leg,) = board.call_service.calls.find_by_number(number).incident.legs()
    assert (leg.engineer, leg.to) == ("sanne", "+31612345601")


def messages(board, number):
    incident = board.call_service.calls.find_by_number(number).incident
    found = board.call_service.calls.correspondence.find_messages(incident.key)
    return [(one.author.value, one.by, one.door.value, one.words) for one in found]


def test_an_answer_asks_who_reads_it_and_a_note_never_goes_out(
    type_in, say, number, board, tmp_path
):
    say("note", "a difficult customer")
    refused = type_in("incident", number, "answer", "It works.", "--by", "sanne", keys="n\n")
    assert refused.exit_code == 1
    assert "Send this to Pieter Jansen, Bakkerij Jansen BV?" in refused.stderr
    assert messages(board, number) == []
    (tmp_path / "how.txt").write_text("unplug it")
    file = ("--file", tmp_path / "how.txt")
    words = say("answer", "It works.", "--effect", "responds", "--yes", *file)
    assert words == "Sent to Pieter Jansen, Bakkerij Jansen BV."
    assert messages(board, number) == [("staff", "sanne", "command line", "It works.")]
    assert "how.txt, 9 bytes" in str(type_in("show", number, "--json").stdout)
    assert say("answer", "again", "--effect", "responds", "--yes").endswith("responded to already.")


def test_an_incident_is_opened_by_hand_and_merged(objects, type_in, number, board):
    typed = ("open", "The till again", "--urgency", 3, "--contract", "100234", "--by", "sanne")
    assert type_in(*typed, "--source", "email").stdout == "Incident 1002 is open.\n"
    row = objects("incidents")[1]
    assert (row["source"], row["contact"], row["verified"]) == ("email", "Pieter Jansen", True)
    assert messages(board, 1002)[0][3] == "The till again"
    merge = ("incident", 1002, "merge", "--by", "duty_manager", "--into")
    assert type_in(*merge, 77).stderr == "There is no incident 77.\n"
    assert "merged into itself" in type_in(*merge, 1002).stderr
    done = type_in(*merge, number)
    assert done.stdout == f"Incident 1002 has been merged into incident {number}.\n"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("--contract", "7"), "There is no contract 7 on line main."),
        (("--contract", "100234", "--contact", "Nobody"), "has this name"),
        (("--phone", "six"), "six is not a phone number"),
        (("--by", "piet"), "piet is not on line main"),
    ],
)
def test_what_is_not_known_opens_nothing(objects, applied, type_in, given, why):
    by = () if "--by" in given else ("--by", "sanne")
    result = type_in("open", "words", "--urgency", 1, *given, *by)
    assert (result.exit_code, why in result.stderr) == (1, True)
    assert objects("incidents") == []
