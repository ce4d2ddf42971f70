"""Is a reply wholly in one language? A second opinion that shares no code and no word list with the product.

Two public detectors (py3langid, pycld2), the Unicode blocks of the letters and a few marker words for what the
detectors confuse (Malay and Indonesian, Simplified and Traditional). A reply is judged sentence by sentence; sentences
of fewer than three words, and names, numbers, links and capitals ("COD"), say nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import py3langid.langid as langid
import pycld2

BLOCKS = {
    "th": "THAI", "km": "KHMER", "lo": "LAO", "my": "MYANMAR", "ta": "TAMIL", "hi": "DEVANAGARI", "bn": "BENGALI",
    "ar": "ARABIC", "ko": "HANGUL", "ru": "CYRILLIC",
}  # fmt: skip
LATIN = ("en", "es", "pt", "fr", "de", "vi", "ms", "id", "fil")
CODES = {"fil": ("tl",), "ms": ("ms", "id"), "id": ("id", "ms"), "de": ("de", "lb"), "pt": ("pt", "gl")}
"""What the detectors call a language: they cannot tell Malay from Indonesian in one sentence, nor a label ("Motivo:
pedido cancelado") from the same in a small neighbour that nobody here writes."""
ONLY_MALAY = frozenset(
    re.findall(
        r"\w+",
        "wang kerana bahawa tempoh pejabat bayaran hendaklah penghantaran ialah awak syarikat sahaja sila semak cuti "
        "akaun jawapan dihantar barangan kedai percuma telefon selepas kad ahad khamis pembatalan dipulangkan belian",
    )
)
ONLY_INDONESIAN = frozenset(
    re.findall(
        r"\w+",
        "uang karena bisa kantor pengiriman kota rupiah libur akun perusahaan silakan butuh mohon kamu kapan rekening "
        "mengirim gratis kirim dikirim setelah kurir pengembalian nomor toko telepon kartu jumat kamis kesulitan",
    )
)
SIMPLIFIED = frozenset("们这个请为时间订单货运费发现还应该让给对于后来说过没关系从开务员么问题产")
TRADITIONAL = frozenset("們這個請為時間訂單貨運費發現還應該讓給對於後來說過沒關係從開務員麼問題產")
STOPS = re.compile(r"(?<=[.!?。！？।။។؟])(?!\d)\s*|\n+")
NOISE = re.compile(
    r"(?<![A-Za-z])R[pm](?=\s?\d)|(?<=\d)R[pm](?![A-Za-z])|https?://\S+|\S+@\S+"
    r"|(?<![A-Za-z0-9])[A-Z][A-Z0-9]+(?![A-Za-z0-9])|[\d#%$€£¥₫฿₱៛₭]+|[*_`\"'“”‘’()\[\]:;,/•·-]"
)
LOOP = re.compile(r"(\S.{2,40}?)\1{3,}", re.DOTALL)
HAN = ("zh-Hans", "zh-Hant", "ja", "ko")
SCRIPT_SHARE = 0.85
"""Letters of the right script in a sentence, at least; the rest are brands and terms."""
SURE = 0.9
SHORTEST = {"fil": 6}
"""Words of a sentence that can be judged; Filipino labels are English nouns ("Courier: …, tracking number …")."""


@dataclass(frozen=True, slots=True)
class Judgement:
    right: bool
    """Wholly in the language."""
    wrong: str = ""
    """The first sentence that is not, and why."""


def judge(text: str, language: str) -> Judgement:
    """Judge a whole reply."""
    sentences = [s for s in STOPS.split(text) if s and s.strip()]
    if not sentences:
        return Judgement(False, "empty")
    if any(any(map(str.isalpha, loop[1])) for loop in LOOP.finditer(text)):
        return Judgement(False, f"a loop, no sentence: {text[:60]}")
    for sentence in sentences:
        fault = _fault(sentence, language)
        if fault:
            return Judgement(False, f"{fault}: {sentence.strip()[:120]}")
    fault = _whole_fault(text, language)
    return Judgement(not fault, fault)


def _fault(sentence: str, language: str) -> str:
    plain = NOISE.sub(" ", sentence)
    letters = [c for c in plain if c.isalpha() or unicodedata.category(c) in ("Mn", "Mc")]
    if len(letters) < 4:
        return ""
    right = sum(_is_of(c, language) for c in letters) / len(letters)
    if language not in HAN and any(_is_of(c, "zh-Hans") for c in letters):
        return "a Chinese sign"
    if right < SCRIPT_SHARE:
        return f"{right:.0%} of the letters are of its script"
    words = {word for word in plain.casefold().split() if any(map(str.isalpha, word))}
    if language in LATIN and len(words) >= SHORTEST.get(language, 3):
        return _detect(plain, language)
    if language == "hi":
        return "not Hindi" if _cld(plain) in ("mr", "ne", "bh") else ""
    if language == "ar":
        return "not Arabic" if set(plain) & set("پچگیکۀےںٹڈ") else ""
    return ""


def _detect(plain: str, language: str) -> str:
    """Wrong only where both detectors name another language, the first one surely."""
    allowed = CODES.get(language, (language,))
    found, share = _langid().classify(plain)
    cld = _cld(plain)
    if found in allowed or cld in allowed or (cld == "un" and share < SURE):
        return ""
    return f"{found} {share:.2f} / {cld}"


def _whole_fault(text: str, language: str) -> str:
    if language == "ja" and not any("HIRAGANA" in unicodedata.name(c, "") for c in text):
        return "no kana"
    if language in ("zh-Hans", "zh-Hant"):
        other = TRADITIONAL - SIMPLIFIED if language == "zh-Hans" else SIMPLIFIED - TRADITIONAL
        if any("HIRAGANA" in unicodedata.name(c, "") for c in text):
            return "kana"
        return "the other script of Chinese" if sum(c in other for c in text) > 1 else ""
    if language in ("ms", "id"):
        words = re.findall(r"[a-z]+", text.lower())
        own, others = (ONLY_MALAY, ONLY_INDONESIAN) if language == "ms" else (ONLY_INDONESIAN, ONLY_MALAY)
        mine, theirs = sum(w in own for w in words), sum(w in others for w in words)
        return f"{theirs} marker words of the other, {mine} of its own" if theirs > mine else ""
    return ""


def _is_of(letter: str, language: str) -> bool:
    name = unicodedata.name(letter, "")
    if language in ("zh-Hans", "zh-Hant"):
        return name.startswith("CJK")
    if language == "ja":
        return name.startswith(("CJK", "HIRAGANA", "KATAKANA"))
    if language == "ko":
        return name.startswith("HANGUL")
    if language in LATIN:
        return name.startswith("LATIN") or name.startswith("COMBINING")
    return name.startswith(BLOCKS[language])


@cache
def _langid() -> langid.LanguageIdentifier:
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


def _cld(text: str) -> str:
    clean = "".join(c for c in text if c.isprintable())
    _, _, details = pycld2.detect(clean, bestEffort=True)
    return str(details[0][1]).split("-")[0]
