"""Dial Conference: joins a conference until somebody or something ends it."""

import asyncio
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump, StatusCallback
from devtools.phone_company.clock import first_of
from devtools.phone_company.conferences import Conference, Participant
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.dialling import Dialling
from devtools.phone_company.twiml.pages import PageError
from devtools.phone_company.twiml.stage import Stage


async def join(dialling: Dialling, noun: Element) -> None:
    """Stay until kicked, the conference ends, the star key or the time limit."""
    stage = dialling.stage
    rooms, clock = stage.company.conferences, stage.company.clock
    dialling.status = "answered"
    person = Participant(
        call=stage.call,
        joined=clock.now(),
        label=noun.get("participantLabel", ""),
        muted=attributes.yes(noun, "muted"),
        starts=attributes.yes(noun, "startConferenceOnEnter", default=True),
        ends=attributes.yes(noun, "endConferenceOnExit"),
    )
    room = rooms.join(attributes.text(noun), person, _callback(stage, noun))
    stage.note("conference", room=room.name)
    limit = attributes.number(dialling.element, "timeLimit", 14400)
    try:
        await first_of(_stay(stage, noun, room, person), dialling.until_star(), clock.sleep(limit))
    finally:
        rooms.leave(room, person, _why(room, person))


async def _stay(stage: Stage, noun: Element, room: Conference, person: Participant) -> None:
    await first_of(person.out.wait(), room.started.wait(), _music(stage, noun))
    await person.out.wait()


async def _music(stage: Stage, noun: Element) -> None:
    url = noun.get("waitUrl")
    if url:
        music = stage.within("Play", "Say", "Pause", "Redirect")
        try:
            await music.run(Jump(stage.page.resolve(url), attributes.method(noun, "waitMethod")))
        except PageError as failure:
            stage.note("warning", code=failure.code, text="hold music failed")
    await asyncio.Event().wait()


def _why(room: Conference, person: Participant) -> str:
    if room.status == "completed":
        return "conference_ended_via_api"
    return "participant_updated_via_api" if person.out.is_set() else "participant_hung_up"


def _callback(stage: Stage, noun: Element) -> StatusCallback:
    url = noun.get("statusCallback")
    return StatusCallback(
        stage.page.resolve(url) if url else "",
        attributes.method(noun, "statusCallbackMethod"),
        frozenset(noun.get("statusCallbackEvent", "").split()),
    )
