"""Contracts in a real browser: an import seen and confirmed, and a PIN that is shown once."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from service.bootstrap import build_services, now
from settings import read_settings
from store.work.redis_client import NoJobNotifier
from tests.chromium import no_serious_findings
from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out
from tests.ivr_app.console.contracts.conftest import SAMPLE, take_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HEAD = SAMPLE.decode().splitlines()[0]
GOOD = "{number},Bakkerij Jansen BV,msa_plus,2026-01-01,,12,Emma Jansen,+31612345685,615203,nl,,"
WRONG = "100254,Fietsenmaker Smit,gold,,,12,Bob Noord,0612345,730184,nl,,"


@pytest.fixture(scope="module", autouse=True)
def sample(web):
    """The contracts of the sample file, on the line of the real web process."""
    board = build_services(read_settings(web.environment), NoJobNotifier())
    take_in(board.engine, board.settings.pin_pepper, SAMPLE, now())
    board.engine.dispose()


def choose(page, folder: Path, *rows: str) -> None:
    file = folder / "contracts.csv"
    file.write_text("\n".join([HEAD, *rows]))
    page.locator("#file").set_input_files(file)
    page.locator("form[enctype] button").click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_contract_fits_and_keeps_nobody_out(look, language, tmp_path):
    page = look("manager", "/contracts", language)
    fits_and_keeps_nobody_out(page, language)
    page.get_by_role("link", name="100252").click()
    for fold in page.locator("summary").all():
        fold.click()
    fits_and_keeps_nobody_out(page, language)
    at = page.url
    for path in ("/change", "/contacts/0", "/contacts/add"):
        page.goto(f"{at}{path}")
        fits_and_keeps_nobody_out(page, language)
    page.goto(at.replace("100252", "import"))
    fits_and_keeps_nobody_out(page, language)
    choose(page, tmp_path, GOOD.format(number=100299), WRONG)
    expect(page.locator("#wrong")).to_be_visible()
    fits_and_keeps_nobody_out(page, language)
    page.emulate_media(color_scheme="dark")
    no_serious_findings(page)


def test_a_file_is_seen_confirmed_and_its_wrong_rows_are_had(look, tmp_path):
    page = look("manager", "/contracts/import", "en", 360)
    choose(page, tmp_path, GOOD.format(number=100260), WRONG)
    expect(page.get_by_role("heading", level=1)).to_have_text("Preview")
    expect(page.locator(".counts")).to_contain_text("1 invalid row")
    expect(page.locator(".changes")).to_contain_text("Emma Jansen")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download invalid rows").click()
    assert "Fietsenmaker Smit" in Path(saved.value.path()).read_text()
    page.get_by_role("button", name="Import 1 contract").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import finished")
    page.get_by_role("link", name="100260").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bakkerij Jansen BV")


def test_a_pin_is_shown_once_and_neither_reloading_nor_going_back_shows_it(look):
    page = look("manager", "/contracts/100252", "nl")
    contract = page.url
    page.locator("summary", has_text="Nieuwe pincode").first.click()
    page.get_by_role("button", name="Maak een pincode").first.click()
    pin = page.locator(".pin code").inner_text()
    assert len(pin) == 6
    no_serious_findings(page)
    page.reload()
    expect(page.get_by_text("Er is geen pincode gemaakt")).to_be_visible()
    assert page.url == contract
    for _ in range(2):
        page.go_back()
        assert pin not in page.content()
    page.goto(contract)
    assert pin not in page.content()


def test_somebody_is_found_by_telephone_with_the_keyboard_and_the_address_keeps_it_to_itself(look):
    page = look("viewer", "/contracts", "nl", 360)
    page.get_by_label("Telefoonnummer").focus()
    page.keyboard.type("06 12345683")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="100252")).to_be_visible()
    expect(page.get_by_role("link", name="100251")).to_have_count(0)
    assert "12345683" not in page.url
    page.get_by_role("link", name="100252").click()
    page.go_back()
    expect(page.get_by_label("Telefoonnummer")).to_have_value("06 12345683")
