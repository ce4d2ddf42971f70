"""All policies of a shop: load, reload live, select, render, and the typed rules for those who decide.

Keeps the last good set when an edit is bad, and says so. Use one ``Policies`` a process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog

from app.errors import NotFound, PolicyError
from app.models import Customer, Order
from app.policies import rendering
from app.policies.checks import check_templates
from app.policies.documents import Policy, Section
from app.policies.folder import read_folder
from app.policies.profile import ShopProfile
from app.policies.rules import RULES, Rules
from app.policies.selection import Selection, Selector, make_entries
from app.policies.views import view_order
from app.policies.writing import filters
from app.retrieval import Entry

R = TypeVar("R", bound=Rules)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A section as the assistant may quote it; cite it by ``policy`` and ``section``."""

    policy: str
    section: str
    title: str
    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Reload:
    """What ``reload_if_changed`` found: ``ok`` False means that the last good policies are still in force."""

    ok: bool
    message: str
    mistakes: tuple[PolicyError, ...] = ()


class Policies:
    """The policies in force. Made by ``load``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp = _stamp(folder)
        policies, profile, mistakes = _read(folder)
        if mistakes or profile is None:
            raise mistakes[0]
        self._take(policies, profile)

    def _take(self, policies: dict[str, Policy], profile: ShopProfile) -> None:
        self.policies: Mapping[str, Policy] = MappingProxyType(policies)
        self.shop = profile
        self.version = getattr(self, "version", 0) + 1
        self.mistakes: tuple[PolicyError, ...] = ()
        """Of the last edit, while it is not in force."""
        self._selector = Selector(self.policies)

    def reload_if_changed(self) -> Reload | None:
        """Read the folder again if a file changed; None: nothing did. A bad edit changes nothing but ``mistakes``."""
        stamp = _stamp(self.folder)
        if stamp == self._stamp:
            return None
        self._stamp = stamp
        policies, profile, mistakes = _read(self.folder)
        if mistakes or profile is None:
            self.mistakes = tuple(mistakes)
            return Reload(False, f"The last good policies stay in force. {mistakes[0]}", self.mistakes)
        self._take(policies, profile)
        return Reload(True, f"{len(policies)} policies are in force.")

    def get(self, identifier: str) -> Policy:
        """A policy by id. Raises NotFound."""
        if identifier not in self.policies:
            raise NotFound(f"There is no policy {identifier!r}; there are {', '.join(self.policies)}.")
        return self.policies[identifier]

    def rules(self, kind: type[R]) -> R:
        """The rules of a kind, for instance ``rules(ReturnsRules)``. Raises NotFound when the shop has none."""
        identifier = next(name for name, model in RULES.items() if model is kind)
        rules = self.get(identifier).rules
        assert isinstance(rules, kind)  # noqa: S101 - documents validated it with this model
        return rules

    def time_zone(self, customer: Customer | None = None) -> tzinfo:
        """The customer's time zone when it is known and exists, else the shop's."""
        return find_zone(customer.time_zone if customer else "", self.shop.time_zone)

    def describe_shop(self, language: str) -> str:
        """What customers may be told about the shop itself, as facts for a reply; its hours in their language."""
        lines = [f"Shop: {self.shop.name}", *(f"{kind}: {value}" for kind, value in self.shop.contacts.items())]
        if self.shop.opening_hours:
            lines.append(filters(language)["hours"](self.shop.opening_hours, self.shop.time_zone))
        return "\n".join(lines)

    def select(self, question: str, language: str, k: int = 3) -> Selection:
        """The sections that a question needs, in any language. Never raises."""
        return self._selector.select(question, language, k)

    def entries(self, prefix: str = "") -> list[Entry]:
        """The example questions, labelled ``prefix`` + ``policy#section``, for an index of one's own."""
        return make_entries(self.policies, prefix, prose=False)

    def render(
        self,
        identifier: str,
        section: str | None = None,
        order: Order | None = None,
        tz: tzinfo | None = None,
        now: datetime | None = None,
        language: str = "en",
    ) -> tuple[Rendered, ...]:
        """The sections of a policy (or one) as plain text; ``order`` needs ``now``. Raises NotFound, PolicyError.

        In the policy's translation where there is one that can be rendered, else in the policy's own language.
        """
        policy = self.get(identifier)
        chosen = [s for s in policy.sections if section is None or s.slug == section]
        if not chosen:
            raise NotFound(f"The policy {identifier} has no section {section!r}.")
        context = self._context(order, tz or self.time_zone(), now)
        translated = (
            {s.slug: s for s in policy.translations[language].sections} if language in policy.translations else {}
        )
        rendered = [
            self._translate(policy, language, translated.get(each.slug), context)
            or self._render(policy, policy.language, each, context)
            for each in chosen
        ]
        return tuple(each for each in rendered if each.text)

    def _translate(
        self, policy: Policy, language: str, section: Section | None, context: Mapping[str, Any]
    ) -> Rendered | None:
        """None where there is no translation, or one that ``kaunter policy check`` complains about."""
        if section is None:
            return None
        try:
            return self._render(policy, language, section, context)
        except PolicyError as error:
            log.warning("policy.translation_failed", file=error.file, line=error.line)
            return None

    def _render(self, policy: Policy, language: str, section: Section, context: Mapping[str, Any]) -> Rendered:
        translation = policy.translations.get(language)
        file = translation.path.name if translation else None
        text = rendering.render_section(section, policy, context, file, language)
        return Rendered(policy.id, section.slug, section.title, text, language)

    def _context(self, order: Order | None, tz: tzinfo, now: datetime | None) -> dict[str, Any]:
        view = None if order is None or now is None else view_order(order, self.policies, tz, now)
        return {"order": view, "shop": self.shop, "policies": rendering.rules_context(self.policies)}


def load(folder: Path) -> Policies:
    """Load a folder of policies. Raises PolicyError (file, line) at the first mistake."""
    return Policies(folder)


def _read(folder: Path) -> tuple[dict[str, Policy], ShopProfile | None, list[PolicyError]]:
    """The folder, with whatever would fail in front of a customer; ``kaunter policy check`` finds more."""
    policies, profile, mistakes = read_folder(folder)
    if profile is not None and not mistakes:
        for policy in policies.values():
            mistakes += check_templates(policy, policies, profile, translations=False)  # the original stands in for one
    return policies, profile, mistakes


def find_zone(name: str, default: str) -> tzinfo:
    try:
        return ZoneInfo(name or default)
    except (ValueError, OSError, KeyError):
        return ZoneInfo(default)


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and change times of the files that count."""
    stamps = []
    for path in sorted([*folder.glob("*.md"), *folder.glob("*.yaml")]):
        try:
            stat = path.stat()
        except OSError:
            continue
        stamps.append((path.name, stat.st_mtime_ns, stat.st_size))
    return tuple(stamps)
