"""Files and forms of somebody who means harm: none is shown, run, or kept where it does any."""

from __future__ import annotations

import io

import pytest

from ivr_app.portal import files
from tests.ivr_app.console.test_headers import with_settings
from tests.ivr_app.portal.conftest import KARIN, NOORD
from tests.ivr_app.portal.customers import Customer
from tests.ivr_app.portal.test_new_report import REPORT, file, hidden, look

EVIL = "<script>alert(1)</script>"


def kept(board):
    return board.call_service.calls.correspondence.measure_files("main", NOORD)


def send(visit, *sent, path="/files"):
    return visit.post(path, files=list(sent))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\run.exe", "run.exe"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\x1b[31mred.txt", "[31mred.txt"),
        ('quote".txt', "quote"),
        (f"{EVIL}.html", "script&gt;.html"),
        ("日本語.zip", "日本語.zip"),
        ("..", "file"),
    ],
)
def test_a_name_is_only_a_name(karin, name, shown):
    answer = send(karin, file(b"x", name))
    assert answer.status_code == 200
    assert shown in answer.text
    assert EVIL not in answer.text
    assert "\u202e" not in answer.text


@pytest.mark.parametrize(
    "name", ["page.html", "picture.svg", "code.js", "a\u202eb.txt", "日本.pdf"]
)
def test_no_browser_opens_a_file(karin, name):
    found = send(karin, (io.BytesIO(EVIL.encode()), name, "text/html"))
    upload = found.text.split('value="')[1].split('"')[0]
    answer = karin.get(f"/files/{upload}")
    assert answer.data == EVIL.encode()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert disposition.isascii()  # the web server refuses others
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_ten_files_go_at_once(karin, board):
    answer = send(karin, *(file(bytes([number]), f"{number}.log") for number in range(10)))
    assert all(f"{number}.log" in answer.text for number in range(10))
    assert kept(board).unattached == 10


@pytest.fixture
def small(board):
    """The settings of an installation with little room."""
    return with_settings(board, largest_file_mb=1, files_of_contract_mb=2)


@pytest.fixture
def tight(small, board):
    """Karin at an installation with little room."""
    return Customer(small.test_client()).come_in(board, NOORD, KARIN)


MB = bytes(1024 * 1024)


def test_a_contract_fills_no_more_than_its_room(tight, board):
    assert "te groot" in send(tight, file(MB + b"x", "large.bin")).text
    assert kept(board).bytes == 0
    for name in ("one", "two"):
        assert send(tight, file(MB, name)).text.count("checked") == 1
    full = send(tight, file(b"x", "three")).text
    assert "geen ruimte" in full
    assert kept(board).bytes == 2 * len(MB)


def test_a_refused_file_loses_no_word_and_no_other_file(tight):
    answer = tight.post(
        "/new",
        **REPORT,
        token="a" * 32,
        step="send",
        files=[file(b"small", "small.log"), file(MB + b"x", "large.bin")],
    )
    assert answer.status_code == 422
    assert "large.bin is te groot" in answer.text
    assert "small.log" in answer.text
    assert REPORT["subject"] in answer.text
    assert "kassa&#39;s" in answer.text


def test_uploads_that_belong_to_nothing_have_a_most(karin, board, monkeypatch):
    monkeypatch.setattr(files, "MOST_UNATTACHED", 2)
    answer = send(karin, *(file(b"x", f"{number}.log") for number in range(4)))
    assert kept(board).unattached == 2
    assert answer.text.count("is niet bewaard") == 2


def test_an_empty_file_is_named_and_not_kept(karin, board):
    assert "leeg.log is leeg" in send(karin, file(b"", "leeg.log")).text
    assert kept(board).unattached == 0


@pytest.mark.parametrize("media_type", ["a\0b", "x" * 10_000, "\x1b[31m", EVIL, "日本"])
def test_a_media_type_is_only_what_the_sender_says(karin, board, media_type):
    body = (
        b"--x\r\nContent-Disposition: form-data; name=csrf_token\r\n\r\n"
        + karin.token().encode()
        + b'\r\n--x\r\nContent-Disposition: form-data; name=files; filename="a\xe2\x80\xae.log"\r\n'
        + f"Content-Type: {media_type}\r\n\r\ncontent\r\n--x--\r\n".encode()
    )
    answer = karin.client.post(
        "/portal/files/", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 200
    assert "a.log" in answer.text
    assert kept(board).unattached == 1


def test_a_refused_name_is_tidied_too(tight):
    assert "gpj.exe is te groot" in send(tight, file(MB + b"x", "\u202egpj.exe")).text


def test_a_zip_bomb_is_a_file_like_any_other(karin, board):
    bomb = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(1000)
    assert "heeft geen wachtwoord" in send(karin, file(bomb, "bomb.zip")).text
    assert kept(board).bytes == len(bomb)


def test_a_file_of_an_incident_goes_with_no_second_one(karin, board):
    preview = look(karin, **REPORT, token="a" * 32, files=[file()]).text
    fields = hidden(preview)
    assert karin.post("/new", **fields, step="send").status_code == 303
    again = karin.post("/new", **(fields | {"token": "b" * 32}), step="send")
    assert again.status_code == 422
    assert "niet meer" in again.text


@pytest.mark.parametrize("upload", ["nothing", "0" * 32, EVIL, "' OR 1=1 --", "\0"])
def test_an_upload_that_nobody_made_goes_with_nothing(karin, upload):
    answer = karin.post("/new", **REPORT, token="a" * 32, step="send", upload=upload)
    assert answer.status_code in (400, 422)
    assert EVIL not in answer.text
    assert karin.get("/files/0000").status_code == 404


def test_nobody_sends_files_without_a_session(customer, board):
    nobody = customer()
    answer = send(nobody, file(bytes(100_000), "big.bin"))
    assert answer.status_code in (302, 413)
    assert kept(board).bytes == 0


def test_words_are_words(karin):
    fields = REPORT | {"subject": EVIL, "words": EVIL, "products": EVIL, "affected_since": EVIL}
    preview = look(karin, **fields, token="a" * 32)
    sent = karin.post("/new", **hidden(preview.text), step="send")
    page = karin.get(sent.location.removeprefix("/portal"))
    for answer in (preview, page, karin.get("/")):
        assert EVIL not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_a_form_has_a_most_of_fields(karin):
    many = {f"field{number}": "x" for number in range(400)}
    answer = karin.post("/new", **REPORT, **many, token="a" * 32, step="send", files=[file()])
    assert answer.status_code in (400, 413, 422)
