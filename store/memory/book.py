"""The book of calls and incidents in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from threading import Lock

from routing.call import Call
from routing.decision import Case, Decision, LostRaceError, Notices
from routing.escalation.queue_position import MOST_TALKS, place_of, talk_of, turn_of
from routing.incident import Incident, IncidentKind, IncidentState
from routing.jobs import DropRecording, Job
from routing.line import Channel, Handover
from routing.message import CONTACT, IncidentNote, Message, ReceivedText
from routing.page import Page, PageResult
from routing.ports import CallRepository, HandoverDecision, HandoverRepository
from routing.recording import Recording, RecordingState, Sound
from store.log.messages import ENDED
from store.log.recordings import UNSETTLED
from store.log.writes import hunted
from store.memory.state import MemoryRows

# The reliefs of the book in memory.


class MemoryHandoverRepository(HandoverRepository):
    """Keeps what ``routing.roster.Roster`` promises."""

    rows: MemoryRows
    _lock: Lock

    def plan(self, errands: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write errands that have a name, each name once; gives back those due."""
        with self._lock:
            known = {errand.name for errand in self.rows.errands.values()}
            return self.rows.post([e for e in errands if e.name not in known], at)

    def relieve(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new relief with all that follows, unless it is there already."""
        new = telling.relief
        with self._lock:
            theirs = [r for r in self.rows.reliefs.values() if _whose(r) == _whose(new)]
            if any((r.schedule, r.at) == (new.schedule, new.at) for r in theirs):
                return ()
            if new.waits and any(r.waits and r.lasts(at) and r.code == new.code for r in theirs):
                raise LostRaceError(f"{new.engineer} has been given this code just now")
            return self._write(telling, at)

    def relief(self, relief_id: str) -> Handover | None:
        """The relief of this id."""
        return self.rows.reliefs.get(relief_id)

    def reliefs_of(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The reliefs of this person that are not over by now, oldest first."""
        theirs = (r for r in self.rows.reliefs.values() if _whose(r) == (line, engineer))
        return sorted((r for r in theirs if r.lasts(now)), key=_order)

    def relief_became(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed relief with all that follows; LostRaceError when somebody was first."""
        before = telling.relief
        with self._lock:
            kept = self.rows.reliefs.get(before.id)
            if kept is None or kept.version != before.version:
                raise LostRaceError(f"relief {before.id} was changed by somebody else")
            after = replace(before, version=before.version + 1)
            return self._write(replace(telling, relief=after), at)

    def reliefs(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The reliefs of the line from one moment to just before another, oldest first."""
        ours = (r for r in self.rows.reliefs.values() if r.line == line)
        return sorted((r for r in ours if start <= r.at < end), key=_order)

    def _write(self, telling: HandoverDecision, at: dt.datetime) -> Sequence[str]:
        rows = self.rows
        rows.reliefs[telling.relief.id] = telling.relief
        fresh = [letter for letter in telling.letters if letter.id not in rows.letters]
        rows.letters |= {letter.id: letter for letter in fresh}
        sent = [Job(letter.at, letter.sending) for letter in fresh]
        return rows.post([*sent, *telling.errands], at)


def _whose(relief: Handover) -> tuple[str, str]:
    return relief.line, relief.engineer


def _order(relief: Handover) -> tuple[dt.datetime, str, str]:
    return relief.at, relief.schedule, relief.engineer


# Recordings in memory.


class MemoryRecordingRepository:
    """The recordings of every line, as plain rows that tests may read."""

    rows: MemoryRows

    def recording(self, recording_id: str) -> Recording | None:
        """The recording of this id."""
        return self.rows.recordings.get(recording_id)

    def recordings(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key), or all of them; the oldest first."""
        theirs = [r for r in self.rows.recordings.values() if incident in (None, r.incident)]
        return sorted(theirs, key=lambda recording: (recording.made_at, recording.id))

    def recordings_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Made by then, and still not kept, or kept and still at the carrier."""
        there = [r for r in self.recordings() if r.deleted_at is None and r.state in UNSETTLED]
        return [recording for recording in there if recording.made_at <= made_by]

    def keep_recording(
        self, recording_id: str, sound: Sound, data: bytes, at: dt.datetime
    ) -> Sequence[str]:
        """The sound is ours, if it was waited for; it is then deleted at the carrier."""
        recording = self.recording(recording_id)
        if recording is None or recording.state is not RecordingState.WAITING:
            return ()
        kept = replace(recording, state=RecordingState.KEPT, sound=sound, kept_at=at)
        self.rows.recordings[recording_id] = kept
        self.rows.sounds[recording_id] = data
        return self.rows.post([Job(at, DropRecording(recording_id))], at)

    def miss_recording(self, recording_id: str) -> None:
        """There is nothing at the carrier to wait for."""
        recording = self.recording(recording_id)
        if recording is not None and recording.state is RecordingState.WAITING:
            self.rows.recordings[recording_id] = replace(recording, state=RecordingState.MISSING)

    def drop_recording(self, recording_id: str, at: dt.datetime) -> None:
        """It has been deleted at the carrier."""
        recording = self.recording(recording_id)
        if recording is not None and recording.deleted_at is None:
            self.rows.recordings[recording_id] = replace(recording, deleted_at=at)

    def forget_recording(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete the sound, and whatever the carrier may have; the row stays as a mark."""
        recording = self.recording(recording_id)
        if recording is None or recording.state is RecordingState.FORGOTTEN:
            return ()
        gone = replace(recording, state=RecordingState.FORGOTTEN, forgotten_at=at)
        self.rows.recordings[recording_id] = gone
        self.rows.sounds.pop(recording_id, None)
        there = recording.deleted_at is None
        return self.rows.post([Job(at, DropRecording(recording_id))] if there else [], at)

    def sound(self, recording_id: str) -> bytes | None:
        """The sound itself, while it is kept."""
        return self.rows.sounds.get(recording_id)


# The letters of the book in memory.


class MemoryMessageRepository:
    """Keeps what ``routing.ports.Book`` promises of letters."""

    rows: MemoryRows
    _lock: Lock

    def write(self, letters: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write letters that belong to no decision, each once, and the errands that send them."""
        with self._lock:
            fresh = [letter for letter in letters if letter.id not in self.rows.letters]
            self.rows.letters |= {letter.id: letter for letter in fresh}
            return self.rows.post([Job(letter.at, letter.sending) for letter in fresh], at)

    def letter(self, letter_id: str) -> Message | None:
        """The letter of this id."""
        return self.rows.letters.get(letter_id)

    def letter_became(
        self, letter_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """What became of it; delivered, undelivered and failed are final."""
        letter = self.rows.letters.get(letter_id)
        if letter is not None and letter.result not in ENDED:
            became = replace(letter, result=result, sid=sid or letter.sid, reason=reason)
            self.rows.letters[letter_id] = became

    def letters_of(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The letters of a line in these words since, oldest first, that are about no one
        incident."""
        ours = [one for one in self.rows.letters.values() if one.line == line and one.at >= since]
        found = [one for one in ours if one.words == words and one.incident is None]
        return sorted(found, key=lambda one: (one.at, one.id))

    def letters_wait(self, incident: str) -> bool:
        """True while a letter to a contact about this incident has not gone out."""
        letters = [each for each in self.rows.letters.values() if each.incident == incident]
        return any(each.reader == CONTACT and each.result is None for each in letters)


# What holds strangers back, in memory.


class MemoryUnverifiedLimits:
    """The part of the book that limits are read from."""

    rows: MemoryRows

    def unverified_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level-1 incidents were rung since: of this caller, of the line."""
        rung = [i for i in self._unproven(line) if i.key in self.rows.rung and i.opened_at >= since]
        return sum(i.caller == caller for i in rung), len(rung)

    def quiet_notice_at(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = {i.key for i in self._critical(line)} - self.rows.rung
        pages = [page for i, page in self.rows.pages.values() if i.key in quiet]
        notices = [page.at for page in pages if page.channel in (Channel.SMS, Channel.EMAIL)]
        return max((at for at in notices if at >= since), default=None)

    def slips(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs were counted against this subject since."""
        return sum(slip == subject and at >= since for slip, at in self.rows.slips)

    def count_slip(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against these subjects."""
        self.rows.slips += [(subject, at) for subject in subjects]

    def _unproven(self, line: str) -> list[Incident]:
        return [incident for incident in self._critical(line) if not incident.standing.verified]

    def _critical(self, line: str) -> list[Incident]:
        return [i for i in self.rows.incidents.values() if i.line == line and i.urgency == 1]


# The row of those who wait for the desk, in memory.


class MemoryQueueReader:
    """The part of the book that the desk's row is read from."""

    rows: MemoryRows

    def row(self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        kinds = tuple(IncidentKind) if kind is None else (kind,)
        ours = [i for i in self.rows.incidents.values() if i.line == line and i.kind in kinds]
        places = [(place_of(i), i.key) for i in ours]
        return [key for _, key in sorted((place, key) for place, key in places if place)]

    def desk_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        calls = [c for c in self.rows.calls.values() if c.line == line and c.started_at >= since]
        latest = sorted(calls, key=lambda call: call.started_at, reverse=True)
        talks = [talk_of(call) for call in latest if self._at_the_desk(call, kind)]
        return [talk for talk in talks if talk is not None][:MOST_TALKS]

    def _at_the_desk(self, call: Call, kind: IncidentKind) -> bool:
        incident = self.rows.incidents.get(call.incident or "")
        return incident is not None and incident.urgency > 1 and incident.kind is kind


# Texts that engineers sent, in memory.


class MemoryInbox:
    """The texts of every line."""

    rows: MemoryRows

    def received(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's, if it was read before."""
        return self.rows.texts.get(text_id)

    def texts_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer's numbers since, newest first."""
        ours = [t for t in self.rows.texts.values() if (t.line, t.engineer) == (line, engineer)]
        late = [text for text in ours if text.at >= since]
        return sorted(late, key=lambda text: (text.at, text.id), reverse=True)

    def keep_text(self, text: ReceivedText) -> None:
        """Remember a text; one of an id that is kept stays as it is."""
        self.rows.texts.setdefault(text.id, text)


# Notes on incidents, in memory.


class MemoryNoteRepository:
    """The notes on every incident."""

    rows: MemoryRows

    def memos(self, incident: str) -> Sequence[IncidentNote]:
        """The notes on an incident, oldest first."""
        theirs = [memo for memo in self.rows.memos.values() if memo.incident == incident]
        return sorted(theirs, key=lambda memo: (memo.at, memo.id))

    def jotted(self, memo: str) -> bool:
        """True when a note of this id is kept, on whatever incident."""
        return memo in self.rows.memos


# What a contract may call about again, in memory.


class MemoryOpenIncidents:
    """The incidents of each contract that are not closed."""

    rows: MemoryRows

    def unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many of a contract, those responded to last, newest first."""
        kept = self.rows.incidents.values()
        theirs = [i for i in kept if (i.line, i.contract) == (line, contract)]
        newest = sorted(theirs, key=lambda i: (i.opened_at, i.number), reverse=True)
        unclosed = [i for i in newest if i.state is not IncidentState.CLOSED]
        return sorted(unclosed, key=lambda i: i.state is IncidentState.RESPONDED)[:most]


# Which incidents count as premium, in memory.


class MemoryPremiumReader:
    """The part of the book that bundles are read from."""

    rows: MemoryRows

    def premium_used(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count in this contract year, and the highest place given in it."""
        theirs = self.rows.counted(line, contract, year)
        places = [i.counted.place for i in theirs if i.counted is not None]
        return sum(incident.premium for incident in theirs), max(places, default=0)


_UNDONE = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


class MemoryCallRepository(
    MemoryUnverifiedLimits,
    MemoryMessageRepository,
    MemoryRecordingRepository,
    MemoryPremiumReader,
    MemoryHandoverRepository,
    MemoryQueueReader,
    MemoryNoteRepository,
    MemoryOpenIncidents,
    MemoryInbox,
    CallRepository,
):
    """Keeps what ``routing.ports.Book`` promises; ``rows`` shows what was written."""

    def __init__(self) -> None:
        """An empty book."""
        self.rows = MemoryRows()
        self._lock = Lock()

    def moment(self) -> AbstractContextManager[None]:
        """Nothing else happens in the meantime."""
        return nullcontext()

    def matter_of_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""
        call = self.rows.calls.get(call_id)
        if call is None:
            return None
        return Case(call, self.rows.with_pages(call.incident) if call.incident else None)

    def matter_of_sid(self, sid: str) -> Case | None:
        """The same, found by the carrier's id of the inbound call."""
        calls = self.rows.calls.values()
        return next((self.matter_of_call(call.id) for call in calls if call.sid == sid), None)

    def matter_of_leg(self, page_id: str) -> Case | None:
        """The incident of this page, that page included, and the incident's latest call."""
        found = self.rows.pages.get(page_id)
        return self._of_incident(found[0].key, page_id) if found else None

    def matter_of_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""
        return self._of_incident(key) if key in self.rows.incidents else None

    def matter_of_number(self, number: int) -> Case | None:
        """The incident of this number with its live pages, and its latest call."""
        numbered = (i.key for i in self.rows.incidents.values() if i.number == number)
        return next((self._of_incident(key) for key in numbered), None)

    def save(self, before: Case, decision: Decision, at: dt.datetime) -> tuple[Case, Sequence[str]]:
        """Write what was decided, all or nothing; raises LostRaceError when it must be redone."""
        rows, after = self.rows, decision.matter
        with self._lock:
            call = rows.next_call(before.call, after.call)
            incident = rows.next_incident(before.incident, after.incident)
            rows.refuse_second_memo(decision.memos)
            if call is not None:
                rows.calls[call.id] = call
            if incident is not None:
                rows.keep(incident)
                if hunted(incident):
                    rows.rung.add(incident.key)
            saved = Case(call, incident)
            rows.journal += [(at, saved, note) for note in decision.notes]
            rows.letters |= {letter.id: letter for letter in decision.letters}
            rows.recordings |= {r.id: r for r in decision.recordings}
            rows.memos |= {memo.id: memo for memo in decision.memos}
            rows.dispatches += decision.dispatches
            return saved, rows.post(decision.errands, at)

    def busy(self, line: str, but: str = "") -> frozenset[str]:
        """What live legs for other incidents than ``but`` hold: engineers, and numbers of the last
        resort."""
        there = [(i, page) for i, page in self.rows.live.values() if i.line == line]
        pages = [page for i, page in there if i.key != but]
        return frozenset(page.holds for page in pages)

    def last_leg(self, line: str, engineer: str) -> Page | None:
        """The latest leg of this engineer, live or ended."""
        pages = self.rows.pages_to.get((line, engineer), {}).values()
        legs = [page for _, page in pages if page.channel is Channel.CALL]
        return max(legs, key=lambda leg: leg.at, default=None)

    def notices(self, line: str, engineer: str, since: dt.datetime) -> Notices:
        """The texts and mails to this engineer since, newest first."""
        pages = self.rows.pages_to.get((line, engineer), {}).values()
        told = [(key, p) for key, p in pages if p.channel is not Channel.CALL and p.at >= since]
        return sorted(told, key=lambda one: (one[1].at, one[1].id), reverse=True)

    def hunted(self, line: str) -> Sequence[str]:
        """Keys of incidents still being hunted for, by level, plan and age."""
        sought = [i for i in self.rows.incidents.values() if i.line == line and hunted(i)]
        return [i.key for i in sorted(sought, key=turn_of)]

    def wanted(self, line: str, turn: str) -> frozenset[str]:
        """The engineers who are missed by a hunt whose turn comes before this one."""
        sought = [i for i in self.rows.incidents.values() if i.line == line and hunted(i)]
        first = [i for i in sought if i.hunt.missed and turn_of(i) < turn]
        return frozenset(person for i in first for person in i.hunt.missed)

    def open_incidents(self, line: str) -> Sequence[Incident]:
        """Incidents of the line that are open or acknowledged, oldest first."""
        undone = [i for i in self.rows.incidents.values() if i.line == line and i.state in _UNDONE]
        oldest_first = sorted(undone, key=lambda i: (i.opened_at, i.number))
        return [self.rows.with_pages(incident.key) for incident in oldest_first]

    def _of_incident(self, key: str, page_id: str | None = None) -> Case:
        incident = self.rows.with_pages(key, page_id)
        return Case(self.rows.calls.get(incident.call or ""), incident)
