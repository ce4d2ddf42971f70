"""LangChain's ``create_agent`` with tools, its human-in-the-loop middleware and an in-memory checkpointer."""

from itertools import count
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware, ModelCallLimitMiddleware
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool, tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from bench.peers.counter import MakeRival, Pending, Rival, Spoken
from bench.peers.desk import ShopDesk
from bench.peers.plain import MAX_TOKENS

WRITES = ("cancel_order", "return_items")
MOST_CALLS = 4
"""Of the model in one turn."""
_threads = count()


def make_tools(desk: ShopDesk) -> list[BaseTool]:
    @tool
    async def get_order(order_number: str) -> str:
        """Look up an order: status, parcel and tracking, dates, refunds, whether it can be cancelled or returned."""
        return await desk.look_up(order_number)

    @tool
    async def cancel_order(order_number: str) -> str:
        """Cancel a whole order that has not shipped yet."""
        return await desk.execute("cancel_order", order_number)

    @tool
    async def return_items(order_number: str) -> str:
        """Send the delivered item of an order back for a refund."""
        return await desk.execute("return_items", order_number)

    @tool
    async def hand_off() -> str:
        """Give the conversation to a human colleague."""
        return desk.hand_off()

    return [get_order, cancel_order, return_items, hand_off]


class LangChain:
    def __init__(self, agent: Any, desk: ShopDesk, opening: str) -> None:
        self._agent, self._desk, self._opening = agent, desk, opening
        self._config = {"configurable": {"thread_id": str(next(_threads))}}

    async def say(self, text: str) -> Spoken:
        message = {"role": "user", "content": self._opening + text}
        self._opening = ""
        return await self._run({"messages": [message]})

    async def decide(self, confirm: bool) -> Spoken:
        decision = {"type": "approve"} if confirm else {"type": "reject"}
        return await self._run(Command(resume={"decisions": [decision]}))

    async def _run(self, given: Any) -> Spoken:
        """Until the agent has answered or the customer has to confirm. What the shop's rules refuse is answered by
        the shop in the tool's place, so that nobody is asked to confirm what cannot be done."""
        for _ in range(MOST_CALLS):  # the middleware's limit begins anew with each resumption
            result = await self._agent.ainvoke(given, self._config)
            interrupts = result.get("__interrupt__")
            last = next(m for m in reversed(result["messages"]) if isinstance(m, AIMessage))
            if not interrupts:
                return Spoken(str(last.text))
            requests = interrupts[0].value["action_requests"]
            decisions: list[dict[str, Any]] = []
            for request in requests:
                number = str(request["args"].get("order_number", ""))
                checked = await self._desk.check(request["name"], number)
                if not isinstance(checked, str) and len(requests) == 1:
                    return Spoken(str(last.text), Pending(request["name"], number))
                reason = checked if isinstance(checked, str) else "Ask for one change at a time."
                decisions.append({"type": "respond", "message": reason})
            given = Command(resume={"decisions": decisions})
        raise RuntimeError("the model keeps calling what the shop refuses")


def make_langchain(url: str, model: str, system: str) -> MakeRival:
    llm = ChatOpenAI(base_url=url, api_key="none", model=model, max_tokens=MAX_TOKENS, temperature=0, max_retries=0)

    async def make(desk: ShopDesk, opening: str) -> Rival:
        gates: dict[str, Any] = {name: {"allowed_decisions": ["approve", "reject", "respond"]} for name in WRITES}
        agent = create_agent(
            llm,
            make_tools(desk),
            system_prompt=system,
            middleware=[
                HumanInTheLoopMiddleware(interrupt_on=gates),
                ModelCallLimitMiddleware(run_limit=MOST_CALLS, exit_behavior="error"),
            ],
            checkpointer=InMemorySaver(),
        )
        return LangChain(agent, desk, opening)

    return make
