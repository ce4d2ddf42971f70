"""The languages: what each is called, how it is written, where its strings come from when it has none.

Owns the registry, tag look-up and Accept-Language negotiation. Leaves plural rules, dates, money and
numbers to Babel (through ``Language.locale``) and the question who speaks what to ``detect``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Language:
    """One language as the product names it."""

    code: str
    """BCP 47: ``vi``, ``zh-Hans``, ``fil``."""
    name: str
    """English name."""
    autonym: str
    """The name its speakers use, for pickers."""
    script: str
    """ISO 15924 code of the script that it is written in (``Jpan``, ``Kore`` are mixed)."""
    direction: Literal["ltr", "rtl"]
    digits: str
    """CLDR numbering system of its native digits; ``latn`` where 0-9 are the only ones in use."""
    locale: str
    """Babel locale identifier with a territory: ``zh_Hans_CN``, ``pt_BR``."""
    fallback: str | None = None
    """Code of the language whose strings are used where this one has none; None: the shop's default."""


# code, English name, autonym, script, digits, Babel locale, fallback; first those of DESIGN, section 6.
_LAUNCH_TABLE = """
en      | English              | English            | Latn | latn    | en_US      |
zh-Hans | Chinese, Simplified  | 简体中文           | Hans | latn    | zh_Hans_CN |
zh-Hant | Chinese, Traditional | 繁體中文           | Hant | latn    | zh_Hant_TW | zh-Hans
vi      | Vietnamese           | Tiếng Việt         | Latn | latn    | vi_VN      |
th      | Thai                 | ไทย                | Thai | thai    | th_TH      |
ms      | Malay                | Bahasa Melayu      | Latn | latn    | ms_MY      |
id      | Indonesian           | Bahasa Indonesia   | Latn | latn    | id_ID      |
fil     | Filipino             | Filipino           | Latn | latn    | fil_PH     |
km      | Khmer                | ខ្មែរ               | Khmr | khmr    | km_KH      |
lo      | Lao                  | ລາວ                | Laoo | laoo    | lo_LA      |
my      | Burmese              | မြန်မာ              | Mymr | mymr    | my_MM      |
ta      | Tamil                | தமிழ்               | Taml | tamldec | ta_IN      |
hi      | Hindi                | हिन्दी               | Deva | deva    | hi_IN      |
bn      | Bengali              | বাংলা               | Beng | beng    | bn_BD      |
ja      | Japanese             | 日本語             | Jpan | latn    | ja_JP      |
ko      | Korean               | 한국어             | Kore | latn    | ko_KR      |
ar      | Arabic               | العربية            | Arab | arab    | ar_EG      |
es      | Spanish              | Español            | Latn | latn    | es_ES      |
pt      | Portuguese           | Português          | Latn | latn    | pt_BR      |
fr      | French               | Français           | Latn | latn    | fr_FR      |
de      | German               | Deutsch            | Latn | latn    | de_DE      |
ru      | Russian              | Русский            | Cyrl | latn    | ru_RU      |
"""

_MORE_TABLE = """
jv      | Javanese             | Basa Jawa          | Latn | latn    | jv_ID      | id
nl      | Dutch                | Nederlands         | Latn | latn    | nl_NL      |
it      | Italian              | Italiano           | Latn | latn    | it_IT      |
pl      | Polish               | Polski             | Latn | latn    | pl_PL      |
tr      | Turkish              | Türkçe             | Latn | latn    | tr_TR      |
uk      | Ukrainian            | Українська         | Cyrl | latn    | uk_UA      |
sw      | Swahili              | Kiswahili          | Latn | latn    | sw_KE      |
ur      | Urdu                 | اردو               | Arab | arabext | ur_PK      |
fa      | Persian              | فارسی              | Arab | arabext | fa_IR      |
te      | Telugu               | తెలుగు              | Telu | telu    | te_IN      |
mr      | Marathi              | मराठी               | Deva | deva    | mr_IN      |
gu      | Gujarati             | ગુજરાતી             | Gujr | gujr    | gu_IN      |
pa      | Punjabi              | ਪੰਜਾਬੀ              | Guru | guru    | pa_Guru_IN |
ml      | Malayalam            | മലയാളം             | Mlym | mlym    | ml_IN      |
kn      | Kannada              | ಕನ್ನಡ               | Knda | knda    | kn_IN      |
si      | Sinhala              | සිංහල              | Sinh | latn    | si_LK      |
ne      | Nepali               | नेपाली               | Deva | deva    | ne_NP      |
he      | Hebrew               | עברית              | Hebr | latn    | he_IL      |
el      | Greek                | Ελληνικά           | Grek | latn    | el_GR      |
ka      | Georgian             | ქართული            | Geor | latn    | ka_GE      |
hy      | Armenian             | Հայերեն            | Armn | latn    | hy_AM      |
am      | Amharic              | አማርኛ               | Ethi | latn    | am_ET      |
"""

_RTL_SCRIPTS = frozenset({"Arab", "Hebr"})


def _read(table: str) -> dict[str, Language]:
    languages = {}
    for line in table.strip().splitlines():
        code, name, autonym, script, digits, locale, fallback = (cell.strip() for cell in line.split("|"))
        direction: Literal["ltr", "rtl"] = "rtl" if script in _RTL_SCRIPTS else "ltr"
        languages[code] = Language(code, name, autonym, script, direction, digits, locale, fallback or None)
    return languages


_LAUNCH_LANGUAGES = _read(_LAUNCH_TABLE)

LAUNCH: tuple[str, ...] = tuple(_LAUNCH_LANGUAGES)
"""Codes of the languages with full catalogues, in the order of DESIGN, section 6."""

LANGUAGES: Mapping[str, Language] = MappingProxyType({**_LAUNCH_LANGUAGES, **_read(_MORE_TABLE)})
"""Every language that can be detected, by code; launch languages first."""

# Withdrawn codes (IANA registry), ISO 639-2/3 codes and macro-languages that clients still send.
_ALIASES = {
    "zh": "zh-Hans", "cmn": "zh-Hans", "zho": "zh-Hans", "chi": "zh-Hans", "yue": "zh-Hant",
    "tl": "fil", "tgl": "fil", "in": "id", "ind": "id", "iw": "he", "jw": "jv", "jav": "jv",
    "may": "ms", "msa": "ms", "zsm": "ms", "mly": "ms", "eng": "en", "vie": "vi", "tha": "th", "khm": "km",
    "lao": "lo", "mya": "my", "bur": "my", "tam": "ta", "hin": "hi", "ben": "bn", "jpn": "ja", "kor": "ko",
    "ara": "ar", "arb": "ar", "spa": "es", "por": "pt", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de",
    "rus": "ru", "fas": "fa", "per": "fa", "prs": "fa", "npi": "ne", "swh": "sw",
}  # fmt: skip
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def find(tag: str) -> Language | None:
    """The language that a tag means, or None.

    Any case, ``-`` or ``_``, with territory or variants (``th-TH``, ``zh_HK``), aliases (``tl``, ``in``).
    """
    parts = tag.strip().replace("_", "-").lower().split("-")
    base = _ALIASES.get(parts[0], parts[0])
    if base == "zh-Hans" and "hans" not in parts and not _TRADITIONAL.isdisjoint(parts):
        base = "zh-Hant"
    return LANGUAGES.get(base)


def negotiate(accept_language: str | None, served: Sequence[str], default: str) -> str:
    """The served code that best answers an Accept-Language header (or a single tag), else ``default``.

    A wanted language that is not served may be answered by its fallback (Traditional Chinese by Simplified).
    Both Chinese scripts stand in for each other. Malformed headers count as absent.
    """
    for tag in _wanted(accept_language or ""):
        language = find(tag)
        if language is None:
            continue
        stand_in = "zh-Hant" if language.code == "zh-Hans" else language.fallback
        for code in (language.code, stand_in):
            if code is not None and code in served:
                return code
    return default


def _wanted(header: str) -> list[str]:
    """Tags of a header by falling quality; equal ones in their order; refused ones (q=0) left out."""
    weighted = []
    for part in header[:1000].split(","):
        tag, _, parameters = part.partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters.strip() else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip() and quality > 0:
            weighted.append((quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda item: -item[0])]
