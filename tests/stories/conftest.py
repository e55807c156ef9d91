"""The standing cast and its line."""

import pytest

from devtools.processes.truths import untruths
from tests.docs.carriers import find_unlisted, listed_requests, name_request
from tests.stories.conformance import check_request, faults_of
from tests.stories.stage import on_stage
from tests.stories.toll_fraud import strangers_paid_for

PAPER = """
line:
  name: {nl: MSA Plus prioriteitslijn, en: MSA Plus priority line}
  number: "+31201234567"
  timezone: Europe/Amsterdam
  languages: [nl, en]
  office_hours: {days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}
  last_resort: "+31207654321"
engineers:
  - {id: sanne, name: Sanne de Vries, phones: ["+31612345601", "+31208881101"]}
  - {id: joris, name: Joris Bakker, phones: ["+31612345602"]}
schedules:
  - {id: primary, shifts: [{people: [sanne]}]}
  - {id: secondary, shifts: [{people: [joris]}]}
escalation:
  steps:
    - {ring: [primary], for: 30s}
    - {ring: [secondary], for: 30s}
  repeat: 2
paging: {channels: [sms], again_after: 5m}
urgency:
  1: {respond_within: 4 office hours}
matter: false
contracts:
  - contract: "100234"
    customer: Bakkerij Jansen BV
    plan: msa_plus
    valid: {from: 2020-01-01, until: 2099-12-31}
    contacts:
      - {name: Pieter Jansen, phone: "+31612345678", pin: "482913", language: nl}
  - contract: "100240"
    customer: Drukkerij de Boer
    plan: msa_plus
    valid: {from: 2020-01-01, until: 2020-12-31}
    contacts:
      - {name: Willem de Boer, phone: "+31612345680", pin: "615204", language: nl}
"""


@pytest.fixture
def paper():
    return PAPER


@pytest.fixture
def stage(tmp_path, paper):
    with on_stage(tmp_path, paper) as stage:
        yield stage


@pytest.fixture(autouse=True)
def all_conforms(stage):
    """Whatever a story is about: what we said and asked is what the carrier describes, and what
    waiting callers heard was true."""
    yield
    for request in stage.office.requests:
        if request["path"].endswith(".json"):
            check_request(request)
            assert name_request(request["method"], request["path"]) in listed_requests()
    for webhook in stage.office.webhooks:
        if webhook["kind"] == "media":
            given = webhook["status"], (webhook["type"] or "")[:6], webhook["error"]
            pressed = (None, "", None)  # a key ended the sentence before its sound was here
            assert given in [(200, "audio/", None), pressed], webhook["url"]
        elif webhook["status"] == 200 and webhook["body"].startswith("<"):
            kind = "messaging" if "/sms/" in webhook["url"] else "voice"
            assert list(faults_of(webhook["body"], kind)) == []
            assert find_unlisted(webhook["body"]) == set()
    assert stage.untrue == []
    if not stage.database_away:
        assert list(untruths(stage.services.engine)) == []
        assert list(strangers_paid_for(stage)) == []
