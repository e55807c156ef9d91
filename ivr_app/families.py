"""Families of figures in Prometheus' words, from the counts that all processes add to."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from store.figures import BEYOND, BUCKETS

ROOMS = ("voice", "leg", "sms", "fallback")
ANSWERS = ("answered", "refused", "failed")
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
