"""Words as overlapping strings of letters, so that endings and scripts without spaces do not keep like from like.

Owns cutting a text into them. Leaves what likeness means to ``support`` and ``subjects``.
"""

from collections import Counter
from collections.abc import Mapping

import regex

SIZES = {"dense": 4, "han": 2, "hangul": 2, "spaced": 4}
"""Letters of an n-gram in Thai, Lao, Khmer and Burmese, in Chinese and Japanese, in Korean, elsewhere."""

HAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_DENSE = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_HANGUL = regex.compile(r"\p{Hangul}")


def count(text: str, sizes: Mapping[str, int] = SIZES) -> Counter[str]:
    """How often a text's words have each n-gram; a word between spaces begins with ``<`` and ends with ``>``."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(text):
        script = "han" if HAN.search(word) else "dense" if _DENSE.search(word) else "spaced"
        size = sizes["hangul" if _HANGUL.search(word) else script]
        padded = f"<{word}>" if script == "spaced" else word
        found.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return found
