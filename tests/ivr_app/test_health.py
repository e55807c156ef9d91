"""The process says of itself and of the line around it how it is."""

import math
import struct
from contextlib import contextmanager
from pathlib import Path

import pytest

import ivr_app
from carrier.urls import MUSIC_PIECES, WebhookUrls
from devtools.music import RATE, write_wav
from ivr_app import create_app
from ivr_app.context import SERVICES
from service.bootstrap import now
from settings import Settings
from store.db.engine import open_engine
from store.work.metrics import Heartbeats

URLS = WebhookUrls("https://line.test")
MEDIA = Path(ivr_app.__file__).parent / "media"


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
    pieces = set()
    for piece in range(MUSIC_PIECES):
        path = URLS.music_url(piece).removeprefix(URLS.public_url)
        with client.get(path) as answer:
            assert answer.content_type == "audio/wav"
            pieces.add(answer.data)
    assert len(pieces) == MUSIC_PIECES


@pytest.mark.parametrize("piece", ["0", "9", "-1", "99999999999999999999"])
def test_there_is_no_other_music(client, piece):
    assert client.get(f"/voice/music.wav?piece={piece}").status_code in (403, 404)


def test_each_piece_is_soft_and_whole_and_goes_out_quietly():
    for piece in range(MUSIC_PIECES):
        sound = (MEDIA / f"music-{piece + 1}.wav").read_bytes()
        assert struct.unpack_from("<HHI", sound, 20) == (7, 1, RATE)  # what telephones have
        tones = [from_mu_law(one) for one in sound[-12 * RATE :]]
        seconds = [tones[at : at + RATE] for at in range(0, len(tones), RATE)]
        assert [-30 < loudness(one) < -22 for one in seconds[:-1]] == [True] * 11
        assert loudness(tones[-RATE // 5 :]) < -45
        assert max(tones) < 0.3


def loudness(tones):
    return 10 * math.log10(sum(one * one for one in tones) / len(tones) + 1e-9)


def from_mu_law(byte):
    byte = ~byte & 0xFF
    size = (((byte & 0x0F) << 3) + 132 << (byte >> 4 & 7)) - 132
    return (-size if byte & 0x80 else size) / 32768


def test_the_composer_writes_what_telephones_have():
    assert write_wav([0.0, 0.5, -0.5, 1.0, -1.0])[-5:] == bytes([0xFF, 0x8F, 0x0F, 0x80, 0x00])
