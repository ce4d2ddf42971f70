"""Conversations from a customer's side: what she asks, what she reads, what stays closed to her."""

from collections.abc import AsyncGenerator

import pytest

from app import conversations
from app.assistant import Turn
from app.errors import InvalidMessage, NotAllowed, NotFound, TooManyTries
from app.events import Event
from app.identity import SHELL, Proof
from app.llm.scripted import ScriptedModel
from app.models import Author, Mode, Outcome
from tests.conftest import MakeCounter
from tests.counter import LAN, RETURNS, Counter

WHY = {
    "en": "why has my order not shipped yet?",
    "vi": "Tại sao đơn hàng của tôi chưa được giao?",
    "th": "ทำไมออเดอร์ยังไม่ส่งคะ",
    "id": "kenapa pesanan saya belum dikirim kak?",
    "ms": "kenapa pesanan saya belum dihantar lagi?",
    "fil": "bakit hindi pa naipapadala ang order ko?",
    "zh-Hans": "为什么我的订单还没发货？",
    "ja": "注文がまだ発送されないのはなぜですか？",
    "ko": "제 주문이 왜 아직 발송되지 않았나요?",
    "ar": "لماذا لم يتم شحن طلبي بعد؟",
    "hi": "मेरा ऑर्डर अभी तक क्यों नहीं भेजा गया?",
    "ta": "என் ஆர்டர் ஏன் இன்னும் அனுப்பப்படவில்லை?",
    "km": "ហេតុអ្វីបានជាការបញ្ជាទិញរបស់ខ្ញុំមិនទាន់ផ្ញើ?",
    "lo": "ເປັນຫຍັງອໍເດີຂອງຂ້ອຍຍັງບໍ່ທັນສົ່ງ?",
    "my": "ကျွန်မရဲ့ အော်ဒါ ဘာကြောင့် မပို့သေးတာလဲ",
    "es": "¿por qué todavía no han enviado mi pedido?",
}


@pytest.mark.parametrize("language", WHY)
async def test_a_verified_customer_reads_the_status_and_date_of_her_order_in_her_language(
    counter: Counter, language: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    reply = await visitor.say(WHY[language])
    services = counter.services
    order = (await services.conversations.orders(visitor.id))[0]
    zone = services.policies.shop.time_zone
    expected = services.canned.order_status(order, language, zone, services.clock())
    assert (reply.language, reply.outcome) == (language, Outcome.ANSWERED)
    assert reply.text == expected
    assert "12345" in reply.text


@pytest.mark.parametrize(("language", "before"), [("th", "รับประกันกี่เดือนคะ"), ("vi", "Xin chào"), ("ar", "مرحبا")])
async def test_a_proof_with_nothing_beside_it_brings_the_state_of_its_order(
    counter: Counter, language: str, before: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.say(before)
    reply = await visitor.say(f"{LAN.order_number} {LAN.contact}")
    assert (reply.language, reply.outcome, reply.proposals) == (language, Outcome.ANSWERED, ())
    order = (await counter.conversations.orders(visitor.id))[0]
    zone = counter.services.policies.shop.time_zone
    assert reply.text == counter.services.canned.order_status(order, language, zone, counter.services.clock())


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "asdkjh qwe ;;; ]]] 🤡🤡🤡 zxcv"),
        ("th", "ฟหกด่าสวง"),
        ("en", "xkcd blorp fnord"),
        ("ta", "🤡🤡🤡"),
        ("my", "<img src=x onerror=alert(1)> {{7*7}} ${x}"),
    ],
)
async def test_nonsense_is_answered_with_what_the_counter_can_talk_about(
    counter: Counter, language: str, text: str
) -> None:
    visitor = await counter.visit(language)
    reply = await visitor.say(text)
    assert (reply.language, reply.outcome) == (language, Outcome.CLARIFIED)
    assert "{" not in reply.text
    assert "<" not in reply.text


async def test_a_turn_of_a_long_conversation_reads_its_end_and_the_beginning_moves_seldom(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "HISTORY", 8)
    answer, beginnings = counter.conversations._assistant.answer, []

    def note(turn: Turn) -> AsyncGenerator[Event, None]:
        beginnings.append(turn.history[0].seq if turn.history else 0)
        assert len(turn.history) < 16
        return answer(turn)

    monkeypatch.setattr(counter.conversations._assistant, "answer", note)
    visitor = await counter.visit("th")
    for _ in range(14):
        await visitor.say("สวัสดีค่ะ")
    assert beginnings == [0, *[1] * 7, *[9] * 4, *[17] * 2]


@pytest.mark.parametrize("language", WHY)
async def test_without_a_proof_the_counter_asks_for_one_and_tells_nothing(counter: Counter, language: str) -> None:
    visitor = await counter.visit(language)
    reply = await visitor.say(WHY[language])
    assert (reply.language, reply.outcome) == (language, Outcome.CLARIFIED)
    assert reply.text == counter.services.wording.say("ask_proof", language)


async def test_a_typed_proof_answers_the_question_that_was_asked_before_it(counter: Counter) -> None:
    visitor = await counter.visit("vi")
    asked = await visitor.say("Tại sao đơn #12345 của tôi chưa được giao?")
    assert asked.outcome is Outcome.CLARIFIED
    reply = await visitor.say("12345 lan.nguyen@example.com")
    assert reply.outcome is Outcome.ANSWERED
    assert reply.language == "vi"
    assert "12345" in reply.text


@pytest.mark.parametrize("wrong", [Proof("12345", "someone@example.com"), Proof("99999", "lan.nguyen@example.com")])
async def test_a_wrong_contact_and_an_unknown_order_read_the_same(counter: Counter, wrong: Proof) -> None:
    visitor = await counter.visit("ms")
    reply = await visitor.say(f"order {wrong.order_number}, {wrong.contact}")
    assert reply.text == counter.services.wording.say("proof_failed", reply.language)
    assert not await counter.conversations.orders(visitor.id)


async def test_the_sixth_try_in_a_conversation_is_refused_also_when_it_is_right(counter: Counter) -> None:
    visitor = await counter.visit("th")
    for n in range(5):
        await visitor.say(f"12345 wrong{n}@example.com")
    reply = await visitor.say("12345 lan.nguyen@example.com")
    assert reply.text == counter.services.wording.say("proof_throttled", reply.language)
    assert not await counter.conversations.orders(visitor.id)


async def test_contact_proof_of_one_order_opens_no_other_order_of_the_same_customer(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    opened = await counter.conversations.orders(visitor.id)
    assert [order.number for order in opened] == ["12345"]
    reply = await visitor.say("and where is order 12346?")
    assert reply.outcome is Outcome.CLARIFIED


async def test_an_ok_or_a_number_keeps_the_language_and_a_sentence_switches_it(counter: Counter) -> None:
    visitor = await counter.visit("th")
    first = await visitor.say("สวัสดีค่ะ")
    for text in ("ok", "12345", "👍"):
        assert (await visitor.say(text)).language == first.language == "th", text
    assert (await visitor.say("Where can I see the delivery times, please?")).language == "en"


async def test_a_language_picked_by_hand_stays_until_it_is_unpicked(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await counter.conversations.choose_language(visitor.id, "zh-TW")
    assert (await visitor.say("Where is my order, please?")).language == "zh-Hant"
    await counter.conversations.choose_language(visitor.id, None)
    assert (await visitor.say("Where is my order, please?")).language == "en"


async def test_a_language_that_the_shop_does_not_serve_cannot_be_picked(counter: Counter) -> None:
    visitor = await counter.visit("en")
    with pytest.raises(NotFound):
        await counter.conversations.choose_language(visitor.id, "tlh")


async def test_in_a_language_outside_the_launch_languages_the_counter_says_so(counter: Counter) -> None:
    visitor = await counter.visit("de")
    reply = await visitor.say("Кога ще пристигне моята поръчка, моля ви кажете ми?")
    assert reply.language == "de"
    sorry = counter.services.wording.say("cannot_in_language", "de", languages="•").split("•")[0]
    assert reply.text.startswith(sorry)
    assert "ไทย" in reply.text


async def test_a_wish_for_a_person_stores_the_request_and_silences_the_assistant(counter: Counter) -> None:
    visitor = await counter.visit("id")
    reply = await visitor.say("saya mau bicara dengan orang, bukan bot")
    assert reply.outcome is Outcome.HANDED_OFF
    assert (await counter.conversations.get(visitor.id)).mode is Mode.MANUAL
    assert [e.conversation.id for e in await counter.services.store.inbox()] == [visitor.id]
    receipt = await counter.conversations.receive_message(visitor.id, "later", "halo?")
    assert receipt.message.outcome is Outcome.TO_AGENT


async def test_an_agents_answer_reaches_those_who_watch(counter: Counter) -> None:
    visitor = await counter.visit("ar")
    await counter.conversations.request_handoff(visitor.id)
    await counter.services.store.add_agent_message(visitor.id, "Mai", "مرحبا، أنا ماي")
    async for message in counter.conversations.watch(visitor.id, 0):
        if message.author is Author.AGENT:
            assert message.text == "مرحبا، أنا ماي"
            break


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message_empty"),
        (" \n\t", "message_empty"),
        ("\x00\x00", "message_empty"),
        ("\u200b\u202e", "message_empty"),
    ],
)
async def test_an_empty_message_is_explained_in_the_customers_language_and_not_stored(
    counter: Counter, text: str, code: str
) -> None:
    visitor = await counter.visit("km")
    with pytest.raises(InvalidMessage) as caught:
        await counter.conversations.receive_message(visitor.id, "a", text)
    assert caught.value.code == code
    assert str(caught.value) == counter.services.wording.say(code, "km")
    assert await counter.conversations.messages(visitor.id) == []


async def test_4000_characters_are_taken_and_4001_are_not(counter: Counter) -> None:
    visitor = await counter.visit("my")
    letter = "က"
    assert (await visitor.say(letter * 4000)).outcome is not None
    with pytest.raises(InvalidMessage) as caught:
        await visitor.say(letter * 4001)
    assert caught.value.code == "message_too_long"
    assert "4" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["\ud800 where is my order", "9" * 1_000_000, "<script>alert(1)</script>" * 10, "\x07bell"]
)
async def test_nonsense_never_breaks_a_turn(counter: Counter, text: str) -> None:
    visitor = await counter.visit("lo")
    if len(text) > 4000:
        with pytest.raises(InvalidMessage):
            await visitor.say(text)
    else:
        assert (await visitor.say(text)).text


async def test_the_same_client_id_twice_is_one_message_with_one_reply(counter: Counter) -> None:
    visitor = await counter.visit("vi")
    first = await counter.conversations.receive_message(visitor.id, "same", "xin chào shop")
    again = await counter.conversations.receive_message(visitor.id, "same", "xin chào shop")
    assert (first.created, again.created) == (True, False)
    async for _ in counter.conversations.follow(visitor.id, first.message.seq):
        pass
    authors = [m.author for m in await counter.conversations.messages(visitor.id)]
    assert authors == [Author.CUSTOMER, Author.ASSISTANT]


async def test_another_conversations_token_opens_nothing(counter: Counter) -> None:
    mine, other = await counter.visit("th"), await counter.visit("vi")
    for key, token in ((mine.id, other.started.token), ("0" * 24, mine.started.token), (mine.id, "")):
        with pytest.raises(NotAllowed):
            await counter.conversations.authorise(key, token)
    assert (await counter.conversations.authorise(mine.id, mine.started.token)).id == mine.id


async def test_what_the_model_may_see_of_an_order_needs_a_proof(make_counter: MakeCounter) -> None:
    model = ScriptedModel(default={"tool": "ask_for_order"})
    counter = await make_counter(model)
    visitor = await counter.visit("en")
    await visitor.say("hmm it is about that one thing again, the usual, you know")
    seen = "\n".join(m.content for call in model.calls for m in call.messages)
    assert "12345" not in seen
    assert "order_number" not in str([call.schema for call in model.calls])


async def test_a_policy_that_is_not_in_the_customers_language_is_phrased_by_the_model_and_cited(
    make_counter: MakeCounter,
) -> None:
    model = ScriptedModel(default="Anh/chị có thể trả hàng trong vòng 30 ngày.")
    counter = await make_counter(model, translated=False)
    visitor = await counter.visit("vi")
    reply = await visitor.say(RETURNS)
    assert reply.text == "Anh/chị có thể trả hàng trong vòng 30 ngày."
    assert reply.metrics is not None
    assert reply.metrics.spoke == "first_try"
    assert {c.policy for c in reply.citations} == {"returns"}


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "my hair dryer died in month five"),
        ("vi", RETURNS),
        ("th", "คืนได้กี่วันและใครจ่ายค่าส่งคืน"),
        ("ar", "كم يوم عندي للإرجاع ومين يدفع الشحن"),
    ],
)
async def test_a_policy_in_the_customers_language_is_quoted_and_no_model_says_it_again(
    make_counter: MakeCounter, language: str, question: str
) -> None:
    model = ScriptedModel(["warm"], default={"tool": "answer_from_policy", "policy": "returns"})
    counter = await make_counter(model)
    visitor = await counter.visit(language)
    reply = await visitor.say(question)
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"
    assert reply.citations
    assert [call for call in model.calls[1:] if call.schema is None] == []


@pytest.mark.parametrize("lie", ["Anh/chị có thể trả hàng trong vòng 77 ngày.", "คืนได้ภายใน 30 วันค่ะ", ""])
async def test_a_reply_with_a_wrong_number_or_language_never_reaches_the_customer(
    make_counter: MakeCounter, lie: str
) -> None:
    counter = await make_counter(ScriptedModel(default=lie), translated=False)
    visitor = await counter.visit("vi")
    reply = await visitor.say(RETURNS)
    assert reply.metrics is not None
    assert reply.metrics.spoke == "canned"
    assert "77" not in reply.text
    assert "30" in reply.text


async def test_the_proof_form_and_the_chat_share_one_limiter(counter: Counter) -> None:
    visitor = await counter.visit("ja")
    for n in range(3):
        assert await counter.conversations.verify_contact(visitor.id, Proof("12345", f"{n}@example.com")) is None
    for n in range(2):
        await visitor.say(f"12345 x{n}@example.com")
    reply = await visitor.say(f"{LAN.order_number} {LAN.contact}")
    assert reply.text == counter.services.wording.say("proof_throttled", reply.language)


async def test_the_owners_shell_may_try_the_shop_all_day_but_five_times_a_conversation(counter: Counter) -> None:
    for _ in range(12):
        visitor = await counter.visit("ta")
        assert await counter.conversations.verify_contact(visitor.id, LAN, address=SHELL) is not None
    for _ in range(4):
        await counter.conversations.verify_contact(visitor.id, LAN, address=SHELL)
    with pytest.raises(TooManyTries):
        await counter.conversations.verify_contact(visitor.id, LAN, address=SHELL)


@pytest.mark.parametrize(
    ("text", "fee"),
    [
        ("how much is shipping?", "S$3.90"),
        ("ค่าส่งเท่าไหร่คะ", "3.90"),
        ("phí ship bao nhiêu vậy shop", "3,90"),
        ("运费多少钱", "3.90"),
        ("كم رسوم التوصيل؟", "3.90"),
    ],
)
async def test_who_asks_what_shipping_costs_reads_the_fee(counter: Counter, text: str, fee: str) -> None:
    visitor = await counter.visit("en")
    reply = await visitor.say(text)
    assert fee in reply.text.replace("\u200f", ""), reply.text
    assert ("shipping", "cost") in [(c.policy, c.section) for c in reply.citations]
