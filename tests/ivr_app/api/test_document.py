"""The document has an example of each request and webhook, and each is valid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ivr_app.api.app import SECTIONS
from ivr_app.api.document import build_document, name_operation, read_examples
from ivr_app.api.schemas import WebhookBody, WebhookMessageBody
from routing.line import IncidentHappening

BODIES = {
    name_operation(section.name, one): one.models.body
    for section in SECTIONS
    for one in section.operations
    if one.models.body is not None
}
EVENTS = {f"incident.{each}" for each in IncidentHappening}
DOCUMENT = build_document(SECTIONS)


def list_operations() -> list[dict[str, Any]]:
    return [one for path in DOCUMENT["paths"].values() for one in path.values()]


def test_there_is_an_example_of_each_request_and_event_and_no_other() -> None:
    assert set(read_examples()) == set(BODIES) | EVENTS


@pytest.mark.parametrize("name", BODIES)
def test_an_example_is_a_valid_request(name: str) -> None:
    example = json.dumps(read_examples()[name]["request"])
    BODIES[name].model_validate_json(example, strict=True)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_webhook_is_described_as_it_is_sent(name: str) -> None:
    webhook = DOCUMENT["webhooks"][name]["post"]
    model = {True: WebhookMessageBody, False: WebhookBody}[name == "incident.message"]
    content = webhook["requestBody"]["content"]["application/json"]
    model.model_validate_json(json.dumps(content["example"]))
    assert content["schema"]["$ref"].endswith(model.__name__)
    names = {one["name"] for one in webhook["parameters"] if one["required"]}
    assert names == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def test_each_operation_has_a_name_of_its_own_and_a_summary() -> None:
    names = [one["operationId"] for one in list_operations()]
    assert len(set(names)) == len(names)
    for one in list_operations():
        assert one["summary"]
        assert not one["summary"].endswith(".")
        assert {"RateLimit", "RateLimit-Policy"} <= one["responses"]["429"]["headers"].keys()
