"""The product with the model switched off: what it answers in 22 languages, and how fast.

    python -m bench.canned questions     the 16 questions of the first step: truth and milliseconds
    python -m bench.canned tour [--languages vi th]   seven requests a language, printed to be read

``KAUNTER_MODEL_BACKEND=none`` on a fresh demo shop, in a warm process: something else was asked in each language
before. The second figure is the same question once more, when its vector is known. An answer is true when it holds the
status sentence and the date of the record of order 12345 and stands in the right language by ``app.evaluation.tongue``.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import yaml

from app import formats
from app.config import find_content, load_settings
from app.conversations import Conversations
from app.evaluation.tongue import judge
from app.identity import Proof
from app.language.registry import LAUNCH
from app.main import Services, build_services
from app.models import Message, OrderStatus

QUESTIONS = {
    "vi": "Sao đơn hàng của tôi chưa được gửi, đang ở đâu rồi?",
    "th": "ทำไมคำสั่งซื้อของฉันยังไม่ส่ง ตอนนี้อยู่ที่ไหน",
    "ms": "Kenapa pesanan saya belum dihantar, di mana sekarang?",
    "id": "Kenapa pesanan saya belum dikirim, sekarang di mana?",
    "fil": "Bakit hindi pa naipapadala ang order ko, nasaan na?",
    "km": "ហេតុអ្វីបានជាការបញ្ជាទិញរបស់ខ្ញុំមិនទាន់ផ្ញើ នៅឯណាហើយ?",
    "lo": "ເປັນຫຍັງຄຳສັ່ງຊື້ຂອງຂ້ອຍຍັງບໍ່ສົ່ງ ຢູ່ໃສແລ້ວ?",
    "my": "ကျွန်တော့်အော်ဒါ ဘာလို့ မပို့သေးတာလဲ၊ ဘယ်ရောက်နေပြီလဲ။",
    "zh-Hans": "我的订单为什么还没发货，现在到哪里了？",
    "ta": "என் ஆர்டர் ஏன் இன்னும் அனுப்பப்படவில்லை, எங்கே இருக்கிறது?",
    "hi": "मेरा ऑर्डर अभी तक क्यों नहीं भेजा गया, वह कहाँ है?",
    "ar": "لماذا لم يُشحن طلبي بعد، وأين هو الآن؟",
    "ja": "注文がまだ発送されないのはなぜですか、今どこにありますか？",
    "ko": "제 주문이 왜 아직 발송되지 않았나요, 지금 어디에 있나요?",
    "es": "¿Por qué no se ha enviado mi pedido y dónde está?",
    "en": "Why has my order not shipped yet, and where is it?",
}
TOUR = (
    ("track_order", OrderStatus.SHIPPED),
    ("get_refund_status", OrderStatus.RETURNED),
    ("cancel_order", OrderStatus.PROCESSING),
    ("cancel_order", OrderStatus.SHIPPED),
    ("return_items", OrderStatus.DELIVERED),
    ("change_address", None),
    ("hand_off", None),
)
"""What is asked of an order in which state; None: by a stranger."""
ORDER = Proof("12345", "lan.nguyen@example.com")


@asynccontextmanager
async def open_shop() -> AsyncIterator[Services]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(model_backend="none", demo=True, database_url=f"sqlite+aiosqlite:///{folder}/shop.db")
        services = await build_services(settings)
        await services.start()
        try:
            yield services
        finally:
            await services.close()


async def say(counter: Conversations, key: str, text: str, client_id: str = "m1") -> Message:
    receipt = await counter.receive_message(key, client_id, text, address="bench")
    reply = None
    async for event in counter.follow(key, receipt.message.seq):
        reply = event if isinstance(event, Message) else None
    if reply is None:
        raise RuntimeError("the turn ended without a reply")
    return reply


async def ask(counter: Conversations, language: str, text: str, proof: Proof | None = ORDER) -> Message:
    """One question in a conversation of its own, whose language is heard, not given."""
    key = (await counter.start(language)).conversation.id
    if proof:
        await counter.verify_contact(key, proof, address=key)
    return await say(counter, key, text)


async def time_questions() -> None:
    async with open_shop() as services:
        counter = services.conversations
        for language in QUESTIONS:
            await ask(counter, language, "hello")
        customer = await services.store.find_order_contact(ORDER.order_number)
        assert customer is not None
        order = (await services.store.find_orders(customer.customer_id, ORDER.order_number))[0]
        assert order.expected_ship_at is not None
        day = formats.day(order.expected_ship_at, "Asia/Ho_Chi_Minh")
        times, wrong = [], 0
        for language, question in QUESTIONS.items():
            reply = await ask(counter, language, question)
            again = await ask(counter, language, question)
            assert reply.metrics is not None
            assert again.metrics is not None
            plain = "".join(c for c in reply.text if c not in "\u2068\u2069")
            status = services.wording.say("order_waiting_stock", language, number=order.number)
            held = "".join(c for c in status if c not in "\u2068\u2069") in plain
            true = held and formats.long_date(day, language) in plain and judge(reply.text, language).right
            wrong += not true
            times.append(reply.metrics.total_ms)
            figures = f"{reply.metrics.total_ms:7.1f} ms {again.metrics.total_ms:7.1f} ms"
            print(f"{language:8}{'true' if true else 'WRONG':6}{figures}  {reply.text}")
        middle, worst = statistics.median(times), max(times)
        print(f"{len(times) - wrong} of {len(times)} true; median {middle:.1f} ms, worst {worst:.1f} ms")


async def tour(languages: list[str]) -> None:
    async with open_shop() as services:
        proofs = {status: await find_proof(services, status) for _, status in TOUR if status}
        for language in languages:
            print(f"\n== {language}")
            bank = yaml.safe_load((find_content("app/intents") / f"{language}.yaml").read_text(encoding="utf-8"))
            for intent, status in TOUR:
                text = bank[intent][0]
                reply = await ask(services.conversations, language, text, proofs.get(status) if status else None)
                proposals = f" [{len(reply.proposals)} proposal]" if reply.proposals else ""
                print(f"> {text}\n  {reply.outcome}{proposals}: {reply.text}".replace("\n\n", "\n"))


async def find_proof(services: Services, status: OrderStatus) -> Proof:
    """The proof of the newest order in a state."""
    entry = (await services.store.list_orders(status))[0]
    return Proof(entry.order.number, entry.order.email)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("questions", "tour"))
    parser.add_argument("--languages", nargs="*", default=list(LAUNCH))
    options = parser.parse_args()
    asyncio.run(time_questions() if options.command == "questions" else tour(options.languages))


if __name__ == "__main__":
    main()
