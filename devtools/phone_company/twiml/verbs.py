"""Every verb the company understands."""

from devtools.phone_company.twiml.dial import dial
from devtools.phone_company.twiml.endings import hang_up, leave, redirect, reject
from devtools.phone_company.twiml.enqueue import enqueue
from devtools.phone_company.twiml.gather import gather
from devtools.phone_company.twiml.record import record
from devtools.phone_company.twiml.speech import pause, play, say
from devtools.phone_company.twiml.stage import Verb

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
