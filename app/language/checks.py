"""Is this text in that language? Asked of every reply before a customer reads it.

Owns the tolerance: names, product titles, codes and loan words are let through, whole sentences and scripts are
not. Leaves the evidence itself to ``scripts``, ``lexicon`` and ``vote``.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.language import vote
from app.language.cleaning import MAX_LETTERS, drop_shop_words, read_words, split_words, strip_noise
from app.language.lexicon import count_words, load_words
from app.language.registry import find
from app.language.scripts import count_scripts, han_standard, is_japanese_han, script_of

_SENTENCE = re.compile(r"(?<=[.!?…])[\s\"')»”]+|[。！？｡။॥।۔؟៕។\n]+|(?<=\))\s*\n")
_QUOTED = re.compile(
    r"“[^”]{1,80}”|\"[^\"]{1,80}\"|«[^»]{1,80}»|「[^」]{1,40}」|『[^』]{1,40}』|《[^》]{1,40}》|【[^】]{1,40}】"
)
_SCRIPTS = {"Hans": {"Hani"}, "Hant": {"Hani"}, "Jpan": {"Hani", "Kana"}, "Kore": {"Hang", "Hani"}}
# Where a name in a foreign script may stand; anywhere else it looks like a model slipping.
_BRACKETED = re.compile(r"\([^)]{1,60}\)|（[^）]{1,60}）|\[[^\]]{1,60}\]")
# Log-odds by which another language must lead, for a few words and for a sentence; chosen on labelled lines so
# that under 1 % of true sentences fail (bench/language.py prints both sides).
_LEAD_FEW, _LEAD_SENTENCE, _SENTENCE_WORDS = 5.0, 3.0, 6
# Sisters share most words; a sentence that could be either is fine in both.
_SISTERS = {"ms": ("id",), "id": ("ms", "jv"), "jv": ("id", "ms")}
_LEAD_SISTER, _SISTER_WORDS = 1.0, 4
# Japanese titles and labels do without kana (送料無料キャンペーン is long already), sentences don't.
_LONGEST_WITHOUT_KANA = 9
# Latin letters in a row, whatever stands between the words, and the small words that make a sentence of them.
_LATIN_RUN = re.compile(r"[A-Za-zÀ-ɏḀ-ỹ][A-Za-zÀ-ɏḀ-ỹ\s,;:'’-]*")
_RUN_WORDS = 4
_CHINESE_PARTICLE = re.compile("[我你您他她很吗嗎呢吧這这们們麼]|什么|的$|不[是会會能]")


def is_in_language(text: str, language: str) -> bool:
    """Whether every whole sentence of ``text`` is in ``language`` (a registry code or alias).

    Names, product titles, numbers, codes, links and loan words are let through; a text without letters is in any
    language, and none is in a language that the registry does not know. Never raises.
    """
    known = find(language)
    if known is None:
        return not count_scripts(text)
    scripts = _SCRIPTS.get(known.script, {known.script})
    return all(_fits(piece, known.code, scripts) for piece in _split(text))


def _split(text: str) -> Iterator[str]:
    """Sentences; ones that are too long for a look (Thai without marks) in several pieces."""
    for sentence in _SENTENCE.split(text):
        for start in range(0, len(sentence), MAX_LETTERS):
            yield sentence[start : start + MAX_LETTERS]


def _fits(sentence: str, language: str, scripts: set[str]) -> bool:
    sentence = strip_noise(_QUOTED.sub(" ", sentence))
    counts = count_scripts(sentence)
    native = sum(counts[script] for script in scripts)
    if any(script not in scripts and script != "Latn" for script in _unbracketed(sentence, counts)):
        return False
    if "Latn" in scripts:
        return not native or _fits_latin(sentence, language)
    if counts["Latn"] and _has_latin_sentence(sentence, counts["Latn"], native):
        return False
    if not native:
        return True
    if "Hani" in scripts:
        return _fits_han(sentence, language, counts["Kana"])
    group = next((group for group in vote.CONTESTED.values() if language in group), ())
    return not group or _fits_group(read_words(sentence), language, group)


def _unbracketed(sentence: str, counts: Counter[str]) -> Counter[str]:
    return count_scripts(_BRACKETED.sub(" ", sentence)) if len(counts) > 1 else counts


def _has_latin_sentence(sentence: str, letters: int, native: int) -> bool:
    """Whether Latin letters in a sentence of another script are more than names, titles and loan words."""
    words = [word for word in drop_shop_words(split_words(sentence)) if script_of(word[0]) == "Latn"]
    hits = max(count_words(words).values(), default=0.0)
    if any(_is_sentence(run) for run in _LATIN_RUN.findall(sentence)):
        return True
    if not native:
        lower = sum(word[0].islower() for word in sentence.split())
        return (hits >= 2 and hits * 5 >= len(words) * 2) or (lower >= 3 and len(words) >= 4)
    return hits >= 3 and letters > native


def _is_sentence(run: str) -> bool:
    """Whether Latin words in a row hold as many small listed words as no name or title does."""
    small = [word for word in run.split() if word[0].islower()]
    return max(count_words(drop_shop_words(split_words(" ".join(small)))).values(), default=0.0) >= _RUN_WORDS


def _fits_han(sentence: str, language: str, kana: int) -> bool:
    kinds = [han_standard(character) for character in sentence]
    if language in ("ja", "ko"):
        return _fits_neighbour(sentence, kinds, language, kana)
    simplified, traditional, japanese = (sum(kind == name for kind in kinds) for name in ("Hans", "Hant", "Jpan"))
    mine, theirs = (simplified, traditional) if language == "zh-Hans" else (traditional, simplified)
    if japanese > max(1, mine):
        return False
    return theirs < 2 or theirs * 4 < mine


def _fits_neighbour(sentence: str, kinds: Sequence[str], language: str, kana: int) -> bool:
    """Han signs within Japanese or Korean rather than a Chinese sentence."""
    counts = count_scripts(sentence)
    if language == "ko":
        return counts["Hani"] <= max(2, counts["Hang"])
    chinese = sum(bool(kind) and not is_japanese_han(sign) for sign, kind in zip(sentence, kinds, strict=True))
    if kana:
        return chinese < 2
    return not chinese and counts["Hani"] < _LONGEST_WITHOUT_KANA and not _CHINESE_PARTICLE.search(sentence)


def _fits_latin(sentence: str, language: str) -> bool:
    words = drop_shop_words(split_words(_drop_names(sentence)))
    if not words:
        return True
    hits = count_words(words)
    mine = hits.get(language, 0.0)
    sisters = _SISTERS.get(language, ())
    others = max((value for code, value in hits.items() if code != language and code not in sisters), default=0.0)
    doubted = any(_has_own_words(words, sister, language) for sister in sisters)
    if mine >= 3 and mine >= 1.5 * others and not doubted:
        return True
    return _fits_group(words, language, vote.CONTESTED["Latn"])


def _drop_names(sentence: str) -> str:
    """The sentence without capitalised words that no list knows; the first word stays."""
    known = load_words()
    words = sentence.split()
    return " ".join(
        word
        for position, word in enumerate(words)
        if position == 0 or not word[:1].isupper() or word.strip(".,!?:;()").lower() in known
    )


def _fits_group(words: list[str], language: str, group: tuple[str, ...]) -> bool:
    """Whether no other language of the script leads clearly."""
    if not words:
        return True
    scores = vote.score(words, group)
    lead_needed = _LEAD_SENTENCE if len(words) >= _SENTENCE_WORDS else _LEAD_FEW
    sisters = _SISTERS.get(language, ())
    for other in group:
        lead = scores[other] - scores[language]
        if other in sisters:
            if len(words) >= _SISTER_WORDS and lead > (_LEAD_SISTER if _has_own_words(words, other, language) else 4.0):
                return False
        elif other != language and lead > lead_needed and len(words) > 1:
            return False
    return True


def _has_own_words(words: list[str], language: str, sister: str) -> bool:
    """Whether ``language`` alone uses some of the words, and its sister alone none."""
    uses = [count_words([word]) for word in words]
    mine = sum(language in use and sister not in use for use in uses)
    return mine > 0 and not any(sister in use and language not in use for use in uses)
