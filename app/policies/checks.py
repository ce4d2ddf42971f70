"""``kaunter policy check``: every mistake of a folder of policies at once, with file and line.

What one file can say about itself is found while reading it (``documents``); here is what needs all of them: links,
windows that contradict each other, examples in the shop's languages, and templates rendered for every order status.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.errors import PolicyError
from app.policies import rendering
from app.policies.documents import Policy, Section
from app.policies.folder import read_folder
from app.policies.profile import ShopProfile
from app.policies.rules import (
    AddressChangeRules,
    AuthenticityRules,
    CancellationRules,
    DamagedRules,
    DelaysRules,
    ExchangesRules,
    PreordersRules,
    RefundsRules,
    ReturnsRules,
)
from app.policies.samples import sample_orders
from app.policies.translations import check_translations
from app.policies.views import view_order

T = TypeVar("T")

Mistake = PolicyError
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_NOW = datetime(2028, 2, 29, 12, tzinfo=UTC)
_REFUND_ROUTES = ("card", "bank_transfer", "e_wallet", "store_credit")


def check(folder: Path) -> list[Mistake]:
    """Everything that is wrong, sorted by file and line; empty when the policies can go live."""
    policies, profile, mistakes = read_folder(folder)
    for policy in policies.values():
        mistakes += _check_links(policy, policies)
        mistakes += _check_examples(policy, profile)
        mistakes += check_translations(policy)
        if profile is not None:
            mistakes += check_templates(policy, policies, profile)
    mistakes += _check_agreement(policies)
    unique = {str(mistake): mistake for mistake in mistakes}
    return sorted(unique.values(), key=lambda mistake: (mistake.file, mistake.line))


def _prose(policy: Policy) -> Iterator[tuple[str, Section, str]]:
    """File, section and language of everything that customers can read of a policy."""
    yield from ((policy.path.name, section, policy.language) for section in policy.sections)
    for translation in policy.translations.values():
        yield from ((translation.path.name, section, translation.language) for section in translation.sections)


def _check_links(policy: Policy, policies: Mapping[str, Policy]) -> Iterator[Mistake]:
    for file, section, _ in _prose(policy):
        for number, line in enumerate(section.template.split("\n"), section.line + 1):
            for match in _LINK.finditer(line):
                if not _exists(match["target"], policy, policies):
                    yield PolicyError(f"dead link {match['target']}", file, number)


def _exists(target: str, policy: Policy, policies: Mapping[str, Policy]) -> bool:
    """``refunds.md``, ``refunds.md#time`` or ``#time``; addresses with a scheme are not ours to judge."""
    if re.match(r"^[a-z]+:", target) or "{{" in target:
        return True
    name, _, slug = target.partition("#")
    other = policies.get(name.removesuffix(".md")) if name else policy
    if other is None or (name and not name.endswith(".md")):
        return False
    return not slug or other.section(slug) is not None


def _check_examples(policy: Policy, profile: ShopProfile | None) -> Iterator[Mistake]:
    if not policy.examples:
        yield PolicyError("no example questions; add examples: {vi: [...]}", policy.path.name, _line(policy, "id"))
        return
    present = {example.language for example in policy.examples}
    for language in profile.languages if profile else ():
        if language not in present:
            text = f"no example questions in {language}, which the shop serves"
            yield PolicyError(text, policy.path.name, _line(policy, "examples"))
    for example in policy.examples:
        if not example.text.strip():
            yield PolicyError("an example question is empty", policy.path.name, example.line)


def _line(policy: Policy, *keys: str) -> int:
    """The line of the first of these keys that the front matter has."""
    return next((policy.lines[key] for key in keys if key in policy.lines), 1)


def check_templates(
    policy: Policy, policies: Mapping[str, Policy], profile: ShopProfile, *, translations: bool = True
) -> Iterator[Mistake]:
    """Render every section without an order and for orders in every status; report each line once."""
    tz = ZoneInfo(profile.time_zone)
    base = {"shop": profile, "policies": rendering.rules_context(policies)}
    views = [None, *(view_order(order, policies, tz, _NOW) for order in sample_orders(profile.currency, _NOW))]
    for file, section, language in _prose(policy):
        if language != policy.language and not translations:
            continue
        seen: set[int] = set()
        for view in views if "order" in section.template else views[:1]:
            try:
                rendering.render_section(section, policy, {**base, "order": view}, file, language)
            except PolicyError as error:
                if error.line not in seen:
                    seen.add(error.line)
                    status = f" (order {view.status})" if view else " (without an order)"
                    text = str(error).split(": ", 1)[1]
                    yield PolicyError(text + status, error.file, error.line)


def _check_agreement(policies: Mapping[str, Policy]) -> Iterator[Mistake]:
    """Windows and lists that two policies state differently; the line is that of the second one."""
    returns, exchanges = _find(policies, "returns", ReturnsRules), _find(policies, "exchanges", ExchangesRules)
    damaged, cancellation = _find(policies, "damaged", DamagedRules), _find(policies, "cancellation", CancellationRules)
    address, refunds = _find(policies, "address-change", AddressChangeRules), _find(policies, "refunds", RefundsRules)
    delays, preorders = _find(policies, "delays", DelaysRules), _find(policies, "preorders", PreordersRules)
    authenticity = _find(policies, "authenticity", AuthenticityRules)
    if returns and exchanges and exchanges.window_days > returns.window_days:
        text = f"exchanges.window_days {exchanges.window_days} is longer than returns.window_days {returns.window_days}"
        yield _clash(policies, "exchanges", "window_days", text)
    if returns and damaged and damaged.report_within_days > returns.window_days:
        text = f"damaged goods may be reported longer than returned ({returns.window_days} days, policy returns)"
        yield _clash(policies, "damaged", "report_within_days", text)
    if cancellation and address:
        extra = [s.value for s in address.allowed_statuses if s not in cancellation.allowed_statuses]
        if extra:
            text = f"the address may change in {', '.join(extra)}, but cancellation counts that as too late"
            yield _clash(policies, "address-change", "allowed_statuses", text)
    if cancellation and preorders:
        extra = [s.value for s in preorders.cancel_statuses if s not in cancellation.allowed_statuses]
        if extra:
            text = f"pre-orders may be cancelled in {', '.join(extra)}, but policy cancellation does not allow it"
            yield _clash(policies, "preorders", "cancel_statuses", text)
    if delays and delays.lost_after_days <= delays.late_after_days:
        yield _clash(policies, "delays", "lost_after_days", "a parcel is lost before it is late")
    if returns and authenticity and authenticity.claim_within_days < returns.window_days:
        text = f"a doubt about authenticity must come sooner than a plain return ({returns.window_days} days)"
        yield _clash(policies, "authenticity", "claim_within_days", text)
    if refunds:
        for route in (*_REFUND_ROUTES, refunds.cod_route):
            if route not in refunds.days_by_route:
                yield _clash(policies, "refunds", "days_by_route", f"days_by_route does not say how long {route} takes")


def _find(policies: Mapping[str, Policy], identifier: str, kind: type[T]) -> T | None:
    policy = policies.get(identifier)
    return policy.rules if policy is not None and isinstance(policy.rules, kind) else None


def _clash(policies: Mapping[str, Policy], identifier: str, rule: str, text: str) -> Mistake:
    policy = policies[identifier]
    return PolicyError(text, policy.path.name, _line(policy, f"rules.{rule}", "rules", "id"))
