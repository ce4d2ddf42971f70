"""The verdict on one played scenario: state, facts, language and outcome, each with its evidence.

Imports nothing of the guardrails and the language detection, not even by way of others. A scenario is resolved when
every check holds.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.errors import ScenarioError
from app.evaluation.changes import find_changes, find_forbidden, find_missing
from app.evaluation.fabrication import License, find_fabricated, walk_numbers
from app.evaluation.facts import is_said
from app.evaluation.paths import flatten
from app.evaluation.record import Exchange, Played
from app.evaluation.scenario import Facts, Scenario, TurnExpected, Words
from app.evaluation.tongue import judge as judge_language
from app.models import Money, Order, Outcome, Product

KINDS = ("state", "forbidden", "facts", "fabrication", "language", "outcome", "handoff", "error")

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the shop promises and says about itself, as plain data."""

    policy: Mapping[str, Mapping[str, Any]]
    """The rules by the policy's id."""
    shop: Mapping[str, Any]
    public: License
    """What every customer may be told: policies, profile, catalogue."""
    names: frozenset[str] = frozenset()
    """Words of profile and catalogue that stand in replies as they are."""


def make_rulebook(
    policy: Mapping[str, Mapping[str, Any]],
    shop: Mapping[str, Any],
    texts: Sequence[str],
    products: Sequence[Product],
    now: datetime,
) -> Rulebook:
    """``texts`` is what the policies say in words."""
    public = License("UTC", now.date())
    public.add_records([policy, shop, *products, *_fees(policy)])
    for text in texts:
        public.add_text(text)
    return Rulebook(policy, shop, public, frozenset(_names([shop, *products])))


def _names(records: Sequence[Any]) -> Iterator[str]:
    """Titles, places, carriers, labels."""
    for _, value in flatten(records, ""):
        if type(value) is str and 0 < len(value) < LONGEST_NAME:
            yield value


def _fees(policy: Mapping[str, Mapping[str, Any]]) -> list[Money]:
    """Amounts by currency in the rules, as money."""
    parts = [(path.rpartition(".")[2], value) for path, value in flatten(policy, "") if isinstance(value, int)]
    return [Money(value, code) for code, value in parts if len(code) == 3 and code.isupper()]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    findings: tuple[Finding, ...] = ()
    right_language: int = 0
    replies: int = 0
    """Replies with words, and how many of them are wholly in the language."""
    fabricated: int = 0
    forbidden: int = 0
    handoff_expected: bool = False
    handed_off: bool = False
    held: tuple[str, ...] = field(default=())
    """Facts that were found, for the report."""

    @property
    def resolved(self) -> bool:
        return not self.findings


def judge(scenario: Scenario, played: Played, rules: Rulebook) -> Verdict:
    """Judge a scenario. Raises ScenarioError when an expectation names what is not there."""
    return _Judge(scenario, played, rules).decide()


class _Judge:
    def __init__(self, scenario: Scenario, played: Played, rules: Rulebook) -> None:
        self._scenario = scenario
        self._expect = scenario.situation.expect
        self._played = played
        self._rules = rules
        self._zone = played.stage.customer.time_zone or str(rules.shop["time_zone"])
        self._before = self._roots(dict(played.stage.orders))
        now = {order.number: order for order in played.after.orders}
        self._after = self._roots({name: now[o.number] for name, o in played.stage.orders.items() if o.number in now})
        self._held: list[str] = []

    def _roots(self, orders: dict[str, Order]) -> dict[str, Any]:
        return {
            **orders,
            "customer": self._played.stage.customer,
            "policy": self._rules.policy,
            "shop": self._rules.shop,
        }

    def decide(self) -> Verdict:
        played = self._played
        changes = find_changes(played)
        forbidden = find_forbidden(changes, self._expect)
        wrong = list(self._judge_languages())
        fabricated = list(self._find_fabricated())
        findings = [
            *(Finding("error", text) for text in ([played.error] if played.error else [])),
            *(Finding("state", text) for text in find_missing(changes, self._expect, self._after)),
            *(Finding("forbidden", f"{path} changed") for path in forbidden),
            *self._judge_facts(),
            *(Finding("fabrication", text) for text in fabricated),
            *(Finding("language", text) for text in wrong),
            *self._judge_outcomes(),
            *self._judge_handoff(),
        ]
        spoken = [e for e in played.exchanges if e.reply.strip()]
        return Verdict(
            tuple(findings),
            right_language=len(spoken) - len(wrong),
            replies=len(spoken),
            fabricated=len(fabricated),
            forbidden=len(forbidden),
            handoff_expected=self._expect.handoff is True,
            handed_off=played.handed_off,
            held=tuple(dict.fromkeys(self._held)),
        )

    def _judge_languages(self) -> Iterator[str]:
        own = _names([self._played.stage.customer, *self._played.stage.own])
        said = [exchange.said for exchange in self._played.exchanges]  # an address is quoted as it was typed
        names = sorted({*self._rules.names, *own, *said}, key=len, reverse=True)
        for number, exchange in enumerate(self._played.exchanges, 1):
            if exchange.reply.strip():
                verdict = judge_language(hide(exchange.reply, names), exchange.said_language)
                if not verdict.right:
                    yield f"reply {number} is not wholly in {exchange.said_language}: {verdict.wrong}"

    def _find_fabricated(self) -> Iterator[str]:
        known = self._license()
        for number, exchange in enumerate(self._played.exchanges, 1):
            known.add_text(exchange.said)
            for value in find_fabricated(exchange.reply, exchange.said_language, known):
                yield f"reply {number} says {value!r}, which nothing licenses"

    def _license(self) -> License:
        played, customer = self._played, self._played.stage.customer
        today = played.now.astimezone(ZoneInfo(self._zone)).date()
        known = License(self._zone, today, self._rules.public)
        orders = [o for shop in (played.before, played.after) for o in shop.orders if o.customer_id == customer.id]
        known.add_records([customer, *orders, len(orders), *(len(order.items) for order in orders)])
        fees = _fees(self._rules.policy)
        for order in orders:
            amounts = [value for _, value in flatten(order, "") if isinstance(value, Money)]
            amounts += [Money(i.unit_price.amount * i.quantity, i.unit_price.currency) for i in order.items]
            known.add_records(amounts)
            known.add_sums(list(dict.fromkeys(amounts)), [fee for fee in fees if fee.currency == order.currency])
        known.add_deadlines(walk_numbers(self._rules.policy))
        return known

    def _judge_facts(self) -> Iterator[Finding]:
        speech = self._scenario.speech
        replies = "\n".join(exchange.reply for exchange in self._played.exchanges)
        yield from self._compare(replies, (*self._expect.says, *speech.says), (*self._expect.never, *speech.never), "")
        for number, wanted, exchange in self._turns():
            text = exchange.reply if exchange else ""
            yield from self._compare(text, wanted.says, wanted.never, f"reply to message {number}: ")

    def _turns(self) -> Iterator[tuple[int, TurnExpected, Exchange | None]]:
        by_entry = {e.entry: e for e in self._played.exchanges if e.entry is not None}
        for entry, wanted in enumerate(self._scenario.situation.turns):
            yield entry + 1, wanted, by_entry.get(entry)

    def _compare(self, text: str, says: Facts, never: Facts, where: str) -> Iterator[Finding]:
        for fact in says:
            if self._stands(fact, text):
                self._held.append(name_fact(fact, self._scenario.language))
            else:
                yield Finding("facts", f"{where}{name_fact(fact, self._scenario.language)} is not said")
        for fact in never:
            if self._stands(fact, text):
                yield Finding("facts", f"{where}{name_fact(fact, self._scenario.language)} is said")

    def _stands(self, fact: str | Words, text: str) -> bool:
        """As the shop was, or as it is after."""
        languages = {self._scenario.language, *(e.said_language for e in self._played.exchanges)}
        known = False
        for roots in (self._before, self._after):
            for language in languages:
                try:
                    if is_said(fact, roots, text, language, self._zone):
                        return True
                    known = True
                except KeyError:
                    continue
                except TypeError as error:
                    raise ScenarioError(f"{fact}: {error}", self._scenario.key) from None
        if not known and not self._can_come(fact):
            raise ScenarioError(f"there is no {fact}", self._scenario.key)
        return False

    def _can_come(self, fact: str | Words) -> bool:
        """A part that the conversation makes, such as a refund or a date, is missing where it failed."""
        return isinstance(fact, str) and (fact.endswith("_at") or any(part.isdecimal() for part in fact.split(".")))

    def _judge_outcomes(self) -> Iterator[Finding]:
        last = self._played.exchanges[-1].outcome if self._played.exchanges else ""
        yield from _compare_outcome(last, self._expect.outcome, "the last reply")
        for number, wanted, exchange in self._turns():
            yield from _compare_outcome(
                exchange.outcome if exchange else "", wanted.outcome, f"the reply to message {number}"
            )

    def _judge_handoff(self) -> Iterator[Finding]:
        if self._expect.handoff == "any" or self._expect.handoff == self._played.handed_off:
            return
        reason = self._played.handoff_reason
        yield Finding("handoff", f"a person was asked ({reason})" if self._played.handed_off else "no person was asked")


def _compare_outcome(outcome: str, wanted: Sequence[Outcome], what: str) -> Iterator[Finding]:
    if wanted and outcome not in {w.value for w in wanted}:
        yield Finding("outcome", f"{what} is {outcome or 'missing'}, not {' or '.join(wanted)}")


def name_fact(fact: str | Words, language: str) -> str:
    """A fact as a person reads it."""
    return fact if isinstance(fact, str) else " or ".join(repr(w) for w in fact.get(language, fact.get("any", ())))


def hide(text: str, names: Sequence[str]) -> str:
    """A reply without the words that stand in it as the records have them: whole words only."""
    for name in names:
        if name in text:
            text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", " ", text)
    return text
