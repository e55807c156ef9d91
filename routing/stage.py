"""Where in the conversation a caller is, and what must be said before the next question."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where in the conversation the caller is; what the phone says next follows from it."""

    LANGUAGE = "language"
    ENGINEER = "engineer"  # an engineer's number: what waits for them is offered
    CONTRACT = "contract"
    PIN = "pin"
    ABOUT = "about"  # the contract has open incidents: is it about one of them?
    ENGAGED = "engaged"  # it is, and somebody of the contract is on the line about it
    URGENCY = "urgency"
    VERDICT = "verdict"  # a request about virus recognition: a false alarm, or a missed threat?
    DATABASES = "databases"  # are the newest in use?
    STOPPED = "stopped"  # has business stopped because of it?
    CONFIRM = "confirm"
    INTRODUCE = "introduce"  # asked to say a name and company
    WAITING = "waiting"  # parked in the caller's own queue
    MESSAGE = "message"  # speaking a message
    LATER = "later"  # told when it will be handled; one key says that it is level 1 by now
    CALLBACK = "callback"  # told that we call back, then we hang up
    BRIDGED = "bridged"  # talking with whoever took the call
    RETURNING = "returning"  # the other side went first: "was this all?"
    RESCUE = "rescue"  # the queue or our own workers failed: dialled straight from the document
    FAREWELL = "farewell"  # one last sentence, then we hang up
    ENDED = "ended"


class Remark(StrEnum):
    """What must be said before the question is put again."""

    NONE = ""
    WELCOME = "welcome"
    NOTHING_WAITS = "nothing_waits"  # for the engineer whose number calls
    RUNG_ENOUGH = "rung_enough"  # something waits, but their telephone was rung often for it
    WRONG = "wrong"  # number and PIN do not belong together; said with a growing pause
    ONE_MOMENT = "one_moment"  # wrong PINs of earlier calls count: said with their pause
    NOTHING_KEYED = "nothing_keyed"
    NO_SUCH_KEY = "no_such_key"
    UNIDENTIFIED = "unidentified"  # out of tries, or went on without
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"
    REPEAT = "repeat"
    NO_NUMBER = "no_number"  # cannot call back: we do not see the caller's number
    MESSAGE_KEPT = "message_kept"
    TAKEN = "taken_for_you"  # somebody has taken the call while a message was spoken
    ENGINEER_DECIDES = "engineer_decides"  # stayed on while the engineer is at the closing menu
    IN_ROW = "in_row"  # the desk is busy or being rung
    DESK_CLOSED = "desk_closed"  # it closed while the caller waited
    OLD_DATABASES = "old_databases"  # to be updated first; the request is taken all the same
    REQUEST_WAITS = "request_waits"  # for a specialist, in their row
    SILENT = "silent"  # nothing was said when a name was asked for
    COLLEAGUE_TALKS = "colleague_talks"
    COLLEAGUE_WAITS = "colleague_waits"
    CALLED_AGAIN = "called_again"  # about an incident of level 2 to 4
    RAISED = "raised"  # to level 1, while a colleague is on the line about it
