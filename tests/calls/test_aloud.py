"""Read aloud, the main path lasts as long as the table claims."""

import pytest

from carrier.prompts import SPOKEN
from devtools.calls.aloud import find_synthesiser, measure_wav, read_aloud
from devtools.calls.people import Habit
from devtools.calls.stories import STORIES

pytestmark = pytest.mark.skipif(
    find_synthesiser() is None, reason="espeak-ng is not installed: nothing is read aloud"
)


@pytest.mark.parametrize("language", SPOKEN)
def test_the_main_path_lasts_as_long_as_it_claims(walk, language, tmp_path):
    read = read_aloud(walk(STORIES[0], language, Habit.TO_THE_END), tmp_path)
    assert read.holds, str(read)
    sounds = sorted(tmp_path.glob("*.wav"))
    assert len(sounds) == read.sentences
    assert sum(measure_wav(one.read_bytes()) for one in sounds) == pytest.approx(read.measured)
