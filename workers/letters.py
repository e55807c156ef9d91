"""Letters on their way: the sentence filled in at the last moment, then text or mail."""

from __future__ import annotations

import structlog

from carrier import prompts
from carrier.request import RefusedError
from carrier.segments import fitted
from mailer import Mail, MailRefusedError
from routing import errands as er
from routing.caller.guessing import letters_about
from routing.caller.unrung import letters_about as unrung_letters
from routing.caller.unrung import unknown
from routing.facts import QUIET_NOTICE
from routing.incident import Incident
from routing.letter import Letter, Told
from routing.line import Channel, Line
from routing.page import Result
from routing.schedule.wallclock import wall
from routing.written.notices import texts_left
from routing.written.replying import sender_of
from routing.written.telling import News, manager_letters
from tally import unreached
from workers.bench import Bench
from workers.texting import MAIL_IS_OFF, company_of, mail_refused

_log = structlog.get_logger("letters")


def send(deed: er.Send | er.SendMail, bench: Bench, attempt: int) -> None:
    """Send a letter that nothing became of yet."""
    book = bench.desk.book
    letter = book.letter(deed.letter)
    if letter is None or letter.result is not None:
        return
    line = bench.desk.people.line(letter.line)
    if line is None:
        raise LookupError("the line of this letter is not known")
    if letter.channel is Channel.EMAIL:
        _mail(letter, line, bench)
    else:
        _text(letter, line, bench)


def alarm(deed: er.Alarm, bench: Bench, attempt: int) -> None:
    """Somebody has had the texts of a day: the duty manager is told, once a day, and the log."""
    line = bench.desk.people.line(deed.line)
    engineer = line.engineer(deed.engineer) if line is not None else None
    if line is None or engineer is None:
        return
    facts = bench.desk.facts(line)
    if texts_left(facts, engineer.id) > 0:
        return  # the last of them was never sent
    _log.error("somebody gets no more texts today", line=line.id)
    today = wall(facts.now, line.timezone).date()
    values = (("name", engineer.name), ("cap", line.paging.daily_cap))
    news = News("daily_cap", values, once=f"daily cap {engineer.id} {today}")
    due = bench.desk.book.write(manager_letters(facts, news), facts.now)
    bench.desk.bell.ring(due)


def wrong_pins(deed: er.WrongPins, bench: Bench, attempt: int) -> None:
    """Somebody guesses PINs: the duty manager is told, once for as long as the rate lasts, and the
    log."""
    line = bench.desk.people.line(deed.line)
    if line is None:
        return
    facts = bench.desk.facts(line)
    wanted = letters_about(facts, deed.contract)
    due = bench.desk.book.write(wanted, facts.now)
    if due:
        _log.error("PINs are being guessed", line=line.id)  # which contract, the letter says
    bench.desk.bell.ring(due)


def unrung(deed: er.TellUnrung, bench: Bench, attempt: int) -> None:
    """Nobody was rung for this incident: those on call are told, unless somebody has it or a letter
    about another one told it too. While nobody can be told it comes back each quarter."""
    desk = bench.desk
    matter = desk.book.matter_of_incident(deed.incident)
    incident = matter.incident if matter is not None else None
    if matter is None or incident is None:
        return
    facts = desk.facts(desk.line_of(matter))
    if not unknown(facts, incident):
        return
    desk.bell.ring(desk.book.write(unrung_letters(facts, incident), facts.now))
    if unknown(desk.facts(desk.line_of(matter)), incident):
        _log.error("nobody can be told of a level 1", incident=incident.number)
        again = er.TellUnrung(deed.incident, deed.again + 1)
        later = er.Errand(facts.now + QUIET_NOTICE, again, again.name)
        desk.bell.ring(desk.book.plan([later], facts.now))


def words_of(letter: Letter, incident: Incident | None) -> str:
    """The sentence of a letter, with the number, level and company of what it is about.

    In a text a long company name is shortened; a mail has it whole.
    """
    values: dict[str, Told] = {"reply": (), **dict(letter.values)}  # an older letter has none
    company = ""
    if incident is not None:
        company = company_of(incident, letter.language)
        values |= {"number": incident.number, "level": incident.urgency}

    def write(name: str) -> str:
        return prompts.text(letter.language, letter.words, values | {"company": name})

    return write(company) if letter.channel is Channel.EMAIL else fitted(write, company)


def _text(letter: Letter, line: Line, bench: Bench) -> None:
    sender, status = sender_of(line), bench.addresses.of_text_status(letter.id)
    try:
        sid = bench.telephone.text(letter.to, sender, _words(letter, bench), status)
    except RefusedError as refusal:
        unreached(Channel.SMS, refusal.code)
        why = f"the carrier refuses: {refusal.code}"
        bench.desk.book.letter_became(letter.id, Result.FAILED, reason=why)
        return
    bench.desk.book.letter_became(letter.id, Result.SENT, sid)


def _mail(letter: Letter, line: Line, bench: Bench) -> None:
    book = bench.desk.book
    if bench.mailer is None:
        book.letter_became(letter.id, Result.FAILED, reason=MAIL_IS_OFF)
        return
    try:
        bench.mailer.send(Mail(letter.to, line.name, _words(letter, bench), letter.id))
    except MailRefusedError as refusal:
        unreached(Channel.EMAIL, refusal.reason)
        book.letter_became(letter.id, Result.FAILED, reason=mail_refused(refusal))
        return
    book.letter_became(letter.id, Result.SENT)


def _words(letter: Letter, bench: Bench) -> str:
    matter = bench.desk.book.matter_of_incident(letter.incident) if letter.incident else None
    return words_of(letter, matter.incident if matter else None)
