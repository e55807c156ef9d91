"""Every verb the company understands."""

from carrier.simulated.twiml.dial import dial
from carrier.simulated.twiml.endings import hang_up, leave, redirect, reject
from carrier.simulated.twiml.enqueue import enqueue
from carrier.simulated.twiml.gather import gather
from carrier.simulated.twiml.record import record
from carrier.simulated.twiml.speech import pause, play, say
from carrier.simulated.twiml.stage import Verb

VERBS: dict[str, Verb] = {
    "Say": say,
    "Play": play,
    "Pause": pause,
    "Gather": gather,
    "Record": record,
    "Dial": dial,
    "Enqueue": enqueue,
    "Leave": leave,
    "Redirect": redirect,
    "Reject": reject,
    "Hangup": hang_up,
}
