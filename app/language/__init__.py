"""Languages: the registry, who speaks what, and whether a text is in a given language."""

from app.language.registry import LANGUAGES, LAUNCH, Language, find, negotiate

__all__ = ["LANGUAGES", "LAUNCH", "Language", "find", "negotiate"]
