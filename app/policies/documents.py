"""One policy file: front matter, sections, example questions, and the line of everything for good error messages.

Owns the file format. Rendering is in ``rendering``, what several policies must agree on in ``checks``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import PolicyError
from app.language import registry
from app.policies.rules import RULES, Rules

_HEADING = re.compile(r"^##\s+(?P<title>.+?)(?:\s*\{#(?P<slug>[a-z0-9-]+)\})?\s*$")
_ID = re.compile(r"^[a-z][a-z0-9-]*$")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KEYS = {"id", "title", "titles", "language", "intents", "rules", "examples"}


class OwnRules(BaseModel):
    """Rules of a policy that code does not know: any keys, for the prose only."""

    model_config = ConfigDict(extra="allow", frozen=True)


@dataclass(frozen=True, slots=True)
class Section:
    slug: str
    title: str
    template: str
    """Markdown with Jinja, without its heading."""
    line: int
    """Line of the heading in the file, from 1."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question as a customer would type it; ``section`` is None when the whole policy answers it."""

    language: str
    text: str
    section: str | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Translation:
    """A policy's prose in another language; its sections have the slugs of the original."""

    language: str
    title: str
    sections: tuple[Section, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    title: str
    titles: Mapping[str, str]
    """The title in other languages, for offering it as a topic."""
    intents: tuple[str, ...]
    rules: Rules | OwnRules
    sections: tuple[Section, ...]
    examples: tuple[Example, ...]
    path: Path
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each front matter key by dotted path: ``rules.window_days``."""
    language: str = "en"
    """Of the prose."""
    translations: Mapping[str, Translation] = field(default_factory=dict)

    def section(self, slug: str) -> Section | None:
        return next((section for section in self.sections if section.slug == slug), None)

    def title_in(self, language: str) -> str:
        """The title in a language, else the policy's own."""
        translation = self.translations.get(language)
        return translation.title if translation else self.titles.get(language, self.title)


def make_slug(heading: str) -> str:
    """``How long it takes`` → ``how-long-it-takes``."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"


def read_policy(path: Path) -> Policy:
    """Read one file. Raises PolicyError (file, line) at the first mistake; ``find_mistakes`` finds all."""
    policy, mistakes = parse_policy(path)
    if mistakes:
        raise mistakes[0]
    assert policy is not None  # noqa: S101 - parse_policy returns a policy or mistakes
    return policy


def parse_policy(path: Path) -> tuple[Policy | None, list[PolicyError]]:
    """The policy, or all that is wrong with the file (a policy is returned whenever one could be made)."""
    try:
        front, body, first = _split(path)
        data, lines = _parse_yaml(front, path)
    except PolicyError as error:
        return None, [error]
    mistakes = [*_check_head(data, lines, path)]
    identifier = str(data.get("id", path.stem))
    rules, wrong = _read_rules(identifier, data.get("rules") or {}, lines, path)
    examples, more = _read_examples(data.get("examples") or {}, lines, path)
    sections, last = _read_sections(body, first, str(data.get("title", identifier)), path)
    mistakes += [*wrong, *more, *last]
    slugs = {section.slug for section in sections}
    mistakes += [
        _mistake(f"the example names no section of this policy: {example.section}", path, example.line)
        for example in {e.section: e for e in examples if e.section is not None and e.section not in slugs}.values()
    ]
    if rules is None:
        return None, mistakes
    titles = {str(code): str(title) for code, title in dict(data.get("titles") or {}).items()}
    intents = tuple(str(name) for name in data.get("intents") or ())
    title = str(data.get("title", identifier))
    known = registry.find(str(data.get("language", "en")))
    language = known.code if known else "en"
    policy = Policy(identifier, title, titles, intents, rules, sections, tuple(examples), path, lines, language)
    return policy, mistakes


def read_translation(path: Path, original: Policy, language: str) -> tuple[Translation, list[PolicyError]]:
    """Read ``returns.vi.md``: front matter may hold a title; sections must exist in the original."""
    front, body, first = _split(path, required=False)
    data, _ = _parse_yaml(front, path)
    title = str(data.get("title", original.title))
    sections, mistakes = _read_sections(body, first, title, path)
    slugs = {section.slug for section in original.sections}
    for section in sections:
        if section.slug not in slugs:
            text = f"section {section.slug} is not in {original.path.name}; write the heading as ## … {{#slug}}"
            mistakes.append(_mistake(text, path, section.line))
    return Translation(language, title, sections, path), mistakes


def _mistake(text: str, path: Path, line: int) -> PolicyError:
    return PolicyError(text, path.name, line)


def _split(path: Path, required: bool = True) -> tuple[str, str, int]:
    """Front matter, body, and the line on which the body starts."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _mistake("the file is not UTF-8; save it as UTF-8", path, 1) from None
    except OSError as error:
        raise _mistake(f"cannot be read ({error.strerror})", path, 1) from None
    lines = text.split("\n")
    if lines[0].strip() != "---":
        if not required:
            return "", text, 1
        raise _mistake("begins without front matter; the first line must be ---", path, 1)
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise _mistake("the front matter has no end; close it with a line ---", path, 1)
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2


def _parse_yaml(front: str, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        loader = _Loader(front)
        node = loader.get_single_node()
        data = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 2 if mark else 2
        raise _mistake(f"bad YAML: {error.problem or error.context}", path, line) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _mistake(f"bad YAML: {' '.join(str(error).split())}", path, 2) from None
    if data is None:
        return {}, {}
    if not isinstance(data, dict):
        raise _mistake("the front matter must be a list of key: value lines", path, 2)
    lines: dict[str, int] = {}
    for key, line in _walk(node, ""):
        if key in lines and "[" not in key:
            raise _mistake(f"{key} appears twice", path, line)
        lines[key] = line
    return data, lines


def _walk(node: yaml.Node | None, prefix: str) -> Iterator[tuple[str, int]]:
    """Dotted paths and their lines in the file (front matter starts on line 2)."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{prefix}.{key.value}" if prefix else str(key.value)
            yield name, key.start_mark.line + 2
            yield from _walk(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            name = f"{prefix}.{index}"
            yield name, value.start_mark.line + 2
            yield from _walk(value, name)


def _check_head(data: dict[str, Any], lines: Mapping[str, int], path: Path) -> Iterator[PolicyError]:
    for key in data:
        if key not in _KEYS:
            yield _mistake(f"unknown key {key}; known are {', '.join(sorted(_KEYS))}", path, lines.get(str(key), 2))
    for key in ("id", "title"):
        if not isinstance(data.get(key), str):
            yield _mistake(f"{key} is missing", path, lines.get(key, 1))
    identifier = data.get("id")
    if isinstance(identifier, str) and not _ID.match(identifier):
        yield _mistake(f"id {identifier} must be lower-case letters, digits and dashes", path, lines["id"])
    elif isinstance(identifier, str) and identifier != path.stem:
        yield _mistake(f"id {identifier} and file name {path.name} differ", path, lines["id"])
    if registry.find(str(data.get("language", "en"))) is None:
        yield _mistake(f"unknown language {data['language']!r}", path, lines["language"])
    for key, kind in (("rules", dict), ("examples", dict), ("titles", dict), ("intents", list)):
        if data.get(key) is not None and not isinstance(data[key], kind):
            yield _mistake(f"{key} must be a {'map' if kind is dict else 'list'}", path, lines[key])
            data[key] = None


def _read_rules(
    identifier: str, data: Any, lines: Mapping[str, int], path: Path
) -> tuple[Rules | OwnRules | None, list[PolicyError]]:
    model: type[Rules] | type[OwnRules] = RULES.get(identifier, OwnRules)
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_rule_mistake(e["loc"], e["msg"], e["type"], lines, path) for e in error.errors()]


def _rule_mistake(
    loc: tuple[int | str, ...], text: str, kind: str, lines: Mapping[str, int], path: Path
) -> PolicyError:
    parts = [str(part) for part in loc if part != "[key]"]
    line = 2
    for length in range(len(parts), -1, -1):
        name = ".".join(["rules", *parts[:length]])
        if name in lines:
            line = lines[name]
            break
    name = ".".join(parts) or "rules"
    if kind == "extra_forbidden":
        return _mistake(f"unknown rule {name}", path, line)
    if kind == "missing":
        return _mistake(f"rule {name} is missing", path, line)
    return _mistake(f"rule {name}: {text}", path, line)


def _read_examples(data: Any, lines: Mapping[str, int], path: Path) -> tuple[list[Example], list[PolicyError]]:
    """``{vi: [text, …]}`` or, by section, ``{vi: {section: [text, …]}}``."""
    examples: list[Example] = []
    mistakes: list[PolicyError] = []
    for tag, value in data.items():
        at = lines.get(f"examples.{tag}", 2)
        language = registry.find(str(tag))
        if language is None or language.code != tag:
            mistakes.append(_mistake(f'unknown language {tag} (Norwegian? write "no" in quotes)', path, at))
            continue
        for section, texts in value.items() if isinstance(value, dict) else ((None, value),):
            name = f"examples.{tag}" if section is None else f"examples.{tag}.{section}"
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                mistakes.append(_mistake("examples must be a list of questions", path, lines.get(name, at)))
                continue
            numbered = enumerate(texts)
            examples += [Example(tag, t, section, lines.get(f"{name}.{i}", at)) for i, t in numbered]
    return examples, mistakes


def _read_sections(body: str, first: int, title: str, path: Path) -> tuple[tuple[Section, ...], list[PolicyError]]:
    """Cut at ``## `` headings; text before the first one is the section ``overview``."""
    heads = [("overview", title, first - 1, [""])]
    for number, line in enumerate(body.split("\n"), first):
        match = _HEADING.match(line)
        if match:
            heads.append((match["slug"] or make_slug(match["title"]), match["title"], number, []))
        else:
            heads[-1][3].append(line)
    made = [Section(slug, name, "\n".join(text), at) for slug, name, at, text in heads if "".join(text).strip()]
    mistakes = [
        _mistake(f"section {name} is empty", path, at) for _, name, at, text in heads[1:] if not "".join(text).strip()
    ]
    seen: set[str] = set()
    for section in made:
        if section.slug in seen:
            mistakes.append(_mistake(f"section {section.slug} appears twice", path, section.line))
        seen.add(section.slug)
    if not made:
        mistakes.append(_mistake("the policy has no text", path, first))
    return tuple(made), mistakes
