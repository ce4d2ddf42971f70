"""One written form for all texts that are compared, with the way back to the original characters.

Owns folding: native digits to 0-9, compatibility forms, case, invisible characters, emphasis marks, the two
spellings of Vietnamese tones. Leaves what the folded text says to the extractors.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex

_MAPPED = {
    "\u00a0": "\u00a0", "\u202f": "\u00a0", "\u2007": "\u00a0", "\u2009": "\u00a0",
    "–": "-", "—": "-", "‒": "-", "‐": "-", "‑": "-", "−": "-", "〜": "~", "～": "~", "’": "'", "‘": "'", "ʼ": "'",
    "٫": ".", "٬": ",", "،": ",", "٪": "%", "、": "、", "*": "", "`": "", "\t": " ", "\r": " ", "İ": "i", "№": "#",
    "\u0e33": "\u0e4d\u0e32", "\u0eb3": "\u0ecd\u0eb2",
}  # fmt: skip
# Vietnamese writes the tone of oa, oe, uy on either vowel when nothing follows: hoà = hòa, huỷ = hủy.
_SPELLINGS = "oà òa|oá óa|oả ỏa|oã õa|oạ ọa|oè òe|oé óe|oẻ ỏe|oẽ õe|oẹ ọe|uỳ ùy|uý úy|uỷ ủy|uỹ ũy|uỵ ụy"
_TONES = dict(pair.split() for pair in _SPELLINGS.split("|"))
_TONE = regex.compile("(?<!q)(?:" + "|".join(_TONES) + r")(?!\p{L})")


_ARABIC_VOWEL = regex.compile("[\u064b-\u0652\u0640]\\??")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` is folded; character ``i`` of it came from ``original[origins[i]]``."""

    text: str
    original: str
    origins: tuple[int, ...]

    def slice(self, start: int, end: int) -> str:
        """The original characters behind ``text[start:end]``."""
        if start >= end:
            return ""
        return self.original[self.origins[start] : self.origins[end - 1] + 1]


def fold(text: str) -> Folded:
    """Fold a text; never raises."""
    original = unicodedata.normalize("NFC", text)
    pieces: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(original):
        piece = _fold_character(character)
        pieces.append(piece)
        origins.extend([index] * len(piece))
    folded = _TONE.sub(lambda found: _TONES[found[0]], "".join(pieces))
    return Folded(folded, original, tuple(origins))


def fold_pattern(pattern: str) -> str:
    """A regular expression of a lexicon, its literal characters folded as texts are."""
    written = _ARABIC_VOWEL.sub("", unicodedata.normalize("NFC", pattern))
    folded = "".join(_MAPPED.get(c, c) if c in "\u0e33\u0eb3’‘،" else _fold_literal(c) for c in written)
    return _TONE.sub(lambda found: _TONES[found[0]], folded)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _MAPPED:
        return _MAPPED[character]
    if character < "\x80":
        return character.lower()
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if "\u064b" <= character <= "\u0652" or character == "\u0640":
        return ""  # Arabic vowel signs and the stretching dash: written or not as the writer likes
    if category in ("Cf", "Cc", "Cs") or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category == "Zs":
        return " "
    return unicodedata.normalize("NFKC", character).lower()


def _fold_literal(character: str) -> str:
    """As texts are folded, but ASCII (the syntax of patterns) stays."""
    return character if character < "\x80" else _fold_character(character)
