"""Checkable facts in a reply and where they trace to (I3).

Owns extracting, normalising and tracing. Leaves promises to ``promises`` and the verdict to ``replies``.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from app.models import Claim


@dataclass(frozen=True, slots=True)
class Source:
    """One record of facts exactly as the model was given them, already formatted for the locale."""

    id: str
    """``order:12345``, ``order:12345/shipment:1``, ``policy:returns#window``, ``product:P012``, ``shop``, ``customer``."""
    text: str


_LINK = regex.compile(r"(?:https?://|www\.)[^\s<>\"']+", regex.I)
_EMAIL = regex.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = regex.compile(r"[\p{L}\p{Sc}]*\p{Nd}(?:[\p{L}\p{Nd}]|[.,:/-](?=[\p{L}\p{Nd}]))*")
_MARKER = regex.compile(r"(?m)^\s*\d{1,2}[.)]\s")


def extract(text: str, language: str) -> list[Claim]:
    """Every claim in the text, untraced (``source`` is None)."""
    plain = fold_digits(text)
    claims = []
    for kind, pattern in (("link", _LINK), ("email", _EMAIL), ("number", _NUMBER)):
        for found in pattern.finditer(plain):
            if kind == "number" and any(m.start() <= found.start() < m.end() for m in _MARKER.finditer(plain)):
                continue
            claims.append(Claim(kind, found.group(), found.group().rstrip(".,").casefold(), None))
        plain = pattern.sub(lambda m: " " * len(m.group()), plain)
    return claims


def trace(claims: Sequence[Claim], sources: Sequence[Source], language: str) -> list[Claim]:
    """The claims with the id of the source that holds them, or None."""
    known = [(source.id, {claim.value for claim in extract(source.text, language)}) for source in sources]
    return [replace(c, source=next((id for id, values in known if c.value in values), None)) for c in claims]


def fold_digits(text: str) -> str:
    """NFKC with every script's decimal digits as 0-9."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded)
