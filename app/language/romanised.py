"""Languages typed in Latin letters that are not their own: Thai karaoke, Arabizi, Hinglish.

Owns recognising them by their word lists. No voice of the vote knows them, so this is a rule, not a weight.
"""

import re

from app.language.cleaning import split_words, strip_noise
from app.language.lexicon import ROMANISED, count_words

# Arabizi writes letters as digits (3 for ع, 7 for ح …), inside words; order codes have capitals or longer runs.
_ARABIZI_WORD = re.compile(
    r"(?<![\w-])(?=[a-z]*[2356789])(?=[2356789]?[a-z])(?![a-z]*[0-9]{2})[a-z2356789]{2,20}(?![\w-])"
)


UNEXPECTED, EXPECTED = 2, 3
"""One word in so many must be listed."""


def find_romanised(
    text: str, hits: dict[str, float], words: list[str], expected: str | None = None
) -> tuple[str, float] | None:
    """The language and the share of words that speak for it, or None.

    ``hits`` and ``words`` are those of the vote. It takes two listed words, or one that no other language lists
    and that is the whole message, half of all words (a third where the language is ``expected``: an address has none),
    and more of them than any language written in Latin letters.
    """
    with_digits = _ARABIZI_WORD.findall(text.lower()[:600])
    if with_digits:
        words = split_words(strip_noise(text)) + with_digits
        hits = count_words(words)
    best = max(ROMANISED, key=lambda code: hits.get(code, 0.0))
    count = hits.get(best, 0.0)
    others = max((value for code, value in hits.items() if code not in ROMANISED), default=0.0)
    parts = EXPECTED if ROMANISED[best] == expected else UNEXPECTED
    if count <= others or count < min(2, len(words)) or count * parts < len(words):
        return None
    return ROMANISED[best], count / len(words)
