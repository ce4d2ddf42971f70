"""Names of goods in a reply: what stands in quotation marks, and Latin words in a text of another script.

Owns finding them and looking them up in the sources. Leaves carriers and payment services to ``values``.
"""

from collections.abc import Iterable
from functools import cache

import regex

from app.guardrails.dates import Span
from app.guardrails.folding import Folded, fold
from app.guardrails.lexicon import load_shared
from app.language.registry import LANGUAGES, find

_QUOTED = regex.compile(
    r"“(?P<q>[^”\n]{3,80})”|\"(?P<q>[^\"\n]{3,80})\"|«(?P<q>[^»\n]{3,80})»|「(?P<q>[^」\n]{3,60})」|『(?P<q>[^』\n]{3,60})』"
    r"|《(?P<q>[^》\n]{3,60})》|„(?P<q>[^“”\n]{3,80})[“”]"
)
_LATIN_RUN = regex.compile(r"(?<![\p{L}\p{N}@./-])[a-z][a-z0-9'&-]*(?:[ \u00a0][a-z][a-z0-9'&-]*)+(?![\p{L}\p{N}@])")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_LATIN = frozenset({"Latn", "Cyrl"})


def find_titles(folded: Folded, language: str) -> list[Span]:
    """What a reply may only name if a source names it; value is the folded name."""
    spans = [
        Span("item", found.start("q"), found.end("q"), found["q"].strip())
        for found in _QUOTED.finditer(folded.text)
        if len(_WORD.findall(found["q"])) > 1 or not found["q"].isascii()
    ]
    known = find(language) or LANGUAGES["en"]
    if known.script in _LATIN:
        return spans
    for found in _LATIN_RUN.finditer(folded.text):
        written = folded.slice(found.start(), found.end())
        if not written.islower() and not set(_WORD.findall(found[0])) <= _loans():
            spans.append(Span("item", found.start(), found.end(), found[0]))
    return spans


def find_naming(span: Span, texts: Iterable[tuple[str, str]]) -> str | None:
    """The id of the first of (id, text) that names it."""
    words = _WORD.findall(span.value)
    return next((name for name, text in texts if _holds(words, _words(text))), None)


def _holds(words: list[str], text: tuple[str, ...]) -> bool:
    """Whether the words stand in the text, one after another."""
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(text)} "


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text).text))


@cache
def _loans() -> frozenset[str]:
    return frozenset(load_shared("shared")["loans"])
