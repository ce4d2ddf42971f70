"""Reads a folder of policies: the profile, the policies and their translations, and every mistake of reading them."""

from pathlib import Path

from app.errors import PolicyError
from app.language import registry
from app.policies.documents import Policy, parse_policy, read_translation
from app.policies.profile import ShopProfile, read_profile


def read_folder(folder: Path) -> tuple[dict[str, Policy], ShopProfile | None, list[PolicyError]]:
    """Everything that a folder holds and every mistake of reading it."""
    policies: dict[str, Policy] = {}
    mistakes: list[PolicyError] = []
    profile = None
    try:
        profile = read_profile(folder)
    except PolicyError as error:
        mistakes.append(error)
    paths = sorted(folder.glob("*.md"))
    if not paths:
        mistakes.append(PolicyError("the folder holds no policy (*.md)", folder.name))
    for path in (path for path in paths if _language_of(path) is None):
        policy, found = parse_policy(path)
        mistakes += found
        if policy is not None:
            policies[policy.id] = policy
    for path in paths:
        language = _language_of(path)
        if language is not None:
            mistakes += _add_translation(path, language, policies)
    return policies, profile, mistakes


def _add_translation(path: Path, language: str, policies: dict[str, Policy]) -> list[PolicyError]:
    original = policies.get(path.name.split(".")[0])
    if original is None:
        return [PolicyError("is a translation of a policy that is not there", path.name)]
    try:
        translation, mistakes = read_translation(path, original, language)
    except PolicyError as error:
        return [error]
    translations = {**original.translations, language: translation}
    fields = {name: getattr(original, name) for name in original.__dataclass_fields__}
    policies[original.id] = Policy(**{**fields, "translations": translations})
    return mistakes


def _language_of(path: Path) -> str | None:
    """``vi`` of ``returns.vi.md``; None for ``returns.md``."""
    parts = path.name.split(".")
    language = registry.find(parts[1]) if len(parts) == 3 else None
    return language.code if language else None
