"""The process says of itself and of the line around it how it is."""

from contextlib import contextmanager

import pytest

from ivr_app import create_app
from ivr_app.context import SERVICES
from service.bootstrap import now
from settings import Settings
from store.db.engine import open_engine
from store.work.metrics import Heartbeats


@contextmanager
def asking(settings, **changes):
    """A client of an application with these settings, some of them changed."""
    app = create_app(Settings.model_validate({**settings.model_dump(), **changes}))
    yield app.test_client()
    app.extensions[SERVICES].engine.dispose()


@pytest.fixture
def client(settings):
    with asking(settings) as client:
        yield client


def test_the_process_lives(client):
    assert client.get("/healthz").status_code == 200


def test_a_web_alone_is_ready_and_says_that_nobody_works(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (200, True)
    assert answer.json["redis"] == "ok"
    assert answer.json["worker_seen_s"] is None


def test_without_redis_it_is_ready_and_says_so(settings):
    with asking(settings, redis_url="redis://127.0.0.1:1/0") as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json["redis"]) == (200, "away")


def test_without_tables_it_is_not_ready(settings, tmp_path):
    with asking(settings, database_url=f"sqlite:///{tmp_path}/empty.db") as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "not migrated")


def test_a_worker_that_beats_is_seen(client, settings):
    engine = open_engine(settings.database_url)
    Heartbeats(engine).beat("worker", "one", now())
    engine.dispose()
    assert client.get("/readyz").json["worker_seen_s"] >= 0


def test_prometheus_reads_the_same(client):
    text = client.get("/metrics").text
    assert 'priority_line_up{part="database"} 1.0' in text


def test_the_music_needs_no_signature(client):
    with client.get("/voice/music.wav") as answer:
        assert answer.data.startswith(b"RIFF")
