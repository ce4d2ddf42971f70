"""What anybody wrote, made safe for a terminal: no escape sequence, no control of the writing direction."""

import re

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and newline, bidi controls, lone surrogates. Joiners stay: Indic scripts need them."""


def tame(text: str) -> str:
    """The text with its unsafe characters written as ``\\uXXXX``."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
