"""A text is cut where its script ends a sentence, so that a condition supposes nothing beyond it."""

import pytest

from app.guardrails.clauses import find_clauses
from app.guardrails.folding import fold

CONDITIONAL_THEN_PLAIN = [
    ("en", "If it is late, tell us. It is on its way."),
    ("my", "မရသေးရင် ပြောပါရှင်။ အော်ဒါကို ပို့ပြီးပါပြီ။"),
    ("km", "ប្រសិនបើមិនទាន់មកដល់ សូមប្រាប់យើង។ យើងបានផ្ញើហើយ។"),
    ("hi", "अगर नहीं मिला तो बताएँ। ऑर्डर भेज दिया गया है।"),
    ("ja", "届かない場合はご連絡ください。発送しました。"),
    ("ar", "إذا لم يصل فأخبرنا. تم الشحن."),
]


@pytest.mark.parametrize(("language", "text"), CONDITIONAL_THEN_PLAIN)
def test_a_condition_ends_with_its_sentence(language: str, text: str) -> None:
    clauses = find_clauses(fold(text).text, language)
    assert len({clause.sentence for clause in clauses}) == 2
    assert clauses[0].conditional or clauses[1].conditional
    assert not clauses[-1].conditional
