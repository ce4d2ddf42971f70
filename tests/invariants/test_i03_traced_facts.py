"""I3: every fact in a reply traces to this turn's records, and to the same record."""

from collections import Counter

import pytest

from app.guardrails.replies import check_segment
from app.language.registry import LAUNCH
from app.wording import Wording
from bench.fabrication import make_cases, read_sentences

SENTENCES, WORDING = read_sentences(), Wording()
INVENTED = {
    "date", "amount", "tracking number", "carrier", "order number", "other order's facts", "state", "link", "status",
    "relative date", "spelled date", "spelled duration", "weekday", "customer's amount",
    "other event",
}  # fmt: skip


@pytest.mark.parametrize("language", LAUNCH)
def test_no_invented_fact_passes_and_true_sentences_do(language: str) -> None:
    cases = list(make_cases(language, SENTENCES, WORDING, rounds=1))
    passed = [case.text for case in cases if case.kind in INVENTED and check_segment(case.text, case.context).passed]
    assert passed == []
    stopped = [case.text for case in cases if not case.hostile and not check_segment(case.text, case.context).passed]
    assert len(stopped) <= 0.02 * sum(not case.hostile for case in cases), stopped
    assert Counter(case.hostile for case in cases)[True] > 50
