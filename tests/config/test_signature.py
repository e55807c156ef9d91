"""The specialists of virus recognition, and who hears of releases, on paper."""

import datetime as dt

import pytest

from config.checks import find_warnings
from routing.line import SignatureDesk

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
DESK = "desk: {ring: [desk], for: 20s}"


def with_lab(example, lab):
    assert example.count(DESK) == 1
    return example.replace(DESK, f"{DESK}\nsignature_desk: {lab}")


def test_a_file_without_specialists_is_what_it_was(example, read):
    assert read(example).line.signature_desk is None


@pytest.mark.parametrize("address", ["samples@example.org", "https://example.org/samples?by=line"])
def test_the_specialists_are_a_step_with_an_address(example, read, address):
    lab = with_lab(example, f'{{ring: [joris], for: 25s, samples_to: "{address}"}}')
    found = SignatureDesk(("joris",), dt.timedelta(seconds=25), address)
    assert read(lab).line.signature_desk == found


def test_ringing_is_all_that_is_needed(example, read):
    lab = with_lab(example, "{ring: [joris]}")
    assert read(lab).line.signature_desk == SignatureDesk(("joris",))
    told = [(f.field, f.message) for f in find_warnings(read(lab), NOW) if "samples" in f.message]
    assert told == [
        ("signature_desk", "has no samples_to, so callers are not told where to send samples")
    ]


@pytest.mark.parametrize(
    "address", ["ftp://example.org/x", "example.org", "a@b", f"{'a' * 80}@b.c"]
)
def test_an_address_that_nobody_can_use_is_refused(example, wrong, address):
    ((_, field, message),) = wrong(
        DESK, f'{DESK}\nsignature_desk: {{ring: [joris], samples_to: "{address}"}}'
    )
    assert (field, message) == (
        "signature_desk.samples_to",
        "must be a mail address or an https:// address of at most 80 characters",
    )


def test_office_hours_without_a_specialist_are_shown(example, read):
    shift = "{id: desk, shifts: [{people: [sanne]"
    lab = with_lab(example, "{ring: [lab], samples_to: samples@example.org}").replace(
        shift, f"{{id: lab, shifts: [{{people: [joris], days: [mon]}}]}}\n  - {shift}"
    )
    told = {f.field: f.message for f in find_warnings(read(lab), NOW)}
    assert "2026-11-24 09:00 to 2026-11-24 18:00" in told["signature_desk"]
    assert "schedules[2]" not in told


@pytest.mark.parametrize(("said", "hears"), [("", False), (", hears_of_releases: true", True)])
def test_a_contact_hears_of_releases_only_if_the_file_says_so(example, read, said, hears):
    pieter = 'pin: "482913", language: nl'
    assert example.count(pieter) == 1
    (contract,) = read(example.replace(pieter, pieter + said)).contracts
    assert [contact.hears_of_releases for contact in contract.contacts] == [hears]
