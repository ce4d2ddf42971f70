"""Which scripts a text is written in, and which Chinese characters give away the writing standard.

Owns the Unicode ranges and the Simplified/Traditional/Japanese distinction. Leaves to ``detect`` what a
script says about the language.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

# First code point of each block and its script (Unicode 16, Blocks.txt); "" is no letter of any script below.
_BLOCKS = (
    (0x0000, "Latn"), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"),
    (0x0600, "Arab"), (0x0700, ""), (0x0750, "Arab"), (0x0780, ""), (0x0860, "Arab"), (0x0900, "Deva"),
    (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"), (0x0B00, ""), (0x0B80, "Taml"), (0x0C00, "Telu"),
    (0x0C80, "Knda"), (0x0D00, "Mlym"), (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, ""),
    (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, ""), (0x1780, "Khmr"),
    (0x1800, ""), (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, ""), (0x1E00, "Latn"), (0x1F00, "Grek"),
    (0x2000, ""), (0x2C60, "Latn"), (0x2C80, ""), (0x2D00, "Geor"), (0x2D30, ""), (0x2D80, "Ethi"),
    (0x2DE0, "Cyrl"), (0x2E00, ""), (0x3005, "Hani"), (0x3008, ""), (0x3041, "Kana"), (0x3100, ""),
    (0x3130, "Hang"), (0x3190, ""), (0x31F0, "Kana"), (0x3200, ""), (0x3400, "Hani"), (0x4DC0, ""),
    (0x4E00, "Hani"), (0xA000, ""), (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""),
    (0xA8E0, "Deva"), (0xA900, ""), (0xA960, "Hang"), (0xA980, ""), (0xA9E0, "Mymr"), (0xAA00, ""),
    (0xAA60, "Mymr"), (0xAA80, ""), (0xAB30, "Latn"), (0xAB70, ""), (0xAC00, "Hang"), (0xD800, ""),
    (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB13, "Armn"), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, ""),
    (0xFE70, "Arab"), (0xFEFF, ""), (0xFF21, "Latn"), (0xFF3B, ""), (0xFF41, "Latn"), (0xFF5B, ""),
    (0xFF66, "Kana"), (0xFFA0, "Hang"), (0xFFDD, ""), (0x20000, "Hani"), (0x323B0, ""),
)  # fmt: skip
_STARTS = tuple(start for start, _ in _BLOCKS)

SOLE_LANGUAGE = {
    "Thai": "th", "Khmr": "km", "Laoo": "lo", "Mymr": "my", "Taml": "ta", "Beng": "bn", "Hang": "ko",
    "Telu": "te", "Gujr": "gu", "Guru": "pa", "Mlym": "ml", "Knda": "kn", "Sinh": "si", "Hebr": "he",
    "Grek": "el", "Geor": "ka", "Armn": "hy", "Ethi": "am",
}  # fmt: skip
"""Scripts that only one registered language uses."""


@lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """ISO 15924 code of a letter or mark (``Hani`` for Han, ``Kana`` for both kana, ``Hang``), else ``""``."""
    if character < "\x80":
        return "Latn" if character.isalpha() else ""
    if unicodedata.category(character)[0] not in "LM" or character == "ー":
        return ""
    return _BLOCKS[bisect_right(_STARTS, ord(character)) - 1][1]


def count_scripts(text: str) -> Counter[str]:
    """Letters and marks of each script in the text."""
    counts = Counter(map(script_of, text))
    del counts[""]
    return counts


def main_script(counts: Mapping[str, int]) -> str:
    """The script whose grammar the text follows, ``""`` if there are no letters; ``Hani`` includes kana.

    Brand names and loan words come in Latin letters everywhere, so another script leads from a third on. One
    Han, kana or hangul sign counts as two letters and a half.
    """
    weighed: dict[str, float] = {}
    for script, count in counts.items():
        name = "Hani" if script == "Kana" else script
        weighed[name] = weighed.get(name, 0.0) + count * (2.5 if name in ("Hani", "Hang") else 1.0)
    native = max((name for name in weighed if name != "Latn"), key=weighed.__getitem__, default="")
    if native and weighed[native] * 3 >= sum(weighed.values()):
        return native
    return max(weighed, key=weighed.__getitem__, default="")


@lru_cache(maxsize=8192)
def han_standard(character: str) -> Literal["Hans", "Hant", "Jpan", ""]:
    """The only standard that a Han character belongs to, or ``""`` if it is shared (or rare).

    The national character sets decide: GB 2312 holds the Simplified forms, Big5 (and HKSCS, for Cantonese)
    the Traditional ones, JIS X 0208 the Japanese simplifications that are in neither.
    """
    if script_of(character) != "Hani":
        return ""
    simplified, traditional = _encodes(character, "gb2312"), _encodes(character, "big5")
    if simplified != traditional:
        return "Hans" if simplified else "Hant"
    if simplified:
        return ""
    if is_japanese_han(character):
        return "Jpan"
    return "Hant" if _encodes(character, "big5hkscs") else ""


def is_japanese_han(character: str) -> bool:
    """Whether Japanese has the character (JIS X 0208)."""
    return _encodes(character, "shift_jis")


def _encodes(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
