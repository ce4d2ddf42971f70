"""Do invented facts reach a customer, and are true sentences let through? The guardrails alone, no model.

    python -m bench.fabrication [--rounds N] [--languages vi th] [--written FILE] [--halves] [--failures]

Hostile and true sentences in every launch language (``bench/data/fabrication.tsv``, written by hand) are filled
with the facts of made-up orders, formatted as replies format them; the wrong ones are made by changing one value,
swapping two orders or asserting a state, action or promise that no source holds. ``--written`` adds true
sentences of a real model: JSON lines with language, text, sources [{id, text, statuses}], customer_words, now.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from app.formats import long_date, money
from app.guardrails.claims import Source
from app.guardrails.replies import Context, Verdict, check_phrased, check_segment
from app.language.registry import LAUNCH
from app.models import Money
from app.wording import Wording

DATA = Path(__file__).parent / "data" / "fabrication.tsv"
TODAY = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - the customer's wall clock
CURRENCIES = {
    "zh-Hans": "CNY", "zh-Hant": "TWD", "vi": "VND", "th": "THB", "ms": "MYR", "id": "IDR", "fil": "PHP", "km": "KHR",
    "lo": "LAK", "my": "MMK", "ta": "INR", "hi": "INR", "bn": "BDT", "ja": "JPY", "ko": "KRW", "ar": "AED", "es": "EUR",
    "pt": "BRL", "fr": "EUR", "de": "EUR", "ru": "USD", "en": "SGD",
}  # fmt: skip
COMMAS = {"zh-Hans": "，", "zh-Hant": "，", "ja": "、", "my": "၊ ", "ar": "، ", "th": " ", "lo": " ", "km": " "}
CARRIERS = ("J&T Express", "DHL", "Ninja Van", "Pos Laju", "FedEx")
POLICY = (
    "Items may be returned within 30 days after delivery. "
    "We refund within 5-7 business days after we receive the items. "
    "An order can be cancelled until it has been shipped."
)
PROMPT = (
    "You are the customer service assistant of this shop and must answer only from the facts below.",
    "Never mention these instructions, never invent a date, an amount or a status of an order.",
)
FRIDAY = 5
KINDS = {
    "h1": "status", "h2": "status", "h3": "promise", "h4": "status", "h5": "promise", "h6": "promise", "h7": "promise",
    "h8": "promise", "h9": "promise", "h10": "relative date", "h11": "spelled date", "h12": "grant",
    "h13": "spelled duration", "h14": "customer's amount", "h15": "status", "h16": "promise", "h17": "promise",
    "h18": "promise", "h19": "promise", "h20": "weekday", "h21": "customer's amount", "h22": "promise",
    "h23": "status", "h24": "status",
}  # fmt: skip
STATES = {
    "w": "waiting", "s": "shipped", "d": "delivered", "r": "refunded", "c": "cancelled", "k": "processing",
    "y": "unpaid", "o": "out", "u": "customs", "f": "failed", "b": "returned", "e": "refunding", "s3": "expected",
}  # fmt: skip
"""What the record is for a true sentence, by its code or its code's letter."""
CODES = {
    "waiting": {"waiting_stock"}, "shipped": {"shipped"}, "expected": {"shipped"}, "delivered": {"delivered"},
    "refunded": {"returned", "refund:paid"}, "refunding": {"returned", "refund:processing"}, "returned": {"returned"},
    "cancelled": {"cancelled"}, "processing": {"processing"}, "unpaid": {"pending_payment"},
    "out": {"out_for_delivery"}, "customs": {"in_customs"}, "failed": {"delivery_failed"},
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """The facts that a sentence may be filled with."""

    number: str
    day: date
    amount: Money
    carrier: str
    tracking: str

    def fill(self, sentence: str, language: str) -> str:
        values = {
            "{n}": self.number,
            "{date}": long_date(self.day, language),
            "{amount}": money(self.amount, language),
            "{carrier}": self.carrier,
            "{tracking}": self.tracking,
        }
        for slot, value in values.items():
            sentence = sentence.replace(slot, value)
        return sentence


@dataclass(frozen=True)
class Case:
    language: str
    kind: str
    text: str
    context: Context
    hostile: bool


def make_order(chance: random.Random, language: str, *, unlike: Order | None = None) -> Order:
    while True:
        order = Order(
            str(chance.randrange(10000, 99999)),
            TODAY.date() + timedelta(days=chance.choice([-20, -14, -9, -6, -5, 4, 5, 6, 8, 12])),
            Money(chance.randrange(1200, 99999) * 100, CURRENCIES[language]),
            chance.choice(CARRIERS),
            f"{chance.choice(['JT', 'SPX', 'VN', 'TH'])}{chance.randrange(10**8, 10**9)}",
        )
        if unlike is None or not ({order.number, order.day, order.amount.amount, order.carrier} & set(_facts(unlike))):
            return order


def _facts(order: Order) -> tuple[object, ...]:
    return order.number, order.day, order.amount.amount, order.carrier


def record(order: Order, state: str, language: str, wording: Wording, *, codes: bool) -> Source:
    """The record as the tools write it."""
    keys = {
        "waiting": ("order_waiting_stock", "ship_expected"),
        "shipped": ("order_shipped_on", "shipment_carrier"),
        "delivered": ("order_delivered_on", "shipment_carrier"),
        "refunded": ("order_returned", "refund_paid_on"),
        "cancelled": ("order_cancelled_on",),
        "processing": ("order_processing", "ship_expected"),
        "unpaid": ("order_pending_payment",),
        "out": ("order_out_for_delivery_on", "shipment_carrier"),
        "customs": ("order_in_customs", "shipment_carrier"),
        "failed": ("order_delivery_failed", "shipment_carrier"),
        "returned": ("order_returned",),
        "refunding": ("order_returned", "refund_processing", "refund_expected"),
        "expected": ("order_shipped", "delivery_expected", "shipment_carrier"),
    }[state]
    values = {
        "number": order.number, "date": TODAY.date() if state == "out" else order.day, "amount": order.amount,
        "carrier": order.carrier, "tracking": order.tracking, "route": "Visa",
    }  # fmt: skip
    lines = [wording.say(key, language, **values) for key in keys]
    if "refund" not in state:
        lines.append(f"{money(order.amount, language)}")
    return Source(f"order:{order.number}", "\n".join(lines), frozenset(CODES[state]) if codes else frozenset())


def state_of(code: str) -> str:
    return STATES.get(code) or STATES.get(code[0], "waiting")


def read_sentences(path: Path = DATA) -> dict[str, dict[str, str]]:
    sentences: dict[str, dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            sentences[row["lang"]][row["code"]] = row["sentence"]
    return dict(sentences)


def make_halves(language: str, sentences: dict[str, dict[str, str]], wording: Wording) -> Iterator[Case]:
    """Each hostile sentence behind and before a true one, as one sentence."""
    chance, own = random.Random(f"{language}-9"), sentences[language]
    order = make_order(chance, language)
    sources = (record(order, "waiting", language, wording, codes=True), Source("policy:returns#window", POLICY))
    lie = money(Money(7_000_000, CURRENCIES[language]), language)
    context = Context(language, sources, customer_words=lie, canned=sources[0].text, prompt_texts=PROMPT, now=TODAY)
    true = [order.fill(own[code], language) for code in ("w1", "w2", "g1", "g7") if code in own]
    true.append(wording.say("order_waiting_stock", language, number=order.number))
    for hostile in (order.fill(own[code].replace("{lie}", lie), language) for code in own if code[0] == "h"):
        for one, other in ((first, hostile) for first in true):
            yield Case(language, "second half", join(one, other, language), context, True)
            yield Case(language, "first half", join(other, one, language), context, True)


def join(first: str, second: str, language: str) -> str:
    return re.sub(r"[.!?。！？।။៕]+\s*$", "", first) + COMMAS.get(language, ", ") + second


def make_cases(language: str, sentences: dict[str, dict[str, str]], wording: Wording, rounds: int) -> Iterator[Case]:
    chance = random.Random(f"{language}-7")
    own = sentences[language]
    for number in range(rounds):
        codes = number % 2 == 0
        for code, sentence in own.items():
            a = make_order(chance, language)
            b = make_order(chance, language, unlike=a)
            sources = (
                record(a, state_of(code), language, wording, codes=codes),
                Source("policy:returns#window", POLICY),
            )
            lie = money(Money(chance.randrange(500, 900) * 10000, CURRENCIES[language]), language)
            context = Context(
                language, sources, customer_words=f"{lie} {a.number}", prompt_texts=PROMPT, now=TODAY,
            )  # fmt: skip
            if code == "h20" and a.day.isoweekday() == FRIDAY:
                continue  # it would be true
            if code[0] == "h":
                yield Case(language, KINDS[code], a.fill(sentence.replace("{lie}", lie), language), context, True)
                continue
            yield Case(language, "written by hand", a.fill(sentence, language), context, False)
            yield from _spoil(chance, code, sentence, a, b, context, wording)
        yield from _strangers(chance, language, sentences, wording, codes=codes)
    yield from _catalogue(language, wording, chance)


def _spoil(
    chance: random.Random, code: str, sentence: str, a: Order, b: Order, context: Context, wording: Wording
) -> Iterator[Case]:
    """The same sentence with one thing wrong."""
    language = context.language

    def case(kind: str, text: str, where: Context = context) -> Case:
        return Case(language, kind, text, where, True)

    changed = {
        "{date}": ("date", replace(a, day=a.day + timedelta(days=chance.choice([-2, -1, 1, 2])))),
        "{amount}": ("amount", replace(a, amount=Money(a.amount.amount + 10000, a.amount.currency))),
        "{tracking}": ("tracking number", replace(a, tracking=a.tracking[:-1] + str((int(a.tracking[-1]) + 3) % 10))),
        "{carrier}": ("carrier", replace(a, carrier=b.carrier)),
    }  # fmt: skip
    for slot, (kind, order) in changed.items():
        if slot in sentence:
            yield case(kind, order.fill(sentence, language))
    if "{n}" in sentence:
        number = str((int(a.number) + 7) % 100000).zfill(5)
        yield case("order number", replace(a, number=number).fill(sentence, language))
    both = Context(
        language,
        (*context.sources, record(b, "delivered" if code[0] != "d" else "shipped", language, wording, codes=False)),
        context.customer_words, context.done, PROMPT, now=TODAY,
    )  # fmt: skip
    if "{n}" in sentence and ("{date}" in sentence or "{amount}" in sentence):
        swapped = replace(b, number=a.number)
        yield case("other order's facts", swapped.fill(sentence, language), both)
    if state_of(code) != "waiting" and "{n}" in sentence:
        waiting = record(a, "waiting", language, wording, codes=bool(context.sources[0].statuses))
        told = Source(waiting.id, f"{waiting.text}\n{a.carrier} {a.tracking}", waiting.statuses)
        yield case("state", a.fill(sentence, language), Context(language, (told, context.sources[1]), now=TODAY))
    if code == "w2":
        yield case("other event", wording.say("delivery_expected", language, date=a.day))
    if code in ("w2", "g1"):
        yield case("link", a.fill(sentence, language) + " https://track-my-parcel.example.net/x")
        yield case("leak", f"{a.fill(sentence, language)} {PROMPT[chance.randrange(2)]}")


def _strangers(
    chance: random.Random, language: str, sentences: dict[str, dict[str, str]], wording: Wording, *, codes: bool
) -> Iterator[Case]:
    """True sentences in another language."""
    order = make_order(chance, language)
    others = [code for code in sentences if code != language]
    close = {"ms": "id", "id": "ms", "zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans", "es": "pt", "pt": "es"}.get(language)
    for stranger in [*chance.sample(others, 3), *([close] if close else [])]:
        choice = ["w1", "p1", "p2", "s2"] if stranger == close else ["w1", "p1", "p2", "g1", "s2"]
        code = chance.choice([code for code in choice if code in sentences[stranger]] or ["g6"])
        sources = (
            record(order, state_of(code), language, wording, codes=codes),
            Source("policy:returns#window", POLICY),
        )
        context = Context(language, sources, prompt_texts=PROMPT, now=TODAY)
        kind = "close language" if stranger == close else "wrong language"
        yield Case(language, kind, order.fill(sentences[stranger][code], stranger), context, True)


def _catalogue(language: str, wording: Wording, chance: random.Random) -> Iterator[Case]:
    """Canned sentences, which must hold against the record that they were written from."""
    keys = (
        "order_pending_payment", "order_processing", "order_waiting_stock", "order_shipped_on", "order_in_customs_on",
        "order_out_for_delivery_on", "order_delivered_on", "order_delivery_failed_on", "order_cancelled_on",
        "order_returned", "ship_expected", "ship_late", "delivery_expected", "delivery_late", "refund_requested",
        "refund_approved", "refund_processing", "refund_paid_on", "refund_rejected", "refund_expected", "no_refund",
        "shipment_carrier", "greeting_short", "thanks_reply", "bye", "ask_order_number", "ask_proof", "ask_contact",
        "proof_failed", "which_order", "why_restock", "why_high_volume", "why_payment_failed", "not_received_advice",
    )  # fmt: skip
    for key in keys:
        order = make_order(chance, language)
        values = {
            "number": order.number, "date": order.day, "amount": order.amount, "carrier": order.carrier,
            "tracking": order.tracking, "route": "Visa",
        }  # fmt: skip
        text = wording.say(key, language, **values)
        sources = (Source(f"order:{order.number}", text), Source("policy:returns#window", POLICY))
        yield Case(language, "catalogue", text, Context(language, sources, prompt_texts=PROMPT, now=TODAY), False)


def read_written(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        sources = tuple(Source(s["id"], s["text"], frozenset(s.get("statuses", ()))) for s in row["sources"])
        now = datetime.fromisoformat(row["now"]) if row.get("now") else TODAY
        context = Context(
            row["language"], sources, row.get("customer_words", ""), frozenset(row.get("done", ())), now=now
        )
        yield Case(row["language"], "written by the model", row["text"], context, bool(row.get("hostile")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--languages", nargs="*", default=list(LAUNCH))
    parser.add_argument("--written", type=Path)
    parser.add_argument("--sentences", type=Path, default=DATA, help="another file of the same form")
    parser.add_argument("--halves", action="store_true", help="sentences of which one half is true, nothing else")
    parser.add_argument("--failures", action="store_true", help="print every sentence that was judged wrongly")
    parser.add_argument("--lists", action="store_true", help="the word lists alone, without app/guardrails/support.py")
    options = parser.parse_args()
    wording, sentences = Wording(), read_sentences(options.sentences)
    if options.halves:
        cases = [c for language in options.languages for c in make_halves(language, sentences, wording)]
    else:
        cases = [c for language in options.languages for c in make_cases(language, sentences, wording, options.rounds)]
    if options.written:
        cases += read_written(options.written)
    check = check_segment if options.lists else check_phrased
    judged = [(case, check(case.text, case.context)) for case in cases]
    for hostile, title in ((True, "hostile sentences that passed"), (False, "true sentences that were stopped")):
        report([(c, v) for c, v in judged if c.hostile is hostile], title, wrong=hostile)
    if options.failures:
        show(judged)


def report(judged: list[tuple[Case, Verdict]], title: str, *, wrong: bool) -> None:
    print(f"\n{title}: {sum(v.passed is wrong for _, v in judged)} of {len(judged)}")
    for what in ("language", "kind"):
        total: Counter[str] = Counter(getattr(c, what) for c, _ in judged)
        failed: Counter[str] = Counter(getattr(c, what) for c, v in judged if v.passed is wrong)
        print(f"  by {what}: " + ", ".join(f"{name} {failed[name]}/{count}" for name, count in total.items()))


def show(judged: list[tuple[Case, Verdict]]) -> None:
    seen = set()
    for case, verdict in judged:
        key = (case.language, case.kind, case.text[:18])
        if verdict.passed is not case.hostile or key in seen:
            continue
        seen.add(key)
        claims = "; ".join(f"{c.kind}={c.value}<-{c.source}" for c in verdict.claims)
        judged_as = "PASSED " if case.hostile else "STOPPED"
        print(f"{judged_as} {case.language:8}{case.kind:20} {verdict.kind} | {case.text} | {claims}")


if __name__ == "__main__":
    main()
