"""The form of a reply: markup, leaked prompt text, echoes, repetition, cuts and broken characters.

Owns what a well-formed reply looks like. Knows nothing of facts or actions.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from app.language.cleaning import SHOP_WORDS, strip_noise
from app.language.lexicon import count_words
from app.language.registry import find

_MARKUP = regex.compile(
    r"</?[a-zA-Z!][^<>\n]{0,200}>|```|~~~|!\[[^\]]*\]|\[[^\]\n]+\]\([^)\n]*\)|^\s{0,3}#{1,6}\s+\S|^\s*\|.*\|\s*$|&(?:lt|gt|amp|nbsp|quot|#\d+);",
    regex.MULTILINE,
)
# Signs of the machinery: chat templates, roles, placeholders, tool and field names, code.
_MACHINERY = regex.compile(
    r"<\|?[a-z_]+\|?>|\[/?(?:INST|SYS)\]|\{\{|\}\}|\{%|\{\"|\"\s*:\s*[\"{\[]"
    r"|\[[\p{L}\p{M}' /_-]{2,40}\]|<[\p{L}\p{M} _]{3,30}>|\bX{3,}\b"
    r"|\b(?:order|policy|shop|product|customer|shipment):[A-Za-z0-9]|\b[a-z]+(?:_[a-z]+)+\b(?![@.])"
    r"|(?i:\b(?:system prompt|language model|as an ai|my instructions|these instructions|knowledge cutoff)\b)"
    r"|(?i:\b(?:openai|chatgpt|qwen|alibaba cloud)\b)"
    r"|^\s*(?i:assistant|user|system|customer|facts|reply|answer|context|sources?)\s*:",
    regex.MULTILINE,
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SENTENCE = regex.compile(r"[^.!?。！？।။។؟\n]+")
_SAME_RUN = regex.compile(
    r"([\p{L}\p{P}\p{S}])\1{7,}|(\p{M})\2{2,}|((?:[\p{L}\p{M}\p{N}]+[\s,]+){1,6}?)\3{3,}|((?:[\p{L}\p{M}\p{N}]+[\s,]+){2,6}?)\4{2,}|([\p{L}\p{M}]{2,12})\5{3,}"
)
_BROKEN = regex.compile(r"[\ufffd\u25cc\p{Co}\p{Cn}\p{Cs}]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# A mark that depends on a letter, with none before it; and Khmer's sign for a subscript with no letter after it.
_ORPHAN = regex.compile(
    r"(?<![\p{Thai}\u0e4d])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|(?<!\p{Lao})[\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd]"
    r"|(?<!\p{Khmer})[\u17b6-\u17d1\u17d3]|\u17d2(?!\p{Khmer})|(?<!\p{Myanmar})[\u102b-\u103e]"
    r"|\u17d2[\u17b6-\u17d3]|\u1039(?!\p{Myanmar})|[\u0e40-\u0e44](?![\u0e01-\u0e2e])|[\u0ec0-\u0ec4](?![\u0e81-\u0eae\u0edc-\u0edf])"
    r"|[\u0e31\u0e34-\u0e37\u0e47\u0e4d]{2}|\u0e32[\u0e31\u0e34-\u0e3a\u0e47]|[\u0e48-\u0e4b]{2}|[\u0eb4-\u0eb7]{2}|[\u0ec8-\u0ecb]{2}|[\u17b7-\u17ba]{2}|\u17d2{2}|\u1031{2}|\u103a{2}"
)
_MIXED = regex.compile(
    r"[\p{Thai}]\p{Khmer}|\p{Khmer}\p{Thai}|\p{Thai}[\p{Lao}\p{Myanmar}]|\p{Lao}[\p{Thai}\p{Khmer}\p{Myanmar}]|\p{Khmer}[\p{Lao}\p{Myanmar}]|\p{Myanmar}[\p{Thai}\p{Lao}\p{Khmer}]"
    r"|\p{Latin}\p{Cyrillic}\p{Latin}|\p{Cyrillic}\p{Latin}\p{Cyrillic}"
)
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_LEAK_WORDS = 7
_LEAK_CHARACTERS = 16
"""So many words in a row (characters in scripts without spaces) that only the prompt holds are a leak."""
_ECHO_CHARACTERS = 10
_ECHO_RUN = 24
"""Characters from which a segment is a repetition also where it stands inside a longer sentence."""
_LATIN = regex.compile(r"\p{Latin}")
_LATIN_WORD = regex.compile(r"(?<![\p{L}\p{N}._@/-])\p{Latin}+(?![\p{N}._@/-]*\p{Latin})")
_SLIP_LETTERS = 4
_INTERJECTIONS = frozenset({"sure", "certainly", "hello", "sorry", "thanks", "thank", "dear", "please", "here"})
_NEVER_BORROWED = frozenset({"the", "and", "your", "you", "with", "this", "that", "else", "please", "our", "have"})
_FULL_OF_ENGLISH = ("en", "fil")
"""Whose sentences are English, or full of it: "i-check ko po the order"."""
_OPEN = {"(": ")", "（": "）", "「": "」", "《": "》", "【": "】", "“": "”"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; ``reason`` is one English sentence."""

    kind: str
    reason: str


def find_fault(segment: str, language: str, known: str) -> Fault | None:
    """Markup, machinery or broken characters in a segment; what the sources hold verbatim is let through."""
    if any(found[0] not in known for found in _MARKUP.finditer(segment)):
        return Fault("markup", "It contains markup; plain text only.")
    if any(found[0] not in known for found in _MACHINERY.finditer(segment)):
        return Fault("leak", "It contains internal names, placeholders or instructions.")
    if _BROKEN.search(segment) or _ORPHAN.search(segment) or _MIXED.search(segment):
        return Fault("garbage", "It contains broken characters.")
    if _SAME_RUN.search(segment):
        return Fault("repetition", "It repeats itself.")
    return None


def find_leak(segment: str, prompt_texts: Sequence[str], known: str) -> Fault | None:
    """Words in a row that stand in the prompt and in no source."""
    pieces = _shingles(segment)
    if (
        pieces
        and any(pieces & prompt for prompt in map(_prompt_shingles, prompt_texts))
        and any(piece in _prompt_shingles(text) for text in prompt_texts for piece in pieces - _prompt_shingles(known))
    ):
        return Fault("leak", "It quotes the instructions.")
    return None


def find_echo(segment: str, question: str, shown: str) -> Fault | None:
    """A segment that says again what the customer asked, or what was already shown in this turn."""
    plain = _plain(segment)
    if len(plain) < _ECHO_CHARACTERS:
        return None
    if plain == _plain(question):
        return Fault("repetition", "It repeats the customer's question.")
    said = _plain(shown)
    if plain in {_plain(sentence[0]) for sentence in _SENTENCE.finditer(shown)} or (
        len(plain) >= _ECHO_RUN and plain in said
    ):
        return Fault("repetition", "It repeats a sentence.")
    return None


def find_whole_fault(text: str) -> Fault | None:
    """Emptiness, a sentence said twice or a cut end of a whole reply."""
    if not any(unicodedata.category(c)[0] in "LN" for c in text):
        return Fault("empty", "The reply is empty.")
    sentences = Counter(_plain(found[0]) for found in _SENTENCE.finditer(text))
    if any(count > 1 and len(sentence) >= _ECHO_CHARACTERS for sentence, count in sentences.items()):
        return Fault("repetition", "It says a sentence twice.")
    end = text.rstrip()
    if end.endswith((",", "，", "、", "،", "၊", ";", "(", "（", "“", "「", "-", "&", "/")):
        return Fault("garbage", "It is cut off in the middle of a sentence.")
    if any(text.count(opening) > text.count(closing) for opening, closing in _OPEN.items()):
        return Fault("garbage", "It is cut off inside brackets or quotation marks.")
    return None


def without_names(segment: str, texts: str, prose: str) -> str:
    """The segment without words of another script or quoted titles that stand verbatim in ``texts``, and without
    capitalised ones of ``prose``.

    They are names and product titles: no evidence of the segment's own language.
    """
    quoted = regex.sub(
        r"[\"“”«»「『‘'](?P<q>[^\"“”«»」』’'\n]{2,80})[\"“”«»」』’']",
        lambda found: " " if found["q"] in texts else found[0],
        segment,
    )
    main = Counter("Latin" if c < "\u0250" else "other" for c in quoted if c.isalpha())
    run = (
        r"\p{Latin}[\p{Latin}\p{N}\s.,'&+/-]*\p{Latin}"
        if main["other"] >= main["Latin"]
        else r"[^\p{Latin}\s\p{P}\p{N}][^\p{Latin}\n.,!?]*"
    )
    return regex.sub(run, lambda found: " " if _is_name(found[0].strip(), texts, prose) else found[0], quoted)


def slips(text: str, language: str) -> bool:
    """Whether words of another language stand in a text of another script: "Certainly!", "この cosmetics"; of the same
    script, only words that nobody borrows: "algo else".

    Shop words ("refund"), short words, capitals ("COD") and capitalised names beside the own script are let through.
    """
    known = find(language)
    if known is None or language in _FULL_OF_ENGLISH:
        return False
    bare = strip_noise(text)
    if known.script == "Latn":
        return any(word in _NEVER_BORROWED for word in _LATIN_WORD.findall(bare))
    native = any(c.isalpha() and not _LATIN.match(c) for c in bare)
    for word in _LATIN_WORD.findall(bare):
        foreign = word.islower() or (not native and not word.isupper()) or word.lower() in _INTERJECTIONS
        if foreign and word.lower() not in SHOP_WORDS and (len(word) >= _SLIP_LETTERS or count_words([word.lower()])):
            return True
    return False


def _is_name(found: str, texts: str, prose: str) -> bool:
    return found in texts or (found[:1].isupper() and found in prose)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=256)
def _prompt_shingles(text: str) -> frozenset[str]:
    return _shingles(text)


def _shingles(text: str) -> frozenset[str]:
    words = _plain(text).split(" ")
    found = {" ".join(words[i : i + _LEAK_WORDS]) for i in range(len(words) - _LEAK_WORDS + 1)}
    if _UNSPACED.search(text):
        solid = "".join(words)
        for i in range(len(solid) - _LEAK_CHARACTERS + 1):
            piece = solid[i : i + _LEAK_CHARACTERS]
            if len(_UNSPACED.findall(piece)) > _LEAK_CHARACTERS // 2:
                found.add(piece)
    return frozenset(found)
