"""Would the tests notice? Mistakes in reading which number of ours was called."""

from __future__ import annotations

import pytest

from routing import phone_numbers
from tests.routing import test_numbers
from tests.routing.noticing import proofs

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (phone_numbers.reaches, "not _WRITTEN.fullmatch(said)", "False"),
    (phone_numbers.reaches, "if digits in (e164[1:],", "if digits in ("),
    (phone_numbers.reaches, "return digits in written_forms", "return digits not in written_forms"),
    (phone_numbers._of_address, '"sips", ', ""),
    (phone_numbers._of_address, "unquote(", "("),
    (phone_numbers._of_address, ".casefold()", ""),
]
TESTS = [
    test_numbers.test_our_number_is_known_in_every_spelling_of_a_carrier,
    test_numbers.test_what_is_another_number_is_not_ours,
    test_numbers.test_a_foreign_number_of_ours_is_known_without_its_plus,
    test_numbers.test_a_foreign_number_that_would_be_a_valid_one_at_home_is_still_ours,
]


test_without_a_mistake_all_is_well, test_a_mistake_is_noticed = proofs(MISTAKES, TESTS)
