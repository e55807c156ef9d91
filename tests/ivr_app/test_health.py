"""The process says of itself and of the line around it how it is."""

import pytest

from ivr_app import create_app
from settings import Settings
from store.beats import Beats
from store.engine import open_engine
from switchboard import now


@pytest.fixture
def client(settings):
    return create_app(settings).test_client()


def test_the_process_lives(client):
    assert client.get("/healthz").status_code == 200


def test_a_web_alone_is_ready_and_says_that_nobody_works(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["ready"]) == (200, True)
    assert answer.json["redis"] == "ok"
    assert answer.json["worker_seen_s"] is None


def test_without_redis_it_is_ready_and_says_so(settings):
    alone = Settings.model_validate({**settings.model_dump(), "redis_url": "redis://127.0.0.1:1/0"})
    answer = create_app(alone).test_client().get("/readyz")
    assert (answer.status_code, answer.json["redis"]) == (200, "away")


def test_without_tables_it_is_not_ready(settings, tmp_path):
    empty = Settings.model_validate(
        {**settings.model_dump(), "database_url": f"sqlite:///{tmp_path}/empty.db"}
    )
    answer = create_app(empty).test_client().get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "not migrated")


def test_a_worker_that_beats_is_seen(client, settings):
    engine = open_engine(settings.database_url)
    Beats(engine).beat("worker", "one", now())
    engine.dispose()
    assert client.get("/readyz").json["worker_seen_s"] < 5


def test_prometheus_reads_the_same(client):
    text = client.get("/metrics").text
    assert 'priority_line_up{part="database"} 1.0' in text


def test_the_music_needs_no_signature(client):
    with client.get("/voice/music.wav") as answer:
        assert answer.data.startswith(b"RIFF")
