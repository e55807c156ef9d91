"""Prometheus metrics of the line; no label holds a person or a phone number."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from platform import python_version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from carrier.client import PARTS
from carrier.reasons import OTHER_CODE
from carrier.signature import ALGORITHMS
from routing.call import CallOutcome
from routing.drill import PERSON, drill_id, find_last_due
from routing.line import Channel, Handover, HandoverState, Line
from routing.notify.addresses import texts_left
from service import find_version
from service.bootstrap import Services
from service.counters import (
    CLOCK_JUMPS,
    COUNTERS,
    JOBS,
    LINES_LOST,
    PORTAL_RESULTS,
    PORTAL_SIGN_INS,
    REQUESTS,
    THREADS_LOST,
    TRANSCRIPTION_RESULTS,
    TRANSCRIPTIONS,
    UNKNOWN_NUMBERS,
    UNREACHED,
    build_counter_sink,
)
from service.fallback import StaticFallback, build_documents
from service.health import (
    MAILBOX_BEAT,
    Health,
    ServerState,
    check_health,
    collect_disk_metrics,
    find_resting,
)
from store.db.backup import last_backup
from store.log.call_repository import SqlUnverifiedLimits
from store.log.received_mails import MailState, ReceivedMails
from store.work.drills import find_last_drill
from store.work.metrics import BEYOND, BUCKETS, DURATIONS, Counters, Heartbeats, Processes
from store.work.webhooks import WebhookLog

OVERDUE_AFTER = dt.timedelta(seconds=5)
"""A job that has been due for so long counts as overdue."""

WEBHOOK_RESULTS = ("delivered", "refused", "given_up")
REQUEST_RESULTS = ("done", "refused", "not_done", "unsure")
SIGN_INS = ("let_in", "refused", "throttled")

LABELLED_COUNTERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "calls": ("calls that ended", "outcome", tuple(CallOutcome)),
    "signatures": ("webhooks by signature", "algorithm", ALGORITHMS),
    "webhook_deliveries": ("webhook deliveries by result", "result", WEBHOOK_RESULTS),
    "received_mails": ("mails that were read, by what became of them", "state", tuple(MailState)),
    "carrier_requests": ("requests to the carrier by result", "result", REQUEST_RESULTS),
    "sign_ins": ("sign-ins to the console by result", "result", SIGN_INS),
    TRANSCRIPTIONS: ("recordings turned into words", "result", TRANSCRIPTION_RESULTS),
    PORTAL_SIGN_INS: ("codes of the portal, and sign-ins to it", "result", PORTAL_RESULTS),
}
"""Counters with one label: their meaning, and the values of the label."""

READABLE = (ServerState.OK, ServerState.NOT_WRITABLE)

AGES = {
    "oldest_due_s": ("oldest_due_job_seconds", "seconds since the oldest due job became due"),
    "worker_seen_s": (
        "worker_heartbeat_age_seconds",
        "seconds since the last heartbeat of a worker",
    ),
    "clock_seen_s": ("clock_heartbeat_age_seconds", "seconds since the last heartbeat of a clock"),
}
PLAIN_COUNTERS = {
    LINES_LOST: ("log_lines_lost", "log lines that could not be written"),
    CLOCK_JUMPS: ("clock_jumps", "jumps of a clock"),
    THREADS_LOST: ("worker_threads_lost", "worker threads that hung and were replaced"),
    UNKNOWN_NUMBERS: ("calls_to_unknown_number", "calls to a number that no line has"),
}
WAITS = {
    "waits": ("wait_seconds", "seconds from the first ring to an answer or to the end of the call"),
    "human": ("time_to_answer_seconds", "seconds from the first ring to an answer"),
}


def scrape(services: Services) -> bytes:
    """Render all metrics of this moment; unknown values are left out."""
    registry = CollectorRegistry()
    registry.register(_LineCollector(services))
    return generate_latest(registry)


class _LineCollector(Collector):
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        health = check_health(self._services)
        yield from _collect_health(health)
        yield from collect_disk_metrics(self._services)
        if health["database"] in READABLE:
            yield from self._collect_counters(self._services.call_service.clock())

    def _collect_counters(self, now: dt.datetime) -> Iterator[Metric]:
        counters = Counters(self._services.engine)
        try:
            COUNTERS.hand_over(
                build_counter_sink(self._services.engine, self._services.call_service.clock)
            )
            counters.count_calls(now)
        except SQLAlchemyError:  # a read-only database still has its counters
            pass
        counts = counters.read()
        for name, (meaning, label, values) in LABELLED_COUNTERS.items():
            yield build_labelled_counter(name, meaning, counts, (label, values))
        yield build_webhook_counter(counts)
        yield _build_webhook_age_gauge(self._services, now)
        yield from _collect_mail(self._services, now)
        yield from _collect_backup_age(self._services, now)
        yield from _collect_plain_counters(counts)
        yield build_unreached_counter(counts)
        for name, (figure, meaning) in WAITS.items():
            yield build_histogram(counts, name, figure, meaning)
        yield _build_resting_gauge(self._services, now)
        yield from _collect_unverified(self._services, now)
        yield from _collect_durations(counts)
        yield from _collect_processes(self._services, now)
        late = counters.overdue(now, OVERDUE_AFTER)
        yield build_gauge("jobs_overdue", "jobs that are overdue", late)
        yield from collect_line_metrics(self._services, now)


def _collect_plain_counters(counts: Mapping[str, int]) -> Iterator[Metric]:
    for kept, (figure, meaning) in PLAIN_COUNTERS.items():
        yield build_counter(figure, meaning, counts.get(kept, 0))


def _collect_durations(counts: Mapping[str, int]) -> Iterator[Metric]:
    yield build_durations(
        counts, REQUESTS, ("request_duration_seconds", "how long requests take", ["group", "code"])
    )
    yield build_durations(
        counts, JOBS, ("job_duration_seconds", "how long attempts of jobs take", ["kind"])
    )


REPORTED_WITHIN = dt.timedelta(seconds=60)
"""A process that has not reported for so long has ended. It reports every ten seconds."""


def _collect_processes(services: Services, now: dt.datetime) -> Iterator[Metric]:
    """What each process uses, whichever process is asked."""
    living = Processes(services.engine).list_living(now - REPORTED_WITHIN)
    versions = {(find_version(), python_version()), *((one.version, one.python) for one in living)}
    info = GaugeMetricFamily(
        "priority_line_build_info", "1 for each version that runs", labels=["version", "python"]
    )
    for version in sorted(versions):
        info.add_metric(version, 1)
    yield info
    labels = ["kind", "host", "pid"]
    for name, meaning in PROCESS_GAUGES.items():
        family = GaugeMetricFamily(f"priority_line_{name}", meaning, labels=labels)
        for one in living:
            if name in one.figures:
                family.add_metric([one.kind, one.host, str(one.pid)], one.figures[name])
        yield family
    seconds = CounterMetricFamily(
        f"priority_line_{PROCESSOR_TIME}", "processor time of a process", labels=labels
    )
    for one in living:
        if PROCESSOR_TIME in one.figures:
            seconds.add_metric([one.kind, one.host, str(one.pid)], one.figures[PROCESSOR_TIME])
    yield seconds


PROCESSOR_TIME = "process_cpu_seconds_total"
PROCESS_GAUGES = {
    "process_resident_memory_bytes": "memory that a process has in RAM",
    "process_open_fds": "files and sockets that a process has open",
    "process_max_fds": "files and sockets that a process may have open",
    "process_start_time_seconds": "when a process started, in seconds since 1970",
}


def _build_resting_gauge(services: Services, now: dt.datetime) -> Metric:
    meaning = "1 while requests to an outside service are suspended"
    family = GaugeMetricFamily("priority_line_service_circuit_open", meaning, labels=["service"])
    slow = find_resting(Heartbeats(services.engine), now)
    for service in sorted({*PARTS, *slow}):
        family.add_metric([service], service in slow)
    return family


def _collect_unverified(services: Services, now: dt.datetime) -> Iterator[Metric]:
    yield _build_wrong_pins_gauge(services, now)
    yield _build_unrung_gauge(services, now)


def _build_wrong_pins_gauge(services: Services, now: dt.datetime) -> Metric:
    most = SqlUnverifiedLimits(services.engine).find_most_failed_pins(now - dt.timedelta(hours=1))
    meaning = "wrong PINs of the last hour: of the line, and of the contract with the most"
    family = GaugeMetricFamily("priority_line_wrong_pins", meaning, labels=["of"])
    for of, count_ in zip(("line", "contract"), most, strict=True):
        family.add_metric([of], count_)
    return family


def _build_unrung_gauge(services: Services, now: dt.datetime) -> Metric:
    found = SqlUnverifiedLimits(services.engine).count_unrung(now - dt.timedelta(hours=1))
    meaning = "level 1 incidents of the last hour that rang nobody, by the file or a limit"
    family = GaugeMetricFamily("priority_line_incidents_unrung", meaning, labels=["line"])
    for line in services.lines.list_lines():
        family.add_metric([line.id], found.get(line.id, 0))
    return family


def _build_webhook_age_gauge(services: Services, now: dt.datetime) -> Metric:
    since = WebhookLog(services.engine).find_oldest_waiting()
    age = now - (since or now)
    meaning = "age of the oldest delivery that waits"
    return build_gauge("webhook_delivery_waiting_seconds", meaning, age.total_seconds())


def _collect_mail(services: Services, now: dt.datetime) -> Iterator[Metric]:
    """How many mails wait, how long, and when the mailbox was last read."""
    count, since = ReceivedMails(services.engine).count_waiting()
    yield build_gauge("mails_waiting", "mails that are not read yet", count)
    age = (now - (since or now)).total_seconds()
    yield build_gauge("mail_waiting_seconds", "age of the oldest mail that is not read yet", age)
    if services.settings.mailbox_url is None:
        return
    seen = Heartbeats(services.engine).last(MAILBOX_BEAT)
    if seen is not None:
        meaning = "seconds since the mailbox was last read"
        yield build_gauge("mailbox_age_seconds", meaning, (now - seen).total_seconds())


def _collect_backup_age(services: Services, now: dt.datetime) -> Iterator[Metric]:
    last = last_backup(services.engine)
    if last is not None:
        yield build_gauge(
            "backup_age_seconds", "seconds since the last backup", (now - last).total_seconds()
        )


def _collect_health(condition: Health) -> Iterator[Metric]:
    up = GaugeMetricFamily("priority_line_up", "1 when this part answers", labels=["part"])
    for part in ("database", "redis"):
        up.add_metric([part], condition[part] is ServerState.OK)
    yield up
    for name, (figure, meaning) in AGES.items():
        value = condition.get(name)
        if isinstance(value, int | float):
            yield build_gauge(figure, meaning, value)
    if condition["database"] in READABLE and condition["oldest_due_s"] is None:
        yield build_gauge(*AGES["oldest_due_s"], 0)


# Metric families, built from the counters that all processes share.


ENDPOINTS = ("voice", "leg", "sms", "fallback")
ANSWERS = ("answered", "refused", "failed")
MAX_CODES = 40
LEVELS = ("1", "2", "3", "4", "none")


def build_counter(name: str, meaning: str, value: float) -> Metric:
    """A counter without labels."""
    return CounterMetricFamily(f"priority_line_{name}", meaning, value=value)


def build_gauge(name: str, meaning: str, value: float) -> Metric:
    """A gauge without labels."""
    return GaugeMetricFamily(f"priority_line_{name}", meaning, value=value)


def build_labelled_counter(
    name: str, meaning: str, counts: Mapping[str, int], label: tuple[str, tuple[str, ...]]
) -> Metric:
    """A counter with one label; every value of the label is always present."""
    family = CounterMetricFamily(f"priority_line_{name}", meaning, labels=[label[0]])
    kept = name.removeprefix("carrier_")
    for value in label[1]:
        family.add_metric([str(value)], counts.get(f"{kept} {value}", 0))
    return family


def build_webhook_counter(counts: Mapping[str, int]) -> Metric:
    """Answers to the carrier's webhooks, by endpoint group."""
    labels, meaning = ["endpoint", "answer"], "webhooks of the carrier by our answer"
    family = CounterMetricFamily("priority_line_webhooks", meaning, labels=labels)
    for room in ENDPOINTS:
        for answer in ANSWERS:
            family.add_metric([room, answer], counts.get(f"webhooks {room} {answer}", 0))
    return family


def build_unreached_counter(counts: Mapping[str, int]) -> Metric:
    """Failed calls, texts and mails by channel and error code.

    The rarest codes are counted together, so that the label has few values.
    """
    labels, meaning = ["channel", "code"], "calls, texts and mails that reached nobody"
    family = CounterMetricFamily("priority_line_unreached", meaning, labels=labels)
    found: Counter[tuple[str, str]] = Counter()
    theirs = [name for name in counts if name.startswith(f"{UNREACHED} ")]
    for place, name in enumerate(sorted(theirs, key=lambda each: (-counts[each], each))):
        _, channel, code = name.split(" ")
        if place >= MAX_CODES:
            code = OTHER_CODE
        found[channel, code] += counts[name]
    for channel in Channel:
        found[channel, OTHER_CODE] += 0
    for of, number in sorted(found.items()):
        family.add_metric([str(each) for each in of], number)
    return family


_BOUNDS = {BEYOND: "+Inf"} | {str(end): str(float(end)) for end in BUCKETS}
"""The bucket bounds of Prometheus, by the name of our counter."""


def build_histogram(counts: Mapping[str, int], name: str, figure: str, meaning: str) -> Metric:
    """Seconds by level, in the cumulative buckets of Prometheus."""
    family = HistogramMetricFamily(f"priority_line_{figure}", meaning, labels=["level"])
    for level in LEVELS:
        total, buckets = 0, []
        for end in (*map(str, BUCKETS), BEYOND):
            total += counts.get(f"{name} {level} {end}", 0)
            buckets.append((_BOUNDS[end], float(total)))
        family.add_metric([level], buckets, counts.get(f"{name} {level} sum", 0))
    return family


def build_durations(
    counts: Mapping[str, int], kept: str, about: tuple[str, str, list[str]]
) -> Metric:
    """A histogram of durations; ``about`` has its name, its meaning and its labels."""
    name, meaning, labels = about
    family = HistogramMetricFamily(f"priority_line_{name}", meaning, labels=labels)
    found: dict[str, Counter[str]] = {}
    for each, count in counts.items():
        if each.startswith(f"{kept} "):
            values, _, end = each.removeprefix(f"{kept} ").rpartition(" ")
            found.setdefault(values, Counter())[end] += count
    for values, ends in sorted(found.items()):
        total, buckets = 0, []
        for end in (*map(str, DURATIONS), BEYOND):
            total += ends[end]
            buckets.append((end.replace(BEYOND, "+Inf"), float(total)))
        family.add_metric(values.split(" "), buckets, ends["sum"] / 1_000_000)
    return family


# Metrics of each line without names: texts sent today, unconfirmed handovers, drills.


LOOK_BACK = dt.timedelta(days=31)
DAY = dt.timedelta(days=1)
DRILL_GRACE = dt.timedelta(minutes=10)
"""A scheduled drill has finished by then."""


def collect_line_metrics(services: Services, now: dt.datetime) -> Iterator[Metric]:
    """The metrics of each line."""
    cap = _build_line_gauge("texts_daily_cap", "texts that one engineer gets a day at most")
    most = _build_line_gauge("texts_today_max", "texts of today to the engineer with the most")
    unconfirmed = _build_line_gauge(
        "handovers_unconfirmed", "engineers on duty who have not confirmed"
    )
    age = _build_line_gauge(
        "static_fallback_age_seconds", "seconds since the fallback host got the current numbers"
    )
    failed = _build_line_gauge(
        "drill_failed", "1 when the last drill failed, or a scheduled one is missing"
    )
    lines = services.lines.list_lines()
    for line in lines:
        facts, most_texts = services.call_service.facts(line), line.paging.daily_cap
        left = [texts_left(facts, engineer.id) for engineer in line.engineers]
        cap.add_metric([line.id], most_texts)
        most.add_metric([line.id], most_texts - min(left, default=most_texts))
        handovers = services.call_service.calls.handovers.find_between(
            line.id, now - LOOK_BACK, now
        )
        unconfirmed.add_metric([line.id], sum(_is_unconfirmed(one, now) for one in handovers))
        failed.add_metric([line.id], _has_drill_failed(services, line, now))
        if services.settings.fallback_put_url is not None:
            documents = build_documents(line, lines, services.settings, now)
            known = StaticFallback(services.engine, services.settings).age(
                line, documents, now, DAY
            )
            age.add_metric([line.id], (known or DAY).total_seconds())
    yield from (cap, most, unconfirmed, failed, age)


def _has_drill_failed(services: Services, line: Line, now: dt.datetime) -> bool:
    last = find_last_drill(services.engine, drill_id(line))
    if last is not None and last.answered_by != PERSON:
        return True
    if line.drill is None:
        return False
    due = find_last_due(line.drill, line.timezone, now - DRILL_GRACE)
    if due <= (services.lines.read_changed_at(line.id) or now):  # it was not scheduled yet
        return False
    return last is None or last.started_at < due


def _is_unconfirmed(handover: Handover, now: dt.datetime) -> bool:
    on_duty = handover.until is None or handover.until > now
    return on_duty and handover.state is HandoverState.UNCONFIRMED


def _build_line_gauge(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"priority_line_{name}", meaning, labels=["line"])
