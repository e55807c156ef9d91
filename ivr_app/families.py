"""Families of figures in Prometheus' words, from the counts that all processes add to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from carrier.reasons import OTHER
from routing.line import Channel
from store.figures import BEYOND, BUCKETS
from tally import UNREACHED

ROOMS = ("voice", "leg", "sms", "fallback")
ANSWERS = ("answered", "refused", "failed")
MOST_CODES = 40
LEVELS = ("1", "2", "3", "4", "none")


def count(name: str, meaning: str, value: float) -> Metric:
    """Something that only grows."""
    return CounterMetricFamily(f"priority_line_{name}", meaning, value=value)


def gauge(name: str, meaning: str, value: float) -> Metric:
    """Something as it is at this moment."""
    return GaugeMetricFamily(f"priority_line_{name}", meaning, value=value)


def counted(
    name: str, meaning: str, counts: Mapping[str, int], label: tuple[str, tuple[str, ...]]
) -> Metric:
    """Something that only grows, by each value of one label, all of them always told."""
    family = CounterMetricFamily(f"priority_line_{name}", meaning, labels=[label[0]])
    kept = name.removeprefix("carrier_")
    for value in label[1]:
        family.add_metric([str(value)], counts.get(f"{kept} {value}", 0))
    return family


def webhooks(counts: Mapping[str, int]) -> Metric:
    """How the carrier's webhooks were answered, by the room that answered them."""
    labels, meaning = ["room", "answer"], "webhooks by what we answered"
    family = CounterMetricFamily("priority_line_webhooks", meaning, labels=labels)
    for room in ROOMS:
        for answer in ANSWERS:
            family.add_metric([room, answer], counts.get(f"webhooks {room} {answer}", 0))
    return family


def unreached(counts: Mapping[str, int]) -> Metric:
    """What came to nothing, by channel and the code that was given; the rarest codes count as one,
    so that there are never many."""
    labels, meaning = ["channel", "code"], "calls, texts and mails that reached nobody"
    family = CounterMetricFamily("priority_line_unreached", meaning, labels=labels)
    found: Counter[tuple[str, str]] = Counter()
    theirs = [name for name in counts if name.startswith(f"{UNREACHED} ")]
    for place, name in enumerate(sorted(theirs, key=lambda each: (-counts[each], each))):
        _, channel, code = name.split(" ")
        found[channel, code if place < MOST_CODES else OTHER] += counts[name]
    for channel in Channel:
        found[channel, OTHER] += 0
    for of, number in sorted(found.items()):
        family.add_metric([str(each) for each in of], number)
    return family


def histogram(counts: Mapping[str, int], name: str, figure: str, meaning: str) -> Metric:
    """Seconds by level, each bucket with those of the smaller ones, as Prometheus wants them."""
    family = HistogramMetricFamily(f"priority_line_{figure}", meaning, labels=["level"])
    for level in LEVELS:
        total, buckets = 0, []
        for end in (*map(str, BUCKETS), BEYOND):
            total += counts.get(f"{name} {level} {end}", 0)
            buckets.append(("+Inf" if end == BEYOND else str(float(end)), float(total)))
        family.add_metric([level], buckets, counts.get(f"{name} {level} sum", 0))
    return family
