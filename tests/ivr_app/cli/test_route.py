"""`route` plays a call through by the rules of the line, and nobody answers."""

NOON, MIDNIGHT = "2026-03-02T12:00", "2026-03-02T23:59:59"


def rung(story):
    return [(row["engineer"], row["to"]) for row in story if row["event"] == "ring"]


def reasons(story, event):
    return [row["reason"] for row in story if row["event"] == event]


def test_at_night_both_steps_are_rung_each_phone_in_order(objects, paper):
    story = objects("route", "--file", paper(), "--contract", "100234", "--at", MIDNIGHT)
    assert rung(story) == [
        ("sanne", "+31612345601"),
        ("sanne", "+31208881101"),
        ("joris", "+31612345602"),
        ("last_resort", "+31207654321"),
    ]
    assert story[-1]["event"] == "resting"
    assert story[-1]["at"] == "2026-03-03T00:01:49+01:00"


def test_a_step_with_nobody_is_skipped_and_says_why(objects, paper):
    story = objects("route", "--file", paper(), "--contract", "100234", "--at", NOON)
    assert [who for who, _ in rung(story)] == ["sanne", "sanne", "last_resort"]
    assert reasons(story, "skipped") == ["step 2: nobody is on call, so it is skipped"]


def test_every_pass_is_played(objects, paper):
    again = paper("for: 20s}]", "for: 20s}]\n  repeat: 2")
    story = objects("route", "--file", again, "--contract", "100234", "--at", NOON)
    assert [who for who, _ in rung(story)] == [*["sanne"] * 4, "last_resort"]


LOWER = ("--contract", "100234", "--urgency", 3)


def test_lower_levels_ring_nobody_at_night(objects, paper):
    story = objects("route", "--file", paper(), *LOWER, "--at", MIDNIGHT)
    assert rung(story) == []
    assert story[-1]["event"] == "told_later"


def test_without_a_desk_lower_levels_are_registered(objects, paper):
    story = objects("route", "--file", paper(), *LOWER, "--at", NOON)
    assert rung(story) == []
    assert story[-1]["event"] == "registered"


def test_in_office_hours_the_desk_is_rung_once_round(objects, paper):
    staffed = paper("contracts:", "desk: {ring: [joris], for: 20s}\ncontracts:")
    story = objects("route", "--file", staffed, *LOWER, "--at", NOON)
    assert [who for who, _ in rung(story)] == ["joris"]
    assert story[-1]["event"] == "leg_ended"


def test_an_unknown_contract_is_an_unverified_caller(objects, paper):
    story = objects("route", "--file", paper(), "--contract", "999", "--at", NOON)
    assert reasons(story, "opened") == ["level 1, unverified"]
    assert rung(story)[0] == ("sanne", "+31612345601")


def test_the_file_may_forbid_that_strangers_ring(objects, paper):
    strict = paper("contracts:", "unverified_level_1: message\ncontracts:")
    story = objects("route", "--file", strict, "--contract", "999", "--at", NOON)
    assert (rung(story), len(reasons(story, "not_rung"))) == ([], 1)


def test_the_database_says_the_same_and_is_not_written(objects, paper, applied):
    asked = ("--contract", "100234", "--at", MIDNIGHT)
    assert objects("route", *asked) == objects("route", "--file", paper(), *asked)
    assert objects("calls") == []


def test_people_read_it_as_a_timeline(type_in, paper):
    words = type_in("route", "--file", paper(), "--contract", "100234", "--at", NOON).stdout
    assert words.startswith("Bakkerij Jansen BV calls MSA Plus prioriteitslijn about level 1.\n")
    assert "2026-03-02 12:00:30.000  rang_out" in words
