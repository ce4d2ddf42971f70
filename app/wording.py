"""What the assistant and the pages say: gettext catalogues of every launch language, read on first use.

Owns look-up, plural forms and filling of placeholders. Leaves the written form of single values to
``formats``, answers made of several sentences to ``canned``, and the rules for translators to
``locale/README.md``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import c2py
from pathlib import Path

from babel.messages.pofile import read_po

from app import formats
from app.language import registry
from app.models import Money

_FOLDER = Path(__file__).parent / "locale"
# With the "#" of an order number, so that both stay together in a right-to-left line.
_SLOT = re.compile(r"#?\{(\w+)\}")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One domain of one language: the forms of each key, and which form a count takes."""

    texts: Mapping[str, tuple[str, ...]]
    plural: Callable[[int], int]


def read_catalogue(path: Path) -> Catalogue:
    """Read a PO file. Untranslated entries are left out; a file that does not parse raises ``PoFileError``."""
    with path.open("rb") as file:
        po = read_po(file, abort_invalid=True)
    texts = {}
    for message in po:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if key and forms and all(forms):
            texts[key] = forms
    return Catalogue(texts, c2py(po.plural_expr))


class Wording:
    """All catalogues. A language without one speaks through its registry fallback, else in English."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _FOLDER
        self._catalogues: dict[tuple[str, str], Catalogue] = {}
        self._codes: dict[str, str] = {}

    def resolve(self, language: str) -> str:
        """The code of the catalogue that answers for ``language``: any tag, alias or nonsense is fine."""
        if language not in self._codes:
            if len(self._codes) > 1000:  # tags come from clients
                self._codes.clear()
            self._codes[language] = self._find_code(language)
        return self._codes[language]

    def say(self, key: str, language: str, /, **values: object) -> str:
        """A sentence of the domain ``replies``.

        ``count`` (an ``int``) also chooses the plural form. Values: ``str`` as it is, ``int`` with
        separators, ``Money``, ``date`` (the customer's calendar day, see ``formats.day``), a sequence of ``str``
        as a list. In right-to-left languages each value is wrapped in U+2068 … U+2069 so that it keeps its own
        direction; the value itself stays verbatim between them. Raises ``KeyError`` for an unknown key or a
        placeholder without a value, ``TypeError`` for a value that has no written form.
        """
        return self._fill("replies", key, self.resolve(language), values)

    def has(self, key: str) -> bool:
        """Whether there is such a sentence; policies and categories of a shop's own have none."""
        return key in self._load("en", "replies").texts

    def label(self, key: str, language: str, /, **values: object) -> str:
        """A string of the domain ``customer`` (chat page and widget); values as in ``say``."""
        return self._fill("customer", key, self.resolve(language), values)

    def labels(self, language: str) -> dict[str, str]:
        """All strings of the domain ``customer``, placeholders left open, for a page that fills them itself."""
        english = self._load("en", "customer").texts
        mine = self._load(self.resolve(language), "customer").texts
        return {key: mine.get(key, forms)[0] for key, forms in english.items()}

    def _fill(self, domain: str, key: str, code: str, values: Mapping[str, object]) -> str:
        catalogue = self._load(code, domain)
        if key not in catalogue.texts:
            code, catalogue = "en", self._load("en", domain)
        forms = catalogue.texts[key]
        count = values.get("count")
        form = forms[catalogue.plural(count)] if isinstance(count, int) and len(forms) > 1 else forms[0]
        rtl = registry.LANGUAGES[code].direction == "rtl"

        def replace(slot: re.Match[str]) -> str:
            value = values[slot[1]]
            if rtl and isinstance(value, Sequence) and not isinstance(value, str):
                value = [_isolate(str(part)) for part in value]
            text = ("#" if slot[0].startswith("#") else "") + _write(value, code)
            return _isolate(text) if rtl else text

        return _SLOT.sub(replace, form)

    def _load(self, code: str, domain: str) -> Catalogue:
        if (code, domain) not in self._catalogues:
            self._catalogues[code, domain] = read_catalogue(self._folder / code / f"{domain}.po")
        return self._catalogues[code, domain]

    def _find_code(self, language: str) -> str:
        known = registry.find(language)
        while known is not None and not (self._folder / known.code / "replies.po").is_file():
            known = registry.LANGUAGES[known.fallback] if known.fallback else None
        return known.code if known is not None else "en"


def _isolate(text: str) -> str:
    return f"{_ISOLATE}{text}{_END_ISOLATE}"


def _write(value: object, language: str) -> str:
    match value:
        case str():
            return value
        case Money():
            return formats.money(value, language)
        case datetime() | bool():
            raise TypeError(f"{type(value).__name__} has no written form; give a calendar day or a string")
        case date():
            return formats.long_date(value, language)
        case int():
            return formats.number(value, language)
        case Sequence():
            return formats.join([str(part) for part in value], language)
        case _:
            raise TypeError(f"{type(value).__name__} has no written form")
