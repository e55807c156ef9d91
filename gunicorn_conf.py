"""How the web server runs: a process for each core, two threads in each. As a program it is `web`.

Threads, because the database leaves the interpreter to others; more of them, or more processes than
cores, only take time from each other.
"""

import gc
import sys
from typing import Any

from ivr_app.rehearsal import rehearse
from service import logging
from service.bootstrap import count_cores, restrict_umask
from service.counters import keep_flushing
from service.fallback import keep_fallback_file_fresh
from service.health import keep_recording_zone_data
from service.telemetry import start_telemetry
from settings import SettingsError, read_settings
from store.work.metrics import Heartbeats

TURN = 0.0005
"""Seconds for which a thread may keep the interpreter while others wait for it. A webhook waits for
the database several times, and a console page may be rendering each time it returns."""

YOUNG = 20_000
"""New objects after which the interpreter looks for circles of garbage among them. A webhook makes
some hundreds, which all go when it ends; Python's 700 would look at them several times."""

restrict_umask()
try:
    _settings = read_settings()
    start_telemetry(_settings)
except SettingsError as error:
    sys.exit(str(error))

bind = f"0.0.0.0:{_settings.port}"
worker_class = "ivr_app.web_server.LineWorker"
workers = _settings.web_concurrency or count_cores()
threads = 2  # for webhooks: one computes while the other waits for the database (ADR 91)
sendfile = False  # the web server buffers responses for slow readers instead
forwarder_headers = ""  # no client may set SCRIPT_NAME or PATH_INFO
preload_app = True  # imported once, before the port is open, so no request waits for it
timeout = 30
graceful_timeout = 10
keepalive = 65  # longer than the carrier keeps a connection, so that the carrier closes it
control_socket_disable = True
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Prepare everything before the workers fork: no request waits for it, and they share it."""
    app = server.app.callable
    for name in ("console", "portal", "api"):
        app.extensions[name].app.url_map.update()
    app.url_map.update()
    rehearse(app.extensions["services"])
    settle()


def settle() -> None:
    """Tune the interpreter for many short requests, when all that they share is there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    sys.setswitchinterval(TURN)


def post_worker_init(worker: Any) -> None:
    """Start the threads of a web process: fallback file, zone data and counters."""
    logging.start_logging()
    logging.capture_library_logs()
    services = worker.app.callable.extensions["services"]
    keep_fallback_file_fresh(services.settings.fallback_file, services.lines.list_lines)
    keep_recording_zone_data(Heartbeats(services.engine))
    keep_flushing("web", services.engine, services.call_service.clock)


if __name__ == "__main__":
    # gunicorn looks in the working directory first; by now all of our packages are imported
    from gunicorn.app.wsgiapp import run

    sys.argv[1:1] = ["--config", __file__, "ivr_app:create_app()"]
    run()
