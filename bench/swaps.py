"""Is a rule's value held to what the policy says it of? Two true values swapped, against the shipped policies.

    python -m bench.swaps [--sentences FILE] [--languages vi th] [--failures]

Sentences in every launch language (``bench/data/swaps.tsv``, another writer's in ``swaps_unseen.tsv``) state one or two
values of a policy: the days of a refund to a card, the months of a bag's warranty. Each is judged with its own values,
and with each of them replaced by another value of the same policy and unit. The sources are the policy's sections in
the sentence's language, as a turn has them.
"""

import argparse
import csv
import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from pathlib import Path

from app.formats import money
from app.guardrails.claims import Source
from app.guardrails.replies import Context, check_phrased
from app.language.registry import LAUNCH
from app.models import Money
from app.policies import Policies, load
from bench.fabrication import PROMPT, TODAY, Case, report, show

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data" / "swaps.tsv"
CURRENCY = "SGD"
SLOTS = {
    "wallet": "refunds.days_by_route.e_wallet", "bank": "refunds.days_by_route.bank_transfer",
    "card": "refunds.days_by_route.card",
    "fee": f"shipping.fees.{CURRENCY}", "free": f"shipping.free_from.{CURRENCY}",
    "dispatch": "shipping.dispatch_days", "vietnam": "shipping.delivery_days.VN",
    "thailand": "shipping.delivery_days.TH", "singapore": "shipping.delivery_days.SG",
    "window": "returns.window_days", "send": "returns.send_within_days", "look": "returns.inspection_days",
    "customs": "customs.usual_days", "reply": "customs.answer_within_days", "stuck": "customs.report_after_days",
    "lost": "delays.lost_after_days", "search": "delays.search_days",
    "appliances": "warranty.months_by_category.electronics", "bags": "warranty.months_by_category.bags",
    "other": "warranty.default_months",
}  # fmt: skip
"""Where each slot's value stands in the policies' rules."""
GROUPS = (
    ("wallet", "bank", "card"), ("fee", "free"), ("dispatch", "vietnam", "thailand", "singapore"),
    ("window", "send", "look"), ("customs", "reply", "stuck"), ("lost", "search"), ("appliances", "bags", "other"),
)  # fmt: skip
"""Slots of one policy and one unit."""


def find_rule(policies: Policies, path: str) -> object:
    policy, *names = path.split(".")
    found: object = policies.policies[policy].rules
    for name in names:
        found = found[name] if isinstance(found, Mapping) else getattr(found, name)
    return found


def write_value(policies: Policies, slot: str, language: str) -> str:
    value = find_rule(policies, SLOTS[slot])
    if slot in ("fee", "free"):
        return money(Money(int(str(value)), CURRENCY), language)
    return "–".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def make_cases(policies: Policies, rows: list[dict[str, str]], languages: list[str]) -> Iterator[Case]:
    for row in rows:
        language, slots = row["lang"], row["code"].split("+")
        if language not in languages:
            continue
        policy = SLOTS[slots[0]].split(".")[0]
        group = next(group for group in GROUPS if slots[0] in group)
        values = {slot: write_value(policies, slot, language) for slot in group}
        sources = read_sections(policies, policy, language)
        canned = "\n\n".join(s.text for s in sources if any(values[slot] in s.text for slot in slots))
        context = Context(language, sources, canned=canned, prompt_texts=PROMPT, now=TODAY)
        for chosen in permutations(group, len(slots)):
            text = fill(row["sentence"], {slot: values[other] for slot, other in zip(slots, chosen, strict=True)})
            hostile = [values[slot] for slot in slots] != [values[slot] for slot in chosen]
            if hostile or list(chosen) == slots:
                yield Case(language, row["code"], text, context, hostile)


def read_sections(policies: Policies, policy: str, language: str) -> tuple[Source, ...]:
    sections = policies.render(policy, language=language)
    return tuple(Source(f"policy:{s.policy}#{s.section}", s.text, title=s.title) for s in sections)


def fill(sentence: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], sentence)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=Path, default=DATA)
    parser.add_argument("--languages", nargs="*", default=list(LAUNCH))
    parser.add_argument("--failures", action="store_true", help="print every sentence that was judged wrongly")
    options = parser.parse_args()
    with options.sentences.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    cases = list(make_cases(load(ROOT / "policies"), rows, options.languages))
    judged = [(case, check_phrased(case.text, case.context)) for case in cases]
    for hostile, title in ((True, "swapped values that passed"), (False, "true sentences that were stopped")):
        report([(c, v) for c, v in judged if c.hostile is hostile], title, wrong=hostile)
    stopped = [(c, v) for c, v in judged if not c.hostile and not v.passed]
    misplaced = sum(claim.kind in ("duration", "amount") for _, v in stopped for claim in v.claims if not claim.source)
    print(f"\nof the true ones stopped, for a value: {misplaced}; for unknown words: {len(stopped) - misplaced}")
    if options.failures:
        show(judged)


if __name__ == "__main__":
    main()
