"""Who speaks what: the language of one message, given the language of the conversation so far.

Owns the decision and the order of evidence: an explicit wish, the script, romanised forms, the vote weighed with
the conversation's language. Leaves what a customer wished for or picked earlier to ``speaker``, and the check of
replies to ``checks``.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.language import vote
from app.language.cleaning import SHOP_WORDS, drop_shop_words, split_words, strip_noise
from app.language.lexicon import ROMANISED, count_words
from app.language.registry import LANGUAGES, LAUNCH, find
from app.language.romanised import find_romanised
from app.language.scripts import SOLE_LANGUAGE, count_scripts, han_standard, is_japanese_han, main_script
from app.language.wishes import find_wish, load_patterns

# Heard in every chat, whatever its language: they change no conversation.
_COURTESIES = """
ok okay oke okey k yes no ya yup yep hi hello hey hai halo thanks thank you thankyou thx tq ty tysm sorry please pls plz
bye good nice great cool wow done sir madam mam bro sis boss haha hahaha lol hmm amen hehe shop
"""
_COURTESY = frozenset(_COURTESIES.split())

# Words in Han characters that only Japanese writes so; without kana nothing else may tell it from Chinese.
_JAPANESE_WORD = re.compile("注文|返品|返金|配達|在庫|番号|送料|届|払|込|値段|割引|領収書|未着|無料|株式会社|電話番号")

# Log-odds for the conversation's language over each other one, by the number of telling words: a long message
# speaks for itself. Measured by bench/language.py: higher ones miss switches between Malay and Indonesian.
_PRIOR_SHORT = 4.0
_PRIOR_LONG = 1.5
_LONG_WORDS = 8
# Words of a listed language that a message in Latin letters must have to end a conversation in another script.
_SENTENCE_WORDS = 2
# And their share, unless the vote is as sure as this. Chosen on 656 romanised lines of 13 languages (71 are taken for
# another language, 401 without it) and 2,195 lines in Latin letters on a page in another script (228 stay in its
# language, before 71).
_SENTENCE_SHARE, _SURE = 0.3, 0.995
# No romanisation that people type has these.
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
# A prior below this trust was a guess, such as the browser's language.
_GUESS = 0.9


@dataclass(frozen=True, slots=True)
class Detection:
    """What language a message is in, how sure that is, and why."""

    language: str
    """Registry code; always one of the candidates."""
    confidence: float
    """Calibrated probability, 0..1, that a reader would name this language."""
    evidence: str
    """``script``, ``vote``, ``prior`` (the conversation's language, kept for want of evidence), ``wish`` (asked
    for in so many words) or ``none`` (the default, for want of anything); ``speaker`` adds ``picked``."""
    romanised: bool = False
    """Written in Latin letters that are not the language's own: Thai karaoke, Arabizi, Hinglish."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before the message is read."""

    allowed: tuple[str, ...]
    prior: str | None
    default: str
    trust: float = 1.0

    def keep(self, confidence: float = 0.0) -> Detection:
        """No evidence: the conversation's language, else the default."""
        if self.prior:
            return Detection(self.prior, confidence or min(0.95, self.trust), "prior")
        return Detection(self.default, confidence or 0.3, "none")


def detect(
    text: str,
    prior: str | None = None,
    *,
    trust: float = 1.0,
    candidates: Sequence[str] | None = None,
    default: str = "en",
) -> Detection:
    """The language of ``text``; ``prior`` is the conversation's language, ``candidates`` what the shop serves.

    ``trust`` is how sure the prior is (the confidence of the detection that it comes from): a guess from two words
    should not outweigh the sentence after it.

    Deterministic, and never raises: unknown tags are ignored, any Unicode is read. Where the text tells nothing the
    prior speaks, else ``default`` (if it is a candidate, else the first one).
    """
    return detect_with(text, read_context(prior, candidates, default, trust))


def detect_with(text: str, context: Context, fold: int = 0) -> Detection:
    """``detect`` for a context that was read once; ``fold``: the weights fitted without that fold (0: all data)."""
    wish = find_wish(text)
    if wish in context.allowed:
        return Detection(str(wish), 0.97, "wish")
    stripped = strip_noise(text)
    counts = count_scripts(stripped)
    script = main_script(counts)
    if not script:
        return context.keep()
    words = drop_shop_words(split_words(stripped))
    if script != "Latn" and counts["Latn"] and _leads_in_latin(words):
        script = "Latn"
    if script in SOLE_LANGUAGE:
        return _by_script(SOLE_LANGUAGE[script], context)
    if script == "Hani":
        return _by_han(stripped, counts["Kana"], context)
    return _by_vote(text, words, script, context, fold)


def warm() -> None:
    """Load everything that the first message would otherwise wait for (under a second)."""
    load_patterns()
    detect("good morning, where is it")


def read_context(prior: str | None, candidates: Sequence[str] | None, default: str, trust: float = 1.0) -> Context:
    """The usable part of what the caller knows: registry codes of languages among the candidates."""
    allowed = tuple(language.code for tag in candidates or () if (language := find(tag))) or tuple(LANGUAGES)
    known, wanted = (find(prior) if prior else None), find(default)
    return Context(
        allowed,
        known.code if known and known.code in allowed else None,
        wanted.code if wanted and wanted.code in allowed else allowed[0],
        trust,
    )


def _leads_in_latin(words: list[str]) -> bool:
    """Whether a sentence in Latin letters merely quotes a word of another script."""
    latin = [word for word in words if word.isascii()]
    return len(latin) >= 4 and max(count_words(latin).values(), default=0) >= 3 and len(words) - len(latin) <= 1


def _by_script(language: str, context: Context) -> Detection:
    if language in context.allowed:
        return Detection(language, 0.995, "script")
    return context.keep(0.05)


def _by_han(text: str, kana: int, context: Context) -> Detection:
    """Chinese in either standard, or Japanese: kana decides, then characters that only one of them uses."""
    standards = [standard for character in text if (standard := han_standard(character))]
    simplified, traditional, japanese = (standards.count(name) for name in ("Hans", "Hant", "Jpan"))
    han = count_scripts(text)["Hani"]
    # One "の" in a shop's Chinese name is not Japanese.
    borrowed = kana == 1 and han >= 3 and simplified + traditional > 1
    if not borrowed and (kana * 6 >= han or (kana and context.prior == "ja")):
        return _by_script("ja", context)
    hints = japanese or context.prior == "ja" or _JAPANESE_WORD.search(text)
    if hints and "ja" in context.allowed and not _is_chinese_only(text):
        return Detection("ja", 0.9, "script")
    return _by_standard(simplified, traditional, context)


def _is_chinese_only(text: str) -> bool:
    """Whether Han characters occur that Japanese does not have."""
    return any(han_standard(character) in ("Hans", "Hant") and not is_japanese_han(character) for character in text)


def _by_standard(simplified: int, traditional: int, context: Context) -> Detection:
    if context.prior in ("zh-Hans", "zh-Hant") and simplified == traditional:
        return Detection(context.prior, 0.9, "prior")
    first, second = ("zh-Hant", "zh-Hans") if traditional > simplified else ("zh-Hans", "zh-Hant")
    if first in context.allowed:
        certain = abs(simplified - traditional) > 0
        return Detection(first, 0.98 if certain else 0.8, "script")
    return _by_script(second, context)


def _by_vote(text: str, words: list[str], script: str, context: Context, fold: int) -> Detection:
    group = vote.CONTESTED[script]
    if context.prior and all(word in _COURTESY or word in SHOP_WORDS for word in words):
        return context.keep()
    if script == "Latn" and (found := find_romanised(text, count_words(words), words, context.prior)):
        language, share = found
        if language in context.allowed:
            return Detection(language, round(min(0.95, 0.5 + share / 2), 3), "vote", romanised=True)
    allowed = [language for language in group if language in context.allowed]
    if not allowed or not words:
        return context.keep(0.05 if not allowed else 0.0)
    scores = vote.score(words, group, fold)
    prior = context.prior if context.prior in group else None
    if context.prior and not prior and script == "Latn":
        return _against_other_script(words, scores, allowed, context)
    plain = max(allowed, key=scores.__getitem__)
    if prior:
        scores[prior] += _prior_weight(len(words), context.trust)
    language, confidence = _choose(scores, allowed)
    return Detection(language, confidence, "vote" if language == plain else "prior")


def _prior_weight(words: int, trust: float) -> float:
    share = min(1.0, max(0, words - 1) / (_LONG_WORDS - 1))
    weight = _PRIOR_SHORT + (_PRIOR_LONG - _PRIOR_SHORT) * share
    if not 0.0 < trust < 1.0:
        return weight if trust >= 1.0 else 0.0
    return max(0.0, min(weight, math.log(trust / (1.0 - trust))))


def _against_other_script(
    words: list[str], scores: dict[str, float], allowed: list[str], context: Context
) -> Detection:
    """Latin letters in a conversation in another script: a sentence switches it; a word does not, and neither does
    the conversation's own language typed in Latin letters, of which few words are any other language's."""
    language, confidence = _choose(scores, allowed)
    telling = [word for word in words if word not in _COURTESY]
    counts = count_words(telling)
    own = max((counts.get(form, 0.0) for form, spoken in ROMANISED.items() if spoken == context.prior), default=0.0)
    hits = counts.get(language, 0.0) - own
    guessed = context.trust < _GUESS
    if any(map(_ACCENTED.search, words)):
        heard = hits >= (1 if guessed else _SENTENCE_WORDS) or (len(words) > 1 and confidence >= 0.8)
    else:
        few = guessed and (language == "en" or (confidence >= 0.8 and 2 * hits >= len(telling)))
        mostly = hits >= _SENTENCE_SHARE * len(telling) or confidence >= _SURE
        heard = hits >= (1 if few else _SENTENCE_WORDS) and mostly and language in LAUNCH
    return Detection(language, confidence, "vote") if heard else context.keep(0.7)


def _choose(scores: dict[str, float], allowed: Sequence[str]) -> tuple[str, float]:
    """The best allowed language and its probability, lowered where the text looks like one that is not allowed."""
    shares = vote.normalise(scores)
    language = max(allowed, key=shares.__getitem__)
    mass = math.fsum(shares[code] for code in allowed)
    confidence = shares[language] / mass * min(1.0, 2 * mass)
    return language, round(confidence, 4)
