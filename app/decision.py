"""What to do for a message: a tool call, from rules and the retrieval index where they are sure, else the model.

Code narrows what can be decided to what exists; the model chooses among that, and what it chooses is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
from app.tools.registry import Choices, ToolCall, Tools

log = structlog.get_logger()

DECIDE = Sampling(temperature=0.0, max_tokens=64)

ORDER_TOOLS = frozenset({"track_order", "get_refund_status"})

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


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer wants answered, and what may answer it."""

    text: str
    language: str
    history: Sequence[Message]
    orders: Sequence[Order]
    verified: bool
    proof_in: bool
    """A proof came with this message and held."""

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


class Decider:
    """Chooses the tool call of a turn."""

    def __init__(self, tools: Tools, policies: Policies, router: Router, prompts: Prompts) -> None:
        self._tools = tools
        self._policies = policies
        self._router = router
        self._prompts = prompts
        self._names = frozenset(tool.name for tool in tools)

    async def decide(self, question: Question, loan: Loan, budget: Budget, watch: Stopwatch) -> ToolCall:
        """The call that serves the question. Never fails: without a model the index decides alone."""
        with watch.stage("route"):
            intent = self._router.route(question.text, question.language)
            call = self._from_intent(intent, question)
        if intent.certain or not loan.offered:
            return call
        try:
            with watch.stage("decide"):
                model = await loan.borrow()
                async with loan.deadline():
                    return await self._ask(model, question, budget, watch) or call
        except (ModelError, TimeoutError) as error:
            log.warning("decide.failed", error=type(error).__name__)
            return call

    async def _ask(self, model: Model, question: Question, budget: Budget, watch: Stopwatch) -> ToolCall | None:
        choices = Choices(question.order_numbers, tuple(self._policies.policies))
        messages = self._prompts.compose("decide", question.history, question.text, budget, verified=question.verified)
        raw, usage = await complete_json(model, messages, self._tools.schema(choices), DECIDE)
        watch.add(usage)
        call = self._tools.read_call(raw, choices)
        if call and call.name in ORDER_TOOLS:
            return self._about_order(call.name, question)
        return call

    def _from_intent(self, intent: Intent, question: Question) -> ToolCall:
        name = intent.name
        if name in POLICY_OF_INTENT and name not in self._names:
            return ToolCall("answer_from_policy", {"policy": POLICY_OF_INTENT[name]})
        if name in ORDER_TOOLS:
            return self._about_order(name, question)
        if name == "answer_from_policy" and intent.detail:
            return ToolCall(name, {"policy": intent.detail})
        if name == "find_product":
            return ToolCall(name, {"query": question.text[:80]})
        if name == "hand_off":
            return ToolCall(name, {"reason": "customer_asked"})
        if name == "small_talk":
            return ToolCall(name, {"kind": intent.detail or "greeting"})
        if name == "list_orders" and question.verified:
            return ToolCall(name)
        return ToolCall("ask_for_order") if name in {"list_orders", "ask_for_order"} else ToolCall("offer_topics")

    def _about_order(self, name: str, question: Question) -> ToolCall:
        number = question.order_number()
        return ToolCall(name, {"order_number": number}) if number else ToolCall("ask_for_order")
