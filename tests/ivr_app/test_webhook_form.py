"""A webhook's form has the fields that Werkzeug reads in it."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from ivr_app.context import WebhookRequest

PIECES = (
    "a",
    "b",
    "=",
    "&",
    "+",
    "%",
    "%2B",
    "%2b",
    "%2",
    "B",
    "%zz",
    "%c3%a9",
    "%C3",
    "%F0%9F%93%9E",
    ";",
)
RAW = (*(piece.encode() for piece in PIECES), "é".encode(), b"\xff", b"\x00", b" ", b"\r\n", b'"')


ENVIRON = EnvironBuilder(method="POST", path="/voice/incoming").get_environ()


def request(kind, body, type_="application/x-www-form-urlencoded"):
    about = {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": type_}
    return kind({**ENVIRON, **about, "wsgi.input": io.BytesIO(body)})


def check_fields(body, *type_):
    ours, theirs = request(WebhookRequest, body, *type_), request(Request, body, *type_)
    assert MultiDict(ours.fields) == theirs.form
    assert ours.values_by_name == theirs.form.to_dict()


@settings(max_examples=150)
@given(st.lists(st.sampled_from(RAW), max_size=16).map(b"".join))
def test_any_body_has_the_fields_that_werkzeug_reads(body):
    check_fields(body)


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded ; charset=utf-8",
        "application/json",
        "multipart/form-data; boundary=b",
        "text/plain",
        "",
    ],
)
def test_any_type_of_body_is_read_as_werkzeug_reads_it(kind):
    for body in (
        b"CallSid=CA1&To=%2B31",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    ):
        check_fields(body, kind)
