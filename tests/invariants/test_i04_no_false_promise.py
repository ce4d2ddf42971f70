"""I4: a reply says that something was done, or will be, only if a tool did it."""

import pytest

from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_segment
from app.language.registry import LAUNCH
from bench.fabrication import read_sentences

SENTENCES = read_sentences()
# Sentences that claim an action, and the deed that makes each true (None: nothing does).
CLAIMED = {
    "h3": "cancelled", "h5": "handed_off", "h7": None, "h8": "sent", "h9": "changed", "h16": "cancelled",
    "h18": "handed_off", "h19": "handed_off",
}  # fmt: skip
OFFERED = ("g2", "g3", "g4", "g7", "g8", "p3")


def context(language: str, *done: str) -> Context:
    return Context(language, (Source("order:12345", "#12345", frozenset({"processing"})),), done=frozenset(done))


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize("code", CLAIMED)
def test_an_action_that_no_tool_did_is_not_reported_or_promised(language: str, code: str) -> None:
    sentence = SENTENCES[language][code].replace("{n}", "12345")
    verdict = check_segment(sentence, context(language))
    assert not verdict.passed
    assert verdict.kind in ("promise", "claim"), verdict


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize("code", [code for code, deed in CLAIMED.items() if deed])
def test_what_a_tool_did_may_be_said(language: str, code: str) -> None:
    sentence = SENTENCES[language][code].replace("{n}", "12345")
    verdict = check_segment(sentence, context(language, CLAIMED[code] or ""))
    assert verdict.passed, verdict


@pytest.mark.parametrize("language", LAUNCH)
@pytest.mark.parametrize("code", OFFERED)
def test_offers_questions_and_conditions_are_no_promises(language: str, code: str) -> None:
    verdict = check_segment(SENTENCES[language][code], context(language))
    assert verdict.passed, verdict
