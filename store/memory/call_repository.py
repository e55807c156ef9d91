"""The repository of calls and incidents in memory: the ports of ``routing.ports``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from routing import ports
from routing.call import Call
from routing.decision import Case, Decision, EngineerPages, HeldPeople, LostRaceError
from routing.escalation.queue_position import MOST_TALKS, measure_talk, queue_key, turn_key
from routing.incident import Incident, IncidentKind, IncidentState
from routing.jobs import DeleteRecording, Job, Lease
from routing.line import Channel, Handover
from routing.message import CONTACT, IncidentNote, Message, ReceivedText
from routing.page import PageResult
from routing.recording import Recording, RecordingState, Sound
from store.log import cases, messages, recordings
from store.memory.correspondence import MemoryCorrespondenceRepository
from store.memory.state import MemoryRows

_UNDONE = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


class MemoryCallRepository(ports.CallRepository):
    """Calls, incidents, pages, journal and jobs; ``rows`` shows what was written."""

    def __init__(self, rows: MemoryRows | None = None) -> None:
        """Empty, or with these rows."""
        self.rows = rows or MemoryRows()
        self.messages = MemoryMessageRepository(self.rows)
        self.correspondence = MemoryCorrespondenceRepository(self.rows)
        self.notes = MemoryNoteRepository(self.rows)
        self.received_texts = MemoryReceivedTextRepository(self.rows)
        self.recordings = MemoryRecordingRepository(self.rows)
        self.handovers = MemoryHandoverRepository(self.rows)
        self.desk_queue = MemoryDeskQueue(self.rows)
        self.unverified_limits = MemoryUnverifiedLimits(self.rows)

    def snapshot(self) -> AbstractContextManager[None]:
        """One thread reads and writes, so every read is of the same moment."""
        return nullcontext()

    def find_by_call(self, call_id: str) -> Case | None:
        """The call of our id, with its incident if it has one."""
        call = self.rows.calls.get(call_id)
        if call is None:
            return None
        if not call.incident:
            return Case(call)
        return Case(call, self.rows.with_pages(call.incident))

    def find_by_sid(self, sid: str) -> Case | None:
        """The same, by the carrier's id of the inbound call."""
        calls = self.rows.calls.values()
        return next((self.find_by_call(call.id) for call in calls if call.sid == sid), None)

    def find_by_page(self, page_id: str) -> Case | None:
        """The incident of this page, with that page, and the incident's latest call."""
        found = self.rows.pages.get(page_id)
        if found is None:
            return None
        return self._find_incident(found[0].key, page_id)

    def find_by_incident(self, key: str) -> Case | None:
        """The incident with its live pages, and its latest call."""
        if key not in self.rows.incidents:
            return None
        return self._find_incident(key)

    def find_by_number(self, number: int) -> Case | None:
        """The same, by the number that people say."""
        numbered = (i.key for i in self.rows.incidents.values() if i.number == number)
        return next((self._find_incident(key) for key in numbered), None)

    def save(
        self, before: Case, decision: Decision, at: dt.datetime, finishes: Lease | None = None
    ) -> tuple[Case, Sequence[str]]:
        """Write everything or nothing; raises LostRaceError when it must be redone, and
        LeaseLostError."""
        with self.rows.lock:
            if finishes is not None:
                self.rows.refuse_lost(finishes)
            for other, _ in decision.also:
                self.rows.refuse_changed(other)
            saved, due = self._write(before, decision, at)
            if finishes is not None:
                self.rows.end_job(finishes.job, "done")
            for other, following in decision.also:
                due += self._write(other, following, at)[1]
            return saved, due

    def _write(self, before: Case, decision: Decision, at: dt.datetime) -> tuple[Case, list[str]]:
        rows, after = self.rows, decision.case
        call = rows.next_call(before.call, after.call)
        incident = rows.next_incident(before.incident, after.incident)
        rows.refuse_second_words(decision)
        if call is not None:
            rows.calls[call.id] = call
        if incident is not None:
            rows.keep(incident)
            if cases.is_escalating(incident):
                rows.rung.add(incident.key)
        saved = Case(call, incident)
        rows.journal += [(at, saved, entry) for entry in decision.notes]
        rows.messages |= {message.id: message for message in decision.messages}
        rows.recordings |= {recording.id: recording for recording in decision.recordings}
        rows.notes |= {note.id: note for note in decision.incident_notes}
        rows.keep_correspondence(decision, incident)
        rows.webhook_events += decision.webhook_events
        return saved, rows.write_jobs(decision.jobs, at)

    def plan_jobs(self, jobs: Sequence[Job], at: dt.datetime) -> Sequence[str]:
        """Write jobs that have a name, each name once; return the ids of those due."""
        with self.rows.lock:
            known = {job.name for job in self.rows.jobs.values()}
            return self.rows.write_jobs([job for job in jobs if job.name not in known], at)

    def find_open(self, line: str) -> Sequence[Incident]:
        """The open and acknowledged incidents of the line, oldest first."""
        undone = [i for i in self._of_line(line) if i.state in _UNDONE]
        oldest_first = sorted(undone, key=lambda i: (i.opened_at, i.number))
        return [self.rows.with_pages(incident.key) for incident in oldest_first]

    def find_unclosed(self, line: str, contract: str, most: int) -> Sequence[Incident]:
        """At most so many incidents of the contract that are not closed: responded ones last."""
        theirs = [i for i in self._of_line(line) if i.contract == contract]
        newest = sorted(theirs, key=lambda i: (i.opened_at, i.number), reverse=True)
        unclosed = [i for i in newest if i.state is not IncidentState.CLOSED]
        return sorted(unclosed, key=lambda i: i.state is IncidentState.RESPONDED)[:most]

    def find_escalating(self, line: str) -> Sequence[str]:
        """Keys of the incidents whose escalation is under way, by level, plan and age."""
        escalating = [i for i in self._of_line(line) if cases.is_escalating(i)]
        return [i.key for i in sorted(escalating, key=turn_key)]

    def find_escalating_without(self, line: str, holder: str) -> Sequence[str]:
        """Those of them that missed this engineer, or number of the last resort, in that order."""
        keys = self.find_escalating(line)
        return [key for key in keys if holder in self.rows.incidents[key].escalation.missed]

    def find_busy(self, line: str, but: str = "") -> frozenset[str]:
        """Engineers and numbers of the last resort with a live leg of another incident."""
        live = [(i, page) for i, page in self.rows.live.values() if i.line == line]
        return frozenset(page.holds for i, page in live if i.key != but)

    def find_held(self, line: str, but: str, turn: str) -> HeldPeople:
        """Who is not rung for an incident: the busy, and those wanted at an earlier turn."""
        escalating = [i for i in self._of_line(line) if cases.is_escalating(i)]
        earlier = [i for i in escalating if i.escalation.missed and turn_key(i) < turn]
        wanted = frozenset(engineer for i in earlier for engineer in i.escalation.missed)
        return HeldPeople(self.find_busy(line, but), wanted)

    def find_pages_to(self, line: str, engineer: str, since: dt.datetime) -> EngineerPages:
        """The latest leg of this engineer, and the pages by text and mail since."""
        pages = self.rows.pages_to.get((line, engineer), {}).values()
        legs = [page for _, page in pages if page.channel is Channel.CALL]
        notices = [(key, p) for key, p in pages if p.channel is not Channel.CALL and p.at >= since]
        notices.sort(key=lambda one: (one[1].at, one[1].id), reverse=True)
        return EngineerPages(max(legs, key=lambda leg: leg.at, default=None), notices)

    def count_premium(self, line: str, contract: str, year: dt.date) -> tuple[int, int]:
        """How many incidents count in this contract year, and the highest place given in it."""
        counted = self.rows.counted(line, contract, year)
        places = [i.counted.place for i in counted if i.counted is not None]
        return sum(incident.premium for incident in counted), max(places, default=0)

    def _find_incident(self, key: str, page_id: str | None = None) -> Case:
        incident = self.rows.with_pages(key, page_id)
        return Case(self.rows.calls.get(incident.call or ""), incident)

    def _of_line(self, line: str) -> list[Incident]:
        return [incident for incident in self.rows.incidents.values() if incident.line == line]


class MemoryMessageRepository(ports.MessageRepository):
    """The messages of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The messages among these rows."""
        self._rows = rows

    def send(self, messages: Sequence[Message], at: dt.datetime) -> Sequence[str]:
        """Write messages that belong to no decision, each once, with the jobs that send them."""
        with self._rows.lock:
            return self._rows.write_messages(messages, at)

    def find(self, message_id: str) -> Message | None:
        """The message of this id."""
        return self._rows.messages.get(message_id)

    def find_general(self, line: str, words: str, since: dt.datetime) -> Sequence[Message]:
        """The messages of a line with these words since, oldest first, that are about no single
        incident."""
        of_line = [m for m in self._rows.messages.values() if m.line == line and m.at >= since]
        found = [m for m in of_line if m.words == words and m.incident is None]
        return sorted(found, key=lambda message: (message.at, message.id))

    def find_unsent_to_contact(self, incident: str) -> Sequence[Message]:
        """The messages to a contact about this incident that have no result, oldest first."""
        about = [m for m in self._rows.messages.values() if m.incident == incident]
        found = [m for m in about if m.reader == CONTACT and m.result is None]
        return sorted(found, key=lambda message: (message.at, message.id))

    def record_result(
        self, message_id: str, result: PageResult, sid: str | None = None, reason: str | None = None
    ) -> None:
        """Store the result unless there is a final one."""
        message = self._rows.messages.get(message_id)
        if message is not None and message.result not in messages.FINAL:
            changed = replace(message, result=result, sid=sid or message.sid, reason=reason)
            self._rows.messages[message_id] = changed


class MemoryNoteRepository(ports.NoteRepository):
    """The notes on every incident."""

    def __init__(self, rows: MemoryRows) -> None:
        """The notes among these rows."""
        self._rows = rows

    def find_all(self, incident: str) -> Sequence[IncidentNote]:
        """The notes on an incident, and on those merged into it, oldest first."""
        keys = self._rows.keys_of(incident)
        theirs = [note for note in self._rows.notes.values() if note.incident in keys]
        return sorted(theirs, key=lambda note: (note.at, note.id))

    def exists(self, note_id: str) -> bool:
        """True when there is a note of this id, on any incident."""
        return note_id in self._rows.notes


class MemoryReceivedTextRepository(ports.ReceivedTextRepository):
    """The texts of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The texts among these rows."""
        self._rows = rows

    def find(self, text_id: str) -> ReceivedText | None:
        """The text of this id of the carrier's."""
        return self._rows.received_texts.get(text_id)

    def find_since(self, line: str, engineer: str, since: dt.datetime) -> Sequence[ReceivedText]:
        """The texts of this engineer since, newest first."""
        theirs = [
            t
            for t in self._rows.received_texts.values()
            if (t.line, t.engineer) == (line, engineer)
        ]
        recent = [text for text in theirs if text.at >= since]
        return sorted(recent, key=lambda text: (text.at, text.id), reverse=True)

    def add(self, text: ReceivedText) -> None:
        """Store a text; a text whose id exists stays as it is."""
        self._rows.received_texts.setdefault(text.id, text)


class MemoryRecordingRepository(ports.RecordingRepository):
    """The recordings of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The recordings among these rows."""
        self._rows = rows

    def find(self, recording_id: str) -> Recording | None:
        """The recording of this id."""
        return self._rows.recordings.get(recording_id)

    def find_all(self, incident: str | None = None) -> Sequence[Recording]:
        """Those of an incident (its key) and of those merged into it, or all, oldest first."""
        theirs = list(self._rows.recordings.values())
        if incident is not None:
            keys = self._rows.keys_of(incident)
            theirs = [recording for recording in theirs if recording.incident in keys]
        return sorted(theirs, key=lambda recording: (recording.made_at, recording.id))

    def find_unsettled(self, made_by: dt.datetime) -> Sequence[Recording]:
        """Those made by then whose sound we wait for, or that the carrier still has."""
        there = [
            r for r in self.find_all() if r.deleted_at is None and r.state in recordings.UNSETTLED
        ]
        return [recording for recording in there if recording.made_at <= made_by]

    def read_sound(self, recording_id: str) -> bytes | None:
        """The sound, while it is kept."""
        return self._rows.sounds.get(recording_id)

    def keep(
        self,
        recording_id: str,
        sound: Sound,
        data: bytes,
        at: dt.datetime,
        others: Sequence[Job] = (),
    ) -> Sequence[str]:
        """Store the sound of a waiting recording, with the job that deletes it at the carrier, and
        other jobs."""
        recording = self.find(recording_id)
        if recording is None or recording.state is not RecordingState.WAITING:
            return ()
        kept = replace(recording, state=RecordingState.KEPT, sound=sound, kept_at=at)
        self._rows.recordings[recording_id] = kept
        self._rows.sounds[recording_id] = data
        return self._rows.write_jobs([Job(at, DeleteRecording(recording_id)), *others], at)

    def write_words(self, recording_id: str, words: str) -> None:
        """Store the words of a recording whose sound is here or at the carrier."""
        recording = self.find(recording_id)
        if recording is not None and recording.state in recordings.UNSETTLED:
            self._rows.recordings[recording_id] = replace(recording, words=words)

    def mark_missing(self, recording_id: str) -> None:
        """Record that the carrier has no sound for a waiting recording."""
        recording = self.find(recording_id)
        if recording is not None and recording.state is RecordingState.WAITING:
            missing = replace(recording, state=RecordingState.MISSING, words=None)
            self._rows.recordings[recording_id] = missing

    def mark_deleted(self, recording_id: str, at: dt.datetime) -> None:
        """Record that the carrier has deleted it."""
        recording = self.find(recording_id)
        if recording is not None and recording.deleted_at is None:
            self._rows.recordings[recording_id] = replace(recording, deleted_at=at)

    def forget(self, recording_id: str, at: dt.datetime) -> Sequence[str]:
        """Delete sound and words, here and by a job at the carrier; the row stays."""
        recording = self.find(recording_id)
        if recording is None or recording.state is RecordingState.FORGOTTEN:
            return ()
        gone = replace(recording, state=RecordingState.FORGOTTEN, forgotten_at=at, words=None)
        self._rows.recordings[recording_id] = gone
        self._rows.sounds.pop(recording_id, None)
        if recording.deleted_at is not None:
            return ()
        return self._rows.write_jobs([Job(at, DeleteRecording(recording_id))], at)


class MemoryHandoverRepository(ports.HandoverRepository):
    """The handovers of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The handovers among these rows."""
        self._rows = rows

    def add(self, decision: ports.HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a new handover with all that follows, unless it exists."""
        new = decision.handover
        with self._rows.lock:
            theirs = [h for h in self._rows.handovers.values() if _whose(h) == _whose(new)]
            if any((h.schedule, h.at) == (new.schedule, new.at) for h in theirs):
                return ()
            if new.waits and any(h.waits and h.lasts(at) and h.code == new.code for h in theirs):
                raise LostRaceError(f"{new.engineer} was given this code just now")
            return self._write(decision, new, at)

    def update(self, decision: ports.HandoverDecision, at: dt.datetime) -> Sequence[str]:
        """Write a changed handover with all that follows; raises LostRaceError."""
        before = decision.handover
        with self._rows.lock:
            kept = self._rows.handovers.get(before.id)
            if kept is None or kept.version != before.version:
                raise LostRaceError(f"handover {before.id} was changed by another process")
            return self._write(decision, replace(before, version=before.version + 1), at)

    def find(self, handover_id: str) -> Handover | None:
        """The handover of this id."""
        return self._rows.handovers.get(handover_id)

    def find_current(self, line: str, engineer: str, now: dt.datetime) -> Sequence[Handover]:
        """The handovers of this engineer whose duty is not over, oldest first."""
        theirs = (h for h in self._rows.handovers.values() if _whose(h) == (line, engineer))
        return sorted((h for h in theirs if h.lasts(now)), key=_order)

    def find_between(self, line: str, start: dt.datetime, end: dt.datetime) -> Sequence[Handover]:
        """The handovers of the line from one moment to just before another, oldest first."""
        of_line = (h for h in self._rows.handovers.values() if h.line == line)
        return sorted((h for h in of_line if start <= h.at < end), key=_order)

    def _write(
        self, decision: ports.HandoverDecision, after: Handover, at: dt.datetime
    ) -> Sequence[str]:
        self._rows.handovers[after.id] = after
        due = self._rows.write_messages(decision.messages, at)
        return [*due, *self._rows.write_jobs(decision.jobs, at)]


def _whose(handover: Handover) -> tuple[str, str]:
    return handover.line, handover.engineer


def _order(handover: Handover) -> tuple[dt.datetime, str, str]:
    return handover.at, handover.schedule, handover.engineer


class MemoryDeskQueue(ports.DeskQueue):
    """The desk queues of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The incidents and calls among these rows."""
        self._rows = rows

    def find_waiting(
        self, line: str, kind: IncidentKind | None = IncidentKind.INCIDENT
    ) -> Sequence[str]:
        """Keys of the incidents of this kind, or of any, that wait for their desk, in the order of
        service."""
        of_line = [i for i in self._rows.incidents.values() if i.line == line]
        positions = [(queue_key(i), i.key) for i in of_line if kind in (None, i.kind)]
        return [key for _, key in sorted((place, key) for place, key in positions if place)]

    def find_talks(
        self, line: str, since: dt.datetime, kind: IncidentKind = IncidentKind.INCIDENT
    ) -> Sequence[dt.timedelta]:
        """How long the latest talks of this kind, level 1 apart, took since; twenty at most."""
        calls = [c for c in self._rows.calls.values() if c.line == line and c.started_at >= since]
        latest = sorted(calls, key=lambda call: call.started_at, reverse=True)
        talks = [measure_talk(call) for call in latest if self._was_at_desk(call, kind)]
        return [talk for talk in talks if talk is not None][:MOST_TALKS]

    def _was_at_desk(self, call: Call, kind: IncidentKind) -> bool:
        incident = self._rows.incidents.get(call.incident or "")
        return incident is not None and incident.urgency > 1 and incident.kind is kind


class MemoryUnverifiedLimits(ports.UnverifiedLimits):
    """The limits of every line."""

    def __init__(self, rows: MemoryRows) -> None:
        """The incidents, pages and failed PINs among these rows."""
        self._rows = rows

    def count_rung(self, line: str, caller: str | None, since: dt.datetime) -> tuple[int, int]:
        """How many unverified level 1 incidents rang somebody since: this caller's, the line's."""
        recent = [i for i in self._level_1(line) if i.opened_at >= since]
        rung = [i for i in recent if i.key in self._rows.rung and not i.entitlement.verified]
        return sum(i.caller == caller for i in rung), len(rung)

    def find_quiet_notice(self, line: str, since: dt.datetime) -> dt.datetime | None:
        """When the latest text or mail about a level 1 that rang nobody was written, if since."""
        quiet = {i.key for i in self._level_1(line)} - self._rows.rung
        pages = [page for i, page in self._rows.pages.values() if i.key in quiet]
        notices = [page.at for page in pages if page.channel is not Channel.CALL]
        return max((at for at in notices if at >= since), default=None)

    def count_failed_pins(self, subject: str, since: dt.datetime) -> int:
        """How many wrong PINs counted against this subject since."""
        return sum(one == subject and at >= since for one, at in self._rows.failed_pins)

    def record_failed_pin(self, subjects: Sequence[str], at: dt.datetime) -> None:
        """Count a wrong PIN against each of these subjects."""
        self._rows.failed_pins += [(subject, at) for subject in subjects]

    def _level_1(self, line: str) -> list[Incident]:
        incidents = self._rows.incidents.values()
        return [one for one in incidents if one.line == line and one.urgency == 1]
