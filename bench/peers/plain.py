"""A plain prompt: the instructions, the policies and the order pasted, one call a message, no tools."""

from openai import AsyncOpenAI

from bench.peers.counter import MakeRival, Rival, Spoken
from bench.peers.desk import ShopDesk

MAX_TOKENS = 200


class Plain:
    def __init__(self, client: AsyncOpenAI, model: str, system: str, opening: str) -> None:
        self._client, self._model, self._opening = client, model, opening
        self._messages = [{"role": "system", "content": system}]

    async def say(self, text: str) -> Spoken:
        self._messages.append({"role": "user", "content": self._opening + text})
        self._opening = ""
        answer = await self._client.chat.completions.create(
            model=self._model,
            messages=self._messages,  # type: ignore[arg-type]
            max_tokens=MAX_TOKENS,
        )
        reply = answer.choices[0].message.content or ""
        self._messages.append({"role": "assistant", "content": reply})
        return Spoken(reply)

    async def decide(self, confirm: bool) -> Spoken:
        raise NotImplementedError("a plain prompt proposes nothing")


def make_plain(client: AsyncOpenAI, model: str, system: str) -> MakeRival:
    async def make(desk: ShopDesk, opening: str) -> Rival:
        facts = [await desk.get_order(order.number) for order in await desk.list_orders()]
        return Plain(client, model, system, opening + "Order data:\n" + "\n\n".join(facts) + "\n\nCustomer: ")

    return make
