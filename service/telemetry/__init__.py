"""What leaves this process for services that watch it: errors and traces, without personal data.

An error may hold a telephone number in its message, in a variable or in a parameter of a statement,
and the address of a request may be a link that opens something. So nothing is sent but what these
lists name.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from service import find_version
from settings import Settings, SettingsError
from store.db.prepared import watch_statements

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span
    from sentry_sdk.types import Event, Hint
    from sqlalchemy import Connection, Engine

REPEAT_AFTER = 60.0
"""Seconds after which an error is reported again; an outage raises thousands of one kind."""

EVENT_KEYS = ("event_id", "timestamp", "level", "platform", "release", "environment", "server_name")
FRAME_KEYS = ("filename", "function", "module", "lineno", "in_app")


def start_telemetry(settings: Settings) -> None:
    """Report errors if the settings say where to, and let traces say nothing about people. Raises
    SettingsError."""
    if settings.sentry_dsn is not None:
        start_error_reports(settings.sentry_dsn)
    restrict_traces()


# Errors, reported to a service that takes the protocol of Sentry.


def start_error_reports(dsn: str) -> None:
    """Report errors from now on, also in processes that are forked later. Raises SettingsError."""
    try:
        import sentry_sdk
    except ImportError:
        raise SettingsError(
            "SENTRY_DSN is set and needs the package sentry-sdk: "
            "run pip install 'priority-line[errors]'."
        ) from None
    if sentry_sdk.is_initialized():
        return
    sentry_sdk.init(
        dsn=dsn,
        release=f"priority-line@{find_version()}",
        default_integrations=False,  # they would report requests, log lines and arguments
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        send_default_pii=False,
        auto_session_tracking=False,
        before_send=strip_event,
    )


def report_error(error: BaseException, place: str) -> None:
    """Report an error, if reports are on: another thread sends it. ``place`` says where it came up,
    such as an endpoint or a kind of job. The same error is reported once a minute."""
    client = sys.modules.get("sentry_sdk")
    if client is None or not client.is_initialized() or not _is_new(error, place):
        return
    with suppress(Exception), client.new_scope() as scope:
        scope.set_tag("place", place)
        scope.capture_exception(error)


_reported: dict[tuple[str, str], float] = {}
_reported_lock = Lock()


def _is_new(error: BaseException, place: str) -> bool:
    kind, now = (place, type(error).__name__), time.monotonic()
    with _reported_lock:
        if now - _reported.get(kind, -REPEAT_AFTER) < REPEAT_AFTER:
            return False
        _reported[kind] = now
        return True


def strip_event(event: Event, hint: Hint) -> Event:
    """Leave the types of errors, and where in the code they were raised."""
    given: Mapping[str, Any] = event
    kept = {key: given[key] for key in EVENT_KEYS if key in given}
    kept["tags"] = {"place": given.get("tags", {}).get("place", "")}
    errors = given.get("exception", {}).get("values", [])
    kept["exception"] = {"values": [_strip_error(each) for each in errors]}
    stripped: Any = kept
    return stripped  # type: ignore[no-any-return]


def _strip_error(error: Mapping[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    places = [{key: frame[key] for key in FRAME_KEYS if key in frame} for frame in frames]
    kept = {key: error[key] for key in ("type", "module", "mechanism") if key in error}
    return {**kept, "stacktrace": {"frames": places}}


# Traces of OpenTelemetry. It is started from outside: opentelemetry-instrument priority-line web.


JOB_KIND = "job.kind"
SPAN_ATTRIBUTES = frozenset(
    {
        *("http.method", "http.request.method", "http.route", "http.flavor"),
        *("http.status_code", "http.response.status_code", "network.protocol.version"),
        *("db.system", "db.system.name", "db.operation", "db.operation.name", "db.statement"),
        *("db.query.text", "error.type", JOB_KIND),
    }
)
"""Addresses, clients, headers and messages are not among them. Statements have no values in them:
these are parameters, which are not recorded."""


def restrict_traces() -> None:
    """Strip every span of this process, whoever started the tracing and whatever exports them."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return
    from opentelemetry import trace
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider) or getattr(provider, "_is_restricted", False):
        return
    if not hasattr(SpanProcessor, "_on_ending"):
        raise SettingsError("This version of OpenTelemetry cannot strip personal data from spans.")

    class Restriction(SpanProcessor):
        """Runs when a span has ended, before anything exports it."""

        def _on_ending(self, span: Span) -> None:
            strip_span(span)

    provider.add_span_processor(Restriction())
    provider._is_restricted = True  # type: ignore[attr-defined]


def strip_span(span: ReadableSpan) -> None:
    """Leave what happened, how long it took and where in the code; exceptions hold messages."""
    from opentelemetry.trace import Status

    attributes = span._attributes or {}
    span._name = _name_span(span, attributes)
    span._attributes = {key: attributes[key] for key in attributes if key in SPAN_ATTRIBUTES}
    span._events = ()
    span._status = Status(span._status.status_code)


def _name_span(span: ReadableSpan, attributes: Mapping[str, Any]) -> str:
    """The method and the route, the operation of a statement, or else the library's name."""
    method = attributes.get("http.method") or attributes.get("http.request.method")
    if method is not None:
        return f"{method} {attributes.get('http.route', '')}".strip()
    if kind := attributes.get(JOB_KIND):
        return f"job {kind}"
    if statement := attributes.get("db.statement") or attributes.get("db.query.text"):
        return str(statement).split(maxsplit=1)[0]
    scope = span.instrumentation_scope
    return "span" if scope is None else scope.name


def trace_job(kind: str) -> AbstractContextManager[Any]:
    """A span for an attempt of a job; its statements and requests are below it."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return nullcontext()
    from opentelemetry import trace

    return trace.get_tracer("jobs").start_as_current_span("job", attributes={JOB_KIND: kind})


def trace_statements(engine: Engine) -> None:
    """Trace the statements of the first engine. The library's own start refuses a SQLAlchemy as new
    as ours, with which it works; it sees no statement that the driver runs by itself."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    library = SQLAlchemyInstrumentor()
    if not library.is_instrumented_by_opentelemetry:
        library.instrument(engine=engine, skip_dep_check=True)
        watch_statements(_trace_execution)


def _trace_execution(execute: Callable[..., Any]) -> Callable[..., Any]:
    from opentelemetry import trace

    tracer = trace.get_tracer("prepared statements")

    def run(statement: Any, connection: Connection, *values: Any, **options: Any) -> Any:
        attributes = {"db.system": connection.dialect.name, "db.statement": statement.sql}
        kind = trace.SpanKind.CLIENT
        with tracer.start_as_current_span("statement", kind=kind, attributes=attributes):
            return execute(statement, connection, *values, **options)

    return run
