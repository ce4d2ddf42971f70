"""Is this text in that language? Asked of every reply before a customer reads it.

Owns the tolerance for names, product titles and loan words. Leaves the detection itself to ``detect``.
"""

from app.language.detect import detect
from app.language.scripts import count_scripts


def is_in_language(text: str, language: str) -> bool:
    """Whether every whole sentence of ``text`` is in ``language`` (a registry code).

    Names, product titles, numbers, codes, links and loan words are let through; a text without letters is in
    any language.
    """
    if not count_scripts(text):
        return True
    found = detect(text, language)
    return found.language == language or {found.language, language} == {"ms", "id"}
