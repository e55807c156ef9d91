"""The line on which the stories play, in one language: its file, and who has which telephone."""

from __future__ import annotations

from tests.stories.stage import JORIS, LAST_RESORT, LINE, PIETER, PIN, SANNE, SANNES_DESK

EMMA, EMMAS_PIN, EMMAS_CONTRACT = "+31612345679", "771204", "100236"
WILLEM, WILLEMS_PIN = "+31612345680", "615204"
BOB, BOBS_PIN = "+31612345682", "330918"
COLLEAGUE, COLLEAGUES_PIN = "+31612345684", "640275"
LOTTE = "+31612345603"
STRANGER = "+31687654321"
WITHHELD = "anonymous"

ENGINEERS = (SANNE, SANNES_DESK, JORIS, LOTTE, LAST_RESORT)

NAMES = {
    PIETER: "Pieter Jansen",
    COLLEAGUE: "Ans Jansen",
    EMMA: "Emma Vos",
    WILLEM: "Willem de Boer",
    BOB: "Bob Smit",
    STRANGER: "a stranger",
    WITHHELD: "a caller without a number",
    SANNE: "Sanne",
    SANNES_DESK: "Sanne's desk",
    JORIS: "Joris",
    LOTTE: "Lotte",
    LAST_RESORT: "the last resort",
    LINE: "the line",
}

LINE_NAMES = {
    "nl": "MSA Plus prioriteitslijn",
    "en": "MSA Plus priority line",
    "de": "MSA Plus Prioritätsleitung",
    "fr": "ligne prioritaire MSA Plus",
}


def paper(language: str, other: str) -> str:
    """The file of the line whose first language is this; Emma speaks the other."""
    return f"""
line:
  name: {LINE_NAMES[language]}
  number: "{LINE}"
  timezone: Europe/Amsterdam
  languages: [{language}, {other}]
  office_hours: {{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}}
  last_resort: "{LAST_RESORT}"
engineers:
  - {{id: sanne, name: Sanne de Vries, phones: ["{SANNE}", "{SANNES_DESK}"]}}
  - {{id: joris, name: Joris Bakker, phones: ["{JORIS}"]}}
  - {{id: lotte, name: Lotte Bos, phones: ["{LOTTE}"]}}
schedules:
  - {{id: primary, shifts: [{{people: [sanne]}}]}}
  - {{id: secondary, shifts: [{{people: [joris]}}]}}
escalation:
  steps:
    - {{ring: [primary], for: 30s}}
    - {{ring: [secondary], for: 30s}}
  repeat: 2
desk: {{ring: [joris], for: 20s}}
signature_desk: {{ring: [lotte], for: 20s, samples_to: samples@example.org}}
paging: {{channels: [sms], again_after: 5m}}
urgency:
  1: {{respond_within: 4 office hours}}
contracts:
  - contract: "100234"
    customer: Bakkerij Jansen BV
    plan: msa_plus
    valid: {{from: 2020-01-01, until: 2099-12-31}}
    contacts:
      - {{name: Pieter Jansen, phone: "{PIETER}", pin: "{PIN}", language: {language}}}
      - {{name: Ans Jansen, phone: "{COLLEAGUE}", pin: "{COLLEAGUES_PIN}", language: {language}}}
  - contract: "{EMMAS_CONTRACT}"
    customer: Kwekerij Emma
    plan: msa_plus
    contacts:
      - {{name: Emma Vos, phone: "{EMMA}", pin: "{EMMAS_PIN}", language: {other}}}
  - contract: "100240"
    customer: Drukkerij de Boer
    plan: msa_plus
    valid: {{from: 2020-01-01, until: 2020-12-31}}
    contacts:
      - {{name: Willem de Boer, phone: "{WILLEM}", pin: "{WILLEMS_PIN}", language: {language}}}
  - contract: "100242"
    customer: Garage Bob
    plan: standard
    contacts:
      - {{name: Bob Smit, phone: "{BOB}", pin: "{BOBS_PIN}", language: {language}}}
"""
