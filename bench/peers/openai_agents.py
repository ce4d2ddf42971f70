"""openai-agents: an ``Agent`` over chat completions, function tools, writes that need approval."""

import json
from typing import Any

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    RunContextWrapper,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI

from bench.peers.counter import MakeRival, Pending, Rival, Spoken
from bench.peers.desk import ShopDesk
from bench.peers.plain import MAX_TOKENS

MOST_CALLS = 4


async def _needs_approval(context: RunContextWrapper[ShopDesk], arguments: dict[str, Any], tool: str) -> bool:
    """What the shop's rules refuse needs none: the tool itself says why."""
    return not isinstance(await context.context.check(tool, str(arguments.get("order_number", ""))), str)


async def _approve_cancel(context: RunContextWrapper[Any], arguments: dict[str, Any], call_id: str) -> bool:
    return await _needs_approval(context, arguments, "cancel_order")


async def _approve_return(context: RunContextWrapper[Any], arguments: dict[str, Any], call_id: str) -> bool:
    return await _needs_approval(context, arguments, "return_items")


@function_tool
async def get_order(context: RunContextWrapper[ShopDesk], order_number: str) -> str:
    """Look up an order: status, parcel and tracking, dates, refunds, whether it can be cancelled or returned."""
    return await context.context.look_up(order_number)


@function_tool(needs_approval=_approve_cancel)
async def cancel_order(context: RunContextWrapper[ShopDesk], order_number: str) -> str:
    """Cancel a whole order that has not shipped yet."""
    return await context.context.execute("cancel_order", order_number)


@function_tool(needs_approval=_approve_return)
async def return_items(context: RunContextWrapper[ShopDesk], order_number: str) -> str:
    """Send the delivered item of an order back for a refund."""
    return await context.context.execute("return_items", order_number)


@function_tool
async def hand_off(context: RunContextWrapper[ShopDesk]) -> str:
    """Give the conversation to a human colleague."""
    return context.context.hand_off()


class OpenAIAgents:
    def __init__(self, agent: Agent[ShopDesk], desk: ShopDesk, opening: str) -> None:
        self._agent, self._desk, self._opening = agent, desk, opening
        self._items: list[Any] = []
        self._result: Any = None

    async def say(self, text: str) -> Spoken:
        self._items.append({"role": "user", "content": self._opening + text})
        self._opening = ""
        return await self._run(self._items)

    async def decide(self, confirm: bool) -> Spoken:
        state = self._result.to_state()
        for item in self._result.interruptions:
            (state.approve if confirm else state.reject)(item)
        return await self._run(state)

    async def _run(self, given: Any) -> Spoken:
        self._result = result = await Runner.run(self._agent, given, context=self._desk, max_turns=MOST_CALLS)
        self._items = result.to_input_list()
        if not result.interruptions:
            return Spoken(str(result.final_output or ""))
        item = result.interruptions[0]
        number = str(json.loads(item.arguments or "{}").get("order_number", ""))
        return Spoken("", Pending(str(item.name), number))


def make_openai_agents(client: AsyncOpenAI, model: str, system: str) -> MakeRival:
    set_tracing_disabled(True)
    agent = Agent[ShopDesk](
        name="Customer service",
        instructions=system,
        model=OpenAIChatCompletionsModel(model=model, openai_client=client),
        model_settings=ModelSettings(temperature=0, max_tokens=MAX_TOKENS),
        tools=[get_order, cancel_order, return_items, hand_off],
    )

    async def make(desk: ShopDesk, opening: str) -> Rival:
        return OpenAIAgents(agent, desk, opening)

    return make
