"""How each errand is done: read from the book, act at the carrier, and tell the desk what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from routing import errands as er
from routing import events as ev
from routing.line import LAST_RESORT
from routing.ports import Book
from workers import handovers, letters, paging, recordings, releases, row, texting
from workers.bench import Bench

Doing = Callable[[Any, Bench, int], None]


def ring_over(deed: er.RingOver, bench: Bench, attempt: int) -> None:
    """A phone has been rung for as long as its step says."""
    bench.desk.happen(ev.RangLongEnough(deed.leg))


def hunt_on(deed: er.HuntOn, bench: Bench, attempt: int) -> None:
    """A pause in the hunt is over."""
    bench.desk.happen(ev.HuntDue(deed.incident, deed.mark))


def key_overdue(deed: er.KeyOverdue, bench: Bench, attempt: int) -> None:
    """Somebody acknowledged while the caller waited: a key should have come by now."""
    bench.desk.happen(ev.PromiseDue(deed.incident, deed.engineer, deed.since))


def strike(deed: er.Strike, bench: Bench, attempt: int) -> None:
    """A share of the promised time is used up."""
    bench.desk.happen(ev.ClockStruck(deed.incident, deed.mark, deed.share))


def freed(deed: er.Freed, bench: Bench, attempt: int) -> None:
    """Somebody is free: offered to each hunt that missed them, by level, plan and age, until they
    are rung."""
    for incident in _by_turn(deed, bench.desk.book):
        if deed.engineer in bench.desk.book.busy(deed.line):
            break
        bench.desk.happen(ev.EngineerFree(incident, deed.engineer))
    row.serve(er.ServeDesk(deed.line), bench, attempt)


def _by_turn(deed: er.Freed, book: Book) -> Sequence[str]:
    """The hunts in their order. At the last resort those for whom it was never rung come first, or
    the oldest, who come back after each pause, would leave nothing to the others."""
    hunted = book.hunted(deed.line)
    if not deed.engineer.startswith(LAST_RESORT):
        return hunted
    sought = {key: _sought(book, key) for key in hunted}
    return sorted(hunted, key=lambda key: LAST_RESORT in sought[key])


def _sought(book: Book, key: str) -> tuple[str, ...]:
    matter = book.matter_of_incident(key)
    return matter.incident.hunt.sought if matter is not None and matter.incident else ()


def ring_back(deed: er.RingBack, bench: Bench, attempt: int) -> None:
    """An engineer who called the line has hung up, and is rung for what was chosen."""
    call = bench.desk.call(deed.call).call
    if call is not None and call.rings_back is not None and call.engineer is not None:
        bench.desk.happen(ev.CalledIn(call.rings_back, call.engineer, call.caller))


DEEDS: dict[type, Doing] = {
    er.Ring: paging.ring,
    er.Silence: paging.silence,
    er.Tell: paging.tell,
    er.EndMessage: paging.end_message,
    er.SettleLeg: paging.settle_leg,
    er.SettleCall: paging.settle_call,
    er.DropQueue: paging.drop_queue,
    er.Text: texting.text,
    er.Mail: texting.mail,
    er.Send: letters.send,
    er.SendMail: letters.send,
    er.KeepRecording: recordings.keep,
    er.DropRecording: recordings.drop,
    er.Alarm: letters.alarm,
    er.WrongPins: letters.wrong_pins,
    er.TellRelease: releases.tell,
    er.TellUnrung: letters.unrung,
    er.HandoverDue: handovers.come_on,
    er.ReliefCheck: handovers.check,
    er.RingOver: ring_over,
    er.HuntOn: hunt_on,
    er.KeyOverdue: key_overdue,
    er.Strike: strike,
    er.Freed: freed,
    er.ServeDesk: row.serve,
    er.RingBack: ring_back,
}
