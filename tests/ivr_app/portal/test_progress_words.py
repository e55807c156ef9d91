"""Each sentence of the progress, and each reason not to call, has its words in every language."""

from ivr_app.web.i18n import load_catalogue
from routing.caller.call_me_now import NoCall
from routing.incidents.progress import SPELLED, ProgressKind, ProgressStep

ORDINALS = range(SPELLED + 2)
SENTENCES = {ProgressStep(kind, ordinal=n).sentence for kind in ProgressKind for n in ORDINALS}


def test_each_step_has_its_words():
    words = load_catalogue()
    for sentence in SENTENCES:
        assert set(words[f"portal.incidents.progress.{sentence}"]) >= {"nl", "en"}
    known = {
        key.rpartition(".")[2] for key in words if key.startswith("portal.incidents.progress.")
    }
    assert {key.removeprefix("step_").removeprefix("specialists_") for key in known} <= SENTENCES


def test_each_reason_not_to_call_has_its_words():
    words = load_catalogue()
    known = {key for key in words if key.startswith("portal.incidents.no_call.")}
    assert known == {f"portal.incidents.no_call.{why}" for why in NoCall}
