"""What to do for a message: a tool call, from rules and the retrieval index where they are sure, else the model.

Code narrows what can be decided to what exists; the model chooses among that, and what it chooses is checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from app.errors import ModelError
from app.identity import find_order_numbers, strip_proof
from app.intents import POLICY_OF_INTENT, Intent, Router
from app.language.consent import begins_with_yes
from app.llm.base import Model, Sampling
from app.llm.calls import complete_json
from app.llm.loan import Loan
from app.models import Author, Message, Order, Outcome
from app.policies import Policies
from app.policies.rules import VouchersRules
from app.prompts import Budget, Prompts
from app.reading import Reading, asks_rule, is_unshipped, read_wish, weigh
from app.requests import SAYS_SOMETHING, count_letters, split_clauses, split_requests
from app.stopwatch import Stopwatch
from app.tools.problems import read_problem
from app.tools.registry import WORDS_LIMIT, Choices, Kind, ToolCall, Tools
from app.tools.vouchers import find_voucher

log = structlog.get_logger()

DECIDE = Sampling(temperature=0.0, max_tokens=64)

ROUNDS = 4
"""Requests of one message that are served (DESIGN §4)."""

SHOWN_ORDERS = 10
"""Orders that the model may choose among; older ones are named by their number."""

MOST_CLAUSES = 6
"""A message of more is a letter: which clause is meant cannot be told."""

VAGUE = frozenset({"small_talk", "answer_from_policy", "ask_for_order", "offer_topics", "hand_off"})
"""What a clause may say beside the wish."""

AROUND_PROOF = 40
"""Characters beside a proof that may only introduce it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer wants answered, and what may answer it."""

    text: str
    language: str
    history: Sequence[Message]
    orders: Sequence[Order]
    verified: bool
    asked: Mapping[str, Any]
    """The tool call that our last reply asked the customer to complete."""
    proposed: ToolCall | None = None
    """What our last reply proposed, while that is open."""

    @property
    def order_numbers(self) -> tuple[str, ...]:
        return tuple(order.number for order in self.orders)

    def mentioned(self) -> list[str]:
        """What may be order numbers in the customer's words."""
        return find_order_numbers(self.text)

    def order(self) -> Order | None:
        """The order that is meant, where that is clear."""
        number = self.order_number()
        return next((order for order in self.orders if order.number == number), None)

    def order_number(self) -> str | None:
        """The order that is meant: the one named here, the only one, or the one last spoken of."""
        known = self.order_numbers
        named = [number for number in self.mentioned() if number in known]
        if named:
            return named[0]
        if self.mentioned():
            return None
        if len(known) == 1:
            return known[0]
        spoken = (n for m in reversed(self.history) for n in find_order_numbers(m.text) if n in known)
        return next(spoken, None)


def find_pending(text: str, history: Sequence[Message]) -> str:
    """The question that a proof answers: what made us ask for it, unless more than that is said beside the proof."""
    left = strip_proof(text)
    asked = [m for m in history if m.author is Author.CUSTOMER and m.outcome is Outcome.CLARIFIED]
    last = next((m for m in reversed(history) if m.author is Author.ASSISTANT), None)
    proof_asked = last is not None and last.metrics is not None and "proof" in last.metrics.asked
    least = 0 if proof_asked and len(left) <= AROUND_PROOF else len(left)
    earlier = [m.text for m in asked if len(strip_proof(m.text)) > least]
    # What stands around a proof ("my e-mail is …") says nothing: it would be taken for a wish about e-mails.
    return " ".join([earlier[-1], *find_order_numbers(text)]) if earlier else text


class Decider:
    """Chooses the tool call of a turn."""

    def __init__(self, tools: Tools, policies: Policies, router: Router, prompts: Prompts) -> None:
        self._tools = tools
        self._policies = policies
        self._router = router
        self._prompts = prompts
        self._names = frozenset(tool.name for tool in tools)

    async def decide(self, question: Question, loan: Loan, budget: Budget, watch: Stopwatch) -> list[ToolCall]:
        """The calls that serve the question, in order. Never fails: without a model the index decides alone."""
        with watch.stage("route"):
            intent = self._router.route(question.text, question.language)
            known = (
                self._repeat(question, intent) or self._correct(question, intent) or self._complete(question, intent)
            )
            several = [] if known else self._split(question)
            if not known and not several:
                intent = self._read_clauses(question, intent)
            calls = known or several or self._from_intent(intent, question)
        if intent.certain or not loan.decides or several:
            return calls
        try:
            with watch.stage("decide"):
                model = await loan.borrow()
                async with loan.deadline():
                    call = await self._ask(model, question, budget, watch)
                    return [call] if call else calls
        except (ModelError, TimeoutError) as error:
            log.warning("decide.failed", error=type(error).__name__)
            return calls

    def _read_clauses(self, question: Question, whole: Intent) -> Intent:
        """What the whole message asks for; where that is not sure, what its one clear clause asks for.

        Who tells a story first is uncertain as a whole: "my husband bought it already. Please cancel 12345".
        """
        if (not whole.certain or whole.name == "small_talk") and self._names_voucher(question.text):
            return Intent("apply_voucher", whole.score, certain=True)
        clauses = [part for part in split_clauses(question.text) if len(strip_proof(part)) >= SAYS_SOMETHING]
        general = whole.name == "answer_from_policy" and not question.verified
        if whole.certain or general or not 2 <= len(clauses) <= MOST_CLAUSES or read_problem(question.text):
            return whole
        read = [self._router.route(clause, question.language) for clause in clauses]
        if read[-1].certain and read[-1].name == "hand_off":
            return read[-1]
        acts = {intent.name for intent in (whole, *read) if self._changes(intent.name)}
        clear = [intent for intent in read if intent.certain and self._may_be_meant(intent, question, acts)]
        return clear[0] if len({intent.name for intent in clear}) == 1 else whole

    def _may_be_meant(self, clause: Intent, question: Question, acts: set[str]) -> bool:
        """Not what is said by the way, nor what is pointless for the order; a complaint beside a wish asks nothing."""
        order = question.order()
        if clause.name not in self._names - VAGUE or (order and weigh(clause.name, order) < 0):
            return False
        return not acts - {clause.name}

    def _names_voucher(self, text: str) -> bool:
        rules = self._policies.policies["vouchers"].rules if "vouchers" in self._policies.policies else None
        return isinstance(rules, VouchersRules) and find_voucher(text, rules)[1] is not None

    def _repeat(self, question: Question, intent: Intent) -> list[ToolCall]:
        """The open proposal again, for a yes that says more than yes: only a plain one confirms (I6)."""
        call = question.proposed
        other = intent.certain and not (intent.name == "small_talk" and intent.detail in {"ok", "thanks"})
        if call is None or (other and intent.name != call.name) or not begins_with_yes(question.text):
            return []
        return [] if question.mentioned() and question.order_number() != call.arguments.get("order_number") else [call]

    def _correct(self, question: Question, intent: Intent) -> list[ToolCall]:
        """What we proposed, for the other order that is named now: "wrong number, I meant 12588"."""
        call, order = question.proposed, question.order()
        if call is None or order is None or not question.mentioned() or (intent.certain and intent.name != call.name):
            return []
        other = order.number != call.arguments.get("order_number")
        return [ToolCall(call.name, {"order_number": order.number})] if other else []

    def _complete(self, question: Question, intent: Intent) -> list[ToolCall]:
        """The call that our last reply asked to complete, unless the customer now wants something else."""
        name = str(question.asked.get("tool", ""))
        order_number = question.asked.get("order_number")
        if name not in self._tools or order_number not in question.order_numbers:
            return []
        if intent.certain and intent.name not in {name, "small_talk"}:
            return []
        known = {key: str(value) for key, value in question.asked.items() if key not in {"tool", "then"}}
        return [ToolCall(name, {"address": question.text, "code": question.text, **known})]

    def _split(self, question: Question) -> list[ToolCall]:
        """Several requests in one message, each for an order that it names, those that only read first; empty when
        there is but one."""
        named = {order.number: order for order in question.orders if order.number in question.mentioned()}
        if len(named) < 2:
            return []
        wishes: dict[str, str] = {}
        name = ""
        for clause in split_requests(question.text):
            numbers = [number for number in find_order_numbers(clause) if number in named]
            if count_letters(strip_proof(clause)) >= SAYS_SOMETHING:
                name = self._wish_of(clause, named[numbers[0]] if numbers else None, question.language) or name
            wishes |= dict.fromkeys(numbers, name)
        first = next(filter(None, wishes.values()), "track_order")  # "12345 and 12346, where are they"
        calls = [ToolCall(wish or first, {"order_number": number}) for number, wish in wishes.items()]
        return sorted(calls, key=lambda call: self._changes(call.name))[:ROUNDS]

    def _wish_of(self, clause: str, order: Order | None, language: str) -> str:
        """What a clause asks for an order: how it stands, where it names one and is not understood; empty where it says
        nothing about one."""
        intent = self._router.route(clause, language)
        wish = read_wish(intent, order, clause).intent.name if order else intent.name
        if self._takes_order(wish) and (order or intent.certain):
            return wish
        return "track_order" if order else ""

    def _changes(self, name: str) -> bool:
        return name in self._tools and self._tools.kind_of(name) is Kind.WRITE

    def _takes_order(self, name: str) -> bool:
        return name in self._tools and "order_number" in self._tools.arguments_of(name)

    async def _ask(self, model: Model, question: Question, budget: Budget, watch: Stopwatch) -> ToolCall | None:
        choices = self._choices(question)
        messages = self._prompts.compose(
            "decide",
            question.history,
            question.text,
            budget,
            verified=question.verified,
            orders=question.orders[:SHOWN_ORDERS],
        )
        watch.count_call()
        raw, usage = await complete_json(model, messages, self._tools.schema(choices), DECIDE)
        watch.add(usage)
        call = self._tools.read_call(raw, choices)
        if call and self._takes_order(call.name):
            return self._about_order(call, question)
        return call

    def _choices(self, question: Question) -> Choices:
        """Only what exists for this customer: nothing else can be named (I5)."""
        orders = question.orders[:SHOWN_ORDERS]
        return Choices(
            order_numbers=tuple(order.number for order in orders),
            policy_ids=tuple(self._policies.policies),
            items=tuple(item.id for order in orders for item in order.items),
        )

    def _from_intent(self, intent: Intent, question: Question) -> list[ToolCall]:
        reading = read_wish(intent, question.order(), question.text) if question.verified else Reading(intent)
        intent, name = reading.intent, reading.intent.name
        if name == "small_talk" and question.mentioned():
            name = "ask_for_order"  # "hello, where is 12345"
        if name == "ask_for_order" and question.mentioned() and question.verified and question.order_number():
            name = "track_order"  # there is nothing to ask: she named an order that is open to her
        if self._takes_order(name):
            if question.verified:
                rule = [ToolCall("answer_from_policy", {"policy": reading.rule})] if reading.rule else []
                problem = intent.problem if name == "report_problem" else None
                call = ToolCall(name, {"problem": problem} if problem else {})
                return [*(rule if self._changes(name) else []), self._about_order(call, question)]
            policy = POLICY_OF_INTENT.get(name)
            asking = [] if asks_rule(intent) else [ToolCall("ask_for_order")]
            return [ToolCall("answer_from_policy", {"policy": policy}), *asking] if policy else asking
        if name == "answer_from_policy" and intent.detail:
            return [ToolCall(name, {"policy": intent.detail})]
        if name in POLICY_OF_INTENT:
            return [ToolCall("answer_from_policy", {"policy": POLICY_OF_INTENT[name]})]
        if name == "find_product":
            return [ToolCall(name, {"query": question.text[:WORDS_LIMIT]})]
        if name == "hand_off":
            return [ToolCall(name, {"reason": "customer_asked"})]
        if name == "small_talk":
            return [ToolCall(name, {"kind": intent.detail or "greeting"})]
        if name == "list_orders" and len(question.orders) == 1:
            order = {"order_number": question.orders[0].number}  # a list of one says less than the order itself
            return [ToolCall("show_order", order), ToolCall("track_order", order)]
        if name == "list_orders" and question.verified:
            return [ToolCall(name)]
        return [ToolCall("ask_for_order" if name in {"list_orders", "ask_for_order"} else "offer_topics")]

    def _about_order(self, call: ToolCall, question: Question) -> ToolCall:
        """The call with the order that is meant; a number in the customer's words beats the model's choice."""
        if call.name == "apply_voucher" and not question.order_number():
            question = replace(question, text="")  # a code such as MEGA1111 looks like an order number
        number = question.order_number() or call.arguments.get("order_number")
        unknown = question.mentioned() and not question.order_number()
        if call.name == "apply_voucher" and unknown and len(question.orders) == 1:
            number, unknown = question.orders[0].number, False  # what looks like a number is the voucher's code
        if not number or unknown:
            return ToolCall("ask_for_order")
        meant = next((order for order in question.orders if order.number == number), None)
        if call.name == "exchange_items" and meant and is_unshipped(meant):  # it has not left: swap it where it lies
            call = ToolCall("change_items", call.arguments)
        return ToolCall(call.name, {**call.arguments, "order_number": number})
