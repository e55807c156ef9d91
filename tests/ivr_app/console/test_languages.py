"""Another language is chosen on any page, also on one that answers a form."""

import re

import pytest

ANSWERS = [
    ("/sign_in", {"name": "anna", "password": "a wrong one"}, "/sign_in/"),
    ("/profile/password", {"old": "a wrong one", "new": "short"}, "/profile/password"),
    ("/profile/clock", {"zone": "Europe/Nowhere"}, "/profile/"),
    ("/oncall/effect", {"schedule": "nowhere"}, "/oncall/"),
    ("/contracts/find", {"number": "1" * 999}, "/contracts/"),
    ("/contracts/add", {"number": "?"}, "/contracts/add"),
    ("/contracts/import", {}, "/contracts/import/"),
    ("/accounts", {"name": ""}, "/accounts/"),
    ("/accounts/1/role", {"role": "king"}, "/accounts/1"),
    ("/my_duty/numbers", {"number": "no number"}, "/my_duty/"),
    ("/calls/export", {"kind": "pdf"}, "/calls/"),
]


@pytest.mark.parametrize(("path", "form", "page"), ANSWERS)
def test_what_answers_a_form_leads_in_another_language_to_the_page_above(
    signed_in, path, form, page
):
    anna = signed_in("admin", line="main", engineer="sanne")
    answer = anna.post(path, **form)
    assert answer.status_code in (400, 403, 422)
    back = re.search(r'name="next" value="([^"]*)"', answer.text)[1]
    assert back == f"/console{page}"
    chosen = anna.post("/sign_in/language", language="en", next=back)
    assert anna.client.get(chosen.location, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/calls?level=1", "/nowhere"])
def test_any_other_page_in_another_language_is_that_page(signed_in, path):
    page = signed_in("manager").get(path)
    assert f'name="next" value="/console{path}"' in page.text
