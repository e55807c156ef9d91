"""A caller who waits: keys, messages, the end of a bridge, the rescue, and how calls end."""

from itertools import pairwise

import pytest

from routing import events
from routing.call import CallOutcome, Preamble, Stage
from routing.caller.leaving import build_rescue_document, make_rescue_key
from routing.incident import EscalationPhase, IncidentState
from routing.page import LegState
from routing.voice_document import Dial, Enqueue, LeaveQueue
from tests.routing.floor import JORIS, LAST_RESORT, SANNE, SANNES_DESK, Floor, hangs_up, prompts


@pytest.fixture
def call(floor):
    return floor.critical()


def leave(floor, call, recording="http://spoken"):
    floor.desk.happen(events.MessageLeft(call, floor.call(call).turn, recording))


@pytest.mark.parametrize(
    ("key", "stage", "remark"),
    [
        ("7", Stage.MESSAGE, Preamble.NONE),
        ("8", Stage.CALLBACK, Preamble.NONE),
        ("3", Stage.WAITING, Preamble.NO_SUCH_KEY),
        ("1", Stage.WAITING, Preamble.NO_SUCH_KEY),
        ("9", Stage.WAITING, Preamble.REPEAT),
        ("*", Stage.WAITING, Preamble.REPEAT),
        ("#", Stage.WAITING, Preamble.NONE),
        ("0", Stage.WAITING, Preamble.NONE),
        ("", Stage.WAITING, Preamble.NONE),  # a hash key alone may come as no key
    ],
)
def test_the_keys_of_the_waiting_room(floor, call, key, stage, remark):
    floor.wait_key(call, key)
    assert (floor.call(call).stage, floor.call(call).remark) == (stage, remark)
    assert floor.ringing() == [SANNE]


def test_a_caller_without_a_number_cannot_be_called_back_and_is_told_so(floor):
    call = floor.critical("anonymous")
    floor.wait_key(call, "8")
    assert floor.call(call).stage is Stage.WAITING
    assert prompts(floor.room(call, answered_key=True)) == ["no_number", "rings_first_one"]


def test_who_wants_to_be_called_back_is_sent_home_and_the_hunt_goes_on(floor, call):
    floor.wait_key(call, "8")
    assert prompts(floor.room(call)) == ["callback_noted"]
    assert hangs_up(floor.room(call))
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.CALLBACK
    assert (floor.incident(call).state, floor.ringing()) == (IncidentState.OPEN, [SANNE])


@pytest.mark.parametrize(
    ("recording", "remark", "prompt"),
    [
        ("http://spoken", Preamble.MESSAGE_KEPT, "message_kept"),
        (None, Preamble.NONE, "parked"),
    ],
)
def test_after_a_message_the_caller_waits_on(floor, call, recording, remark, prompt):
    floor.wait_key(call, "7")
    assert isinstance(floor.room(call).acts[0], LeaveQueue)
    assert prompts(floor.script(call)) == ["ask_message"]
    leave(floor, call, recording)
    assert (floor.call(call).stage, floor.call(call).remark) == (Stage.WAITING, remark)
    assert prompts(floor.script(call)) == [prompt]
    assert [r.url for r in floor.spoken(call)] == ([recording] if recording else [])
    assert floor.ringing() == [SANNE]


@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        (lambda floor, call: None, CallOutcome.ABANDONED),
        (lambda floor, call: floor.wait_key(call, "8"), CallOutcome.CALLBACK),
        (lambda floor, call: (floor.wait_key(call, "7"), leave(floor, call)), CallOutcome.MESSAGE),
        (lambda floor, call: floor.talk(call), CallOutcome.CONNECTED),
        (lambda floor, call: (floor.talk(call), floor.left(call)), CallOutcome.CONNECTED),
    ],
)
def test_how_a_call_counts_when_the_caller_hangs_up(floor, call, before, outcome):
    before(floor, call)
    floor.hang_up(call)
    assert (floor.call(call).stage, floor.call(call).outcome) == (Stage.ENDED, outcome)
    assert floor.call(call).ended_at == floor.now


def test_a_call_that_breaks_before_anybody_took_it_has_failed(floor, call):
    floor.desk.happen(events.CallEnded(call, failed=True))
    assert floor.call(call).outcome is CallOutcome.FAILED


def test_an_ended_call_stays_as_it_is_whatever_comes_late(floor, call):
    floor.hang_up(call)
    before, turn = floor.call(call), floor.call(call).turn
    for event in (
        events.CallEnded(call, failed=True),
        events.CallChecked(call, live=True),
        events.CallChecked(call, live=False),
        events.LeftQueue(call, events.Left.BRIDGED),
        events.LeftQueue(call, events.Left.HUNG_UP),
        events.LeftQueue(call, events.Left.BROKEN),
        events.StayedOn(call, turn),
        events.Unattended(call),
        events.WaitingKey(call, turn, "8"),
        events.RescueOver(call, turn),
        events.RescueTaken(call, "5"),
        events.MessageLeft(call, turn, None),
        events.Chose(call, turn, "1"),
    ):
        floor.desk.happen(event)
        assert floor.call(call) == before


def test_a_message_that_ends_by_hanging_up_is_kept_although_the_end_is_told_first(floor, call):
    floor.wait_key(call, "7")
    floor.hang_up(call)
    leave(floor, call)
    (spoken,) = floor.spoken(call)
    assert floor.incident(call).message == floor.call(call).message == spoken.id
    assert floor.call(call).outcome is CallOutcome.MESSAGE
    assert floor.call(call).stage is Stage.ENDED


def test_a_caller_who_hangs_up_early_leaves_an_incident_that_goes_on_being_paged(floor, call):
    floor.hang_up(call)
    assert floor.incident(call).state is IncidentState.OPEN
    floor.advance(31)
    assert floor.ringing() == [SANNES_DESK]
    floor.advance(2000)
    assert floor.rings(SANNE) > 4
    assert "goes_on" in floor.notes()


def test_the_queue_is_deleted_after_the_call_and_not_for_calls_that_never_waited(floor, call):
    floor.hang_up(call)
    floor.hang_up(floor.dial())
    kinds = [errand.command.kind for errand in floor.book.rows.jobs.values()]
    assert kinds.count("delete_queue") == 1


def test_a_caller_is_asked_after_every_minute_and_found_gone(floor, call):
    floor.talk(call)
    floor.advance(200)
    assert floor.call(call).live
    floor.exchange.heards[floor.call(call).sid] = events.Heard.COMPLETED
    floor.advance(61)
    assert floor.call(call).outcome is CallOutcome.CONNECTED


# The end of a bridge


def test_when_the_other_side_leaves_the_caller_is_asked_and_then_waits_for_the_same_one(
    floor, call
):
    floor.talk(call)
    floor.advance(60)
    floor.left(call)
    assert prompts(floor.script(call)) == ["talk_ended", "was_this_all"]
    floor.drop(SANNE)
    assert floor.ringing() == []
    floor.stay(call)
    assert isinstance(floor.script(call).acts[-1], Enqueue)
    assert (floor.call(call).stage, floor.ringing()) == (Stage.WAITING, [SANNE])
    assert floor.incident(call).state is IncidentState.OPEN


def test_the_callers_side_may_say_so_before_the_engineers_side_does(floor, call):
    floor.talk(call)
    floor.left(call)
    floor.stay(call)
    assert floor.ringing() == [SANNE]
    old = floor.legs()[0]
    assert old.state is LegState.ENDED
    for event in (
        events.LegParted(old.id, old.turn, bridged=True),
        events.LegHeard(old.id, events.Heard.COMPLETED),
        events.LegConnected(old.id),
    ):
        before = floor.desk.call(call)
        floor.desk.happen(event)
        assert floor.desk.call(call) == before


def test_a_late_word_of_the_joining_does_not_undo_the_question(floor, call):
    """The caller's document may overtake the one that is asked as the two are joined."""
    floor.take(SANNE)
    floor.left(call)
    floor.meet(SANNE)
    assert floor.call(call).stage is Stage.RETURNING
    floor.drop(SANNE)
    floor.stay(call)
    assert (floor.call(call).stage, floor.ringing()) == (Stage.WAITING, [SANNE])


def test_when_the_word_of_the_joining_is_lost_the_engineer_is_not_rung_for_nothing(floor, call):
    floor.take(SANNE)
    floor.drop(SANNE)
    assert floor.ringing() == [SANNE]
    floor.left(call)
    assert floor.ringing() == []
    assert floor.incident(call).acknowledged_by == "sanne"
    floor.stay(call)
    assert floor.rings(LAST_RESORT) == 0
    assert [c.engineer for c in floor.incident(call).escalation.candidates] == ["sanne"]


def test_a_caller_who_talked_and_waits_again_was_still_answered(floor, call):
    floor.talk(call)
    floor.left(call)
    floor.stay(call)
    floor.hang_up(call)
    assert floor.call(call).outcome is CallOutcome.CONNECTED
    assert floor.call(call).answered_by == "sanne"


def test_an_old_word_of_leaving_the_queue_does_not_take_out_who_waits_again(floor, call):
    first = floor.call(call).turn
    floor.talk(call)
    for _ in range(2):
        floor.desk.happen(events.LeftQueue(call, events.Left.BRIDGED, first))
    floor.drop(SANNE)
    floor.stay(call)
    before = floor.call(call)
    floor.desk.happen(events.LeftQueue(call, events.Left.BRIDGED, first))
    floor.desk.happen(events.LeftQueue(call, events.Left.BROKEN, first))
    assert floor.call(call) == before


def test_a_word_of_the_queue_counts_although_keys_were_pressed_in_it(floor, call):
    parked = floor.call(call).turn
    floor.wait_key(call, "9")
    floor.talk(call)
    floor.desk.happen(events.LeftQueue(call, events.Left.BRIDGED, parked))
    assert floor.call(call).stage is Stage.RETURNING


def test_a_caller_left_alone_in_the_queue_is_not_forgotten(floor, call):
    """The word that the two parted was lost; the carrier says that the caller is still there."""
    floor.talk(call)
    floor.drop(SANNE)
    floor.advance(16)
    assert floor.call(call).stage is Stage.RETURNING
    assert isinstance(floor.room(call).acts[0], LeaveQueue)
    floor.stay(call)
    assert floor.ringing() == [SANNE]


def test_a_caller_who_talks_is_left_in_peace_when_asked_after(floor, call):
    floor.talk(call)
    floor.advance(600)
    assert floor.call(call).stage is Stage.BRIDGED


@pytest.mark.parametrize("how", [events.Left.LEFT, events.Left.HUNG_UP, events.Left.BROKEN])
def test_a_queue_left_for_another_reason_is_no_conversation(floor, call, how):
    floor.desk.happen(events.LeftQueue(call, how))
    assert floor.call(call).fate is None
    assert (
        floor.call(call).stage
        is {
            events.Left.LEFT: Stage.WAITING,
            events.Left.HUNG_UP: Stage.ENDED,
            events.Left.BROKEN: Stage.RESCUE,
        }[how]
    )


# The rescue


def dialled(floor, call):
    (dial,) = [act for act in floor.script(call).acts if isinstance(act, Dial)]
    return dial.number


def stalled(**changes):
    """A caller for whom nobody has acted in too long a time: no worker, no clock."""
    floor = Floor(**changes)
    call = floor.critical()
    floor.now += floor.legs()[0].ring_for * 3
    floor.room(call)
    return floor, call


def rescued(floor, call):
    key = make_rescue_key(floor.call(call))
    floor.desk.happen(events.RescueTaken(call, key))
    return key


def test_when_nobody_acts_the_last_resort_is_dialled_from_the_callers_document():
    floor, call = stalled()
    assert floor.call(call).stage is Stage.RESCUE
    assert dialled(floor, call) == LAST_RESORT


RESCUE = [*["rescue_whisper"] * 3, "not_connected", "goodbye"]


def test_the_last_resort_is_asked_for_a_key_and_only_the_right_one_takes_the_call():
    floor, call = stalled()
    right = make_rescue_key(floor.call(call))
    assert prompts(build_rescue_document(floor.desk.call(call), floor.line)) == RESCUE
    for key in set("1234567890*#") - {right}:
        floor.desk.happen(events.RescueTaken(call, key))
        assert floor.call(call).answered_by is None
    floor.desk.happen(events.RescueTaken(call, right))
    assert floor.call(call).answered_by == "last_resort"
    assert floor.incident(call).state is IncidentState.ACKNOWLEDGED
    heard = build_rescue_document(floor.desk.call(call), floor.line, answered_key=True)
    assert heard.acts == ()


def test_the_numbers_of_the_last_resort_are_dialled_in_their_order():
    numbers = ("+31201111111", "+31202222222", "+31203333333")
    floor, call = stalled(last_resort=numbers)
    seen, keys = [], []
    for _ in range(4):
        seen.append(dialled(floor, call))
        keys.append(make_rescue_key(floor.call(call)))
        floor.desk.happen(events.RescueOver(call, floor.call(call).turn))
        assert floor.call(call).stage is Stage.WAITING
        floor.room(call)
    assert seen == [*numbers, numbers[0]]
    assert all(one != other for one, other in pairwise(keys))


def test_after_the_rescue_the_caller_is_asked_and_waits_for_the_last_resort_again():
    floor, call = stalled()
    rescued(floor, call)
    assert floor.incident(call).escalation.phase is EscalationPhase.OVER
    floor.desk.happen(events.RescueOver(call, floor.call(call).turn))
    assert prompts(floor.script(call)) == ["talk_ended", "was_this_all"]
    floor.stay(call)
    assert floor.leg(LAST_RESORT).live


def test_a_second_rescue_is_asked_for_its_own_key():
    floor, call = stalled()
    rescued(floor, call)
    floor.desk.happen(events.RescueOver(call, floor.call(call).turn))
    floor.desk.happen(events.StayedOn(call, floor.call(call).turn))
    floor.desk.happen(events.LeftQueue(call, events.Left.BROKEN))
    assert prompts(build_rescue_document(floor.desk.call(call), floor.line)) == RESCUE


def test_an_engineer_who_takes_it_meanwhile_waits_for_the_rescue_to_end():
    floor, call = stalled()
    floor.work()
    floor.advance(1)
    number = floor.ringing()[0]
    floor.take(number)
    for _ in range(5):
        assert floor.part(number, bridged=False).state is LegState.CONNECTING
    floor.desk.happen(events.RescueOver(call, floor.call(call).turn))
    assert isinstance(floor.script(call).acts[-1], Enqueue)
    assert floor.meet(number).state is LegState.TALKING


def test_once_an_engineer_has_it_nobody_is_dialled_directly(floor, call):
    floor.take(SANNE)
    floor.desk.happen(events.Unattended(call))
    assert floor.call(call).stage is Stage.WAITING


def test_a_pause_that_is_over_is_no_sign_that_nobody_acts(floor, call):
    """A pass that everybody passes on is followed by a breath, and then by a pass that rings."""
    floor.pass_on(SANNE)
    floor.pass_on(JORIS)
    assert floor.incident(call).escalation.phase is EscalationPhase.BREATH
    floor.advance(10 + 20)
    assert floor.ringing() == [SANNE]
    floor.room(call)
    assert floor.call(call).stage is Stage.WAITING
