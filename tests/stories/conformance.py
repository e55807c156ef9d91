"""Holds what the line said and asked against the carrier's own descriptions, where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

DESCRIPTIONS = Path(__file__).parents[2].parent / "shared" / "carrier"
CARRIER = "https://api.twilio.com"


@cache
def rest() -> Any:
    """The description of the REST interface, or None where it is not at hand."""
    path = DESCRIPTIONS / "rest_api.openapi.json"
    if not path.exists():
        return None
    formats = {
        "date-time-rfc-2822": lambda text: bool(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z"))
    }
    return OpenAPI.from_dict(
        json.loads(path.read_text()), config=Config(extra_format_validators=formats)
    )


@cache
def verbs() -> dict[str, dict[str, Any]]:
    """The elements of TwiML for each kind of document, or nothing where it is not at hand."""
    path = DESCRIPTIONS / "twiml_schema.json"
    return json.loads(path.read_text())["documents"] if path.exists() else {}


CHECKED: set[tuple[str, str, frozenset[str]]] = set()


def check_request(request: dict[str, Any]) -> None:
    """Raise unless the request is one that the carrier describes; each shape is checked once."""
    if "/Transcriptions/" in request["path"]:
        return  # the description that we have leaves out this resource of the carrier's
    shape = (request["method"], request["path"].split("/")[-1][:6], frozenset(request["params"]))
    if rest() is None or shape in CHECKED:
        return
    CHECKED.add(shape)
    where = "params" if request["method"] == "GET" else "data"
    asked = requests.Request(
        request["method"],
        CARRIER + request["path"],
        auth=("AC", "token"),
        **{where: request["params"]},
    )
    rest().validate_request(RequestsOpenAPIRequest(asked))


def faults_of(document: str, kind: str = "voice") -> Iterator[str]:
    """What the carrier would find wrong with a document."""
    root = ElementTree.fromstring(document)  # noqa: S314 - we wrote it
    known = verbs().get(kind, {}).get("elements", {})
    for parent in root.iter() if known else ():
        described = known.get(parent.tag)
        if described is None:
            yield f"there is no {parent.tag}"
            continue
        yield from (
            f"{parent.tag} has no {a}" for a in parent.attrib if a not in described["attributes"]
        )
        yield from (
            f"{c.tag} in {parent.tag}" for c in parent if c.tag not in described["children"]
        )
        for name, value in parent.attrib.items():
            yield from _wrong_value(parent.tag, name, value, described["attributes"].get(name, {}))


def _wrong_value(tag: str, name: str, value: str, described: dict[str, Any]) -> Iterator[str]:
    if described.get("type") == "integer" and not value.isdigit():
        yield f"{tag} {name}={value} is no number"
    allowed = described.get("enum")
    given = value.split() if described.get("list") == "space-separated" else [value]
    if isinstance(allowed, list) and not set(given) <= set(allowed):
        yield f"{tag} {name}={value} is none of {allowed}"
