"""What to do for a message: a tool call, from rules and the retrieval index where they are sure, else the model.

Code narrows what can be decided to what exists; the model chooses among that, and what it chooses is checked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from app.errors import ModelError
from app.identity import find_order_numbers, strip_proof
from app.intents import Intent, Router
from app.llm.base import Model, Sampling
from app.llm.calls import complete_json
from app.llm.loan import Loan
from app.models import Author, Message, Order, Outcome
from app.policies import Policies
from app.prompts import Budget, Prompts
from app.stopwatch import Stopwatch
from app.tools.problems import read_problem
from app.tools.registry import WORDS_LIMIT, Choices, ToolCall, Tools

log = structlog.get_logger()

DECIDE = Sampling(temperature=0.0, max_tokens=64)

ROUNDS = 4
"""Requests of one message that are served (DESIGN §4)."""

SHOWN_ORDERS = 10
"""Orders that the model may choose among; older ones are named by their number."""

CLAUSE = re.compile(r"[,;.\n、，。；।؛،]|\s(?:and|dan|và|va|at|y|e|et|und|и|und dann|lalu|แล้ว|และ|与|和)\s", re.I)

POLICY_OF_INTENT = {
    "cancel_order": "cancellation",
    "return_items": "returns",
    "exchange_items": "exchanges",
    "change_address": "address-change",
    "change_payment_method": "payment",
    "report_problem": "damaged",
    "resend_invoice": "invoices",
    "apply_voucher": "vouchers",
}
"""The policy that answers a wish for which the counter has no tool."""


TALK = frozenset({"answer_from_policy", "small_talk", "out_of_scope", "ask_for_order"})
"""Intents that do nothing: "it came broken" from somebody whose orders are open is to be reported instead."""


ON_ITS_WAY = frozenset({"shipping", "delays", "preorders", "customs"})
"""Policies whose questions are mostly about the customer's own order."""


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

    @property
    def order_numbers(self) -> tuple[str, ...]:
        return tuple(order.number for order in self.orders)

    def mentioned(self) -> list[str]:
        """What may be order numbers in the customer's words."""
        return find_order_numbers(self.text)

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
    """The question that a proof answers: what is left beside the proof, else what made us ask for it."""
    left = strip_proof(text)
    asked = [m for m in history if m.author is Author.CUSTOMER and m.outcome is Outcome.CLARIFIED]
    earlier = [m.text for m in asked if len(strip_proof(m.text)) > len(left)]
    return f"{earlier[-1]}\n{text}" if earlier else text


def _means_own_order(intent: Intent) -> bool:
    """Whether "where is it" comes right after a general answer: from somebody whose orders are open, it was meant."""
    general = intent.detail in ON_ITS_WAY if intent.name == "answer_from_policy" else intent.name == "find_product"
    return general and intent.others[:1] == ("track_order",)


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
            calls = self._complete(question, intent) or self._split(question) or self._from_intent(intent, question)
        if intent.certain or not loan.decides or len(calls) > 1:
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
        """Several requests in one message, each for an order that it names; empty when there is but one."""
        named = [number for number in question.mentioned() if number in question.order_numbers]
        if len(named) < 2:
            return []
        calls: list[ToolCall] = []
        name = ""
        for clause in CLAUSE.split(question.text):
            intent = self._router.route(clause, question.language)
            if intent.certain and intent.name in self._names:
                name = intent.name
            numbers = [number for number in find_order_numbers(clause) if number in named]
            calls += [ToolCall(name, {"order_number": number}) for number in numbers if name]
        if not calls:
            name = self._router.route(question.text, question.language).name
            wanted = name if name in self._names and self._takes_order(name) else "track_order"
            calls = [ToolCall(wanted, {"order_number": number}) for number in named]
        return [call for call in calls if self._takes_order(call.name)][:ROUNDS]

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
        name = intent.name
        if question.verified and not intent.certain and name in TALK and read_problem(question.text):
            name = "report_problem"
        if question.verified and not intent.certain and _means_own_order(intent):
            name = "track_order"
        if name == "ask_for_order" and question.mentioned() and question.verified and question.order_number():
            name = "track_order"  # there is nothing to ask: she named an order that is open to her
        if self._takes_order(name):
            if question.verified:
                return [self._about_order(ToolCall(name), question)]
            policy = POLICY_OF_INTENT.get(name)
            asking = ToolCall("ask_for_order")
            return [ToolCall("answer_from_policy", {"policy": policy}), asking] if policy else [asking]
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
        return ToolCall(call.name, {**call.arguments, "order_number": number})
