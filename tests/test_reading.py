"""An uncertain wish is read by the state of its order, and a proposal stays what it is until a plain yes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from app.catalogue import match_variant
from app.intents import Intent
from app.language.consent import begins_with_yes, confirms, read_consent
from app.models import Money, Order, OrderStatus, Outcome, Refund, RefundStatus, Trouble, Variant
from app.reading import read_wish, weigh
from app.store.tables import RefundRow
from tests.counter import Counter, Visitor
from tests.test_proposals import orders_of, read_order, sign_in, visit_order

TWICE = {
    "en": "you took the money two times, give me one of them back",
    "vi": "bị trừ tiền hai lần cho một đơn, trả lại giúp mình một lần",
    "th": "ระบบหักเงินซ้ำสองครั้ง ขอคืนหนึ่งครั้งค่ะ",
    "id": "saldo saya terpotong 2x untuk satu pesanan, kembalikan yang satu",
    "ja": "二回引き落とされています。一回分を返してください",
    "ar": "تم خصم المبلغ مرتين من بطاقتي، أعيدوا لي واحدة",
}
YES_AND = {
    "en": "yes cancel it",
    "vi": "ừ huỷ giúp mình đi",
    "th": "ค่ะ ยกเลิกได้เลย",
    "id": "iya kak batalkan saja",
    "fil": "opo, i-cancel nyo na",
    "hi": "haan cancel kar dijiye",
    "my": "ဟုတ်ကဲ့ ဖျက်လိုက်ပါတော့",
    "ar": "نعم الغي الطلب",
}
YES_IN_ONE_WORD = (
    "好的取消吧",
    "ใช่ยกเลิกเลย",
    "はい、キャンセルでお願いします",
    "네 취소해주세요",
    "ແມ່ນ ຍົກເລີກໃຫ້ແດ່",
    "បាទ បោះបង់ទៅ",
)
YES_BUT = {
    "en": "yes cancel it right after lunch",
    "vi": "ừ huỷ giúp mình đi chiều nay",
    "th": "ค่ะ ยกเลิกวันนี้",
    "id": "iya kak batalkan saja besok",
}
NOT_THAT = (
    "yes cancel it but not the shoes",
    "yes cancel 12346",
    "cancel it",
    "ใช่ค่ะ ไม่ยกเลิก",
    "好的不取消",
    "是 先不取消",
    "ừ không huỷ",
    "ya tak jadi batal",
    "haan cancel mat karo",
    "ဟုတ်ကဲ့ မဖျက်ပါနဲ့",
    "បាទ កុំបោះបង់",
    "네 취소 안 할게요",
    "はい キャンセルしません",
    "yes cancel it?",
)


def near(*found: tuple[str, float], detail: str | None = None, section: str | None = None) -> Intent:
    """Intents that an index found equally near, the best first; ``detail`` is the best one's policy."""
    first, *rest = [Intent(name, score) for name, score in found]
    others = tuple(intent.name for intent in rest)
    return replace(first, detail=detail, section=section, others=others, nearest=tuple(rest))


async def order_in(counter: Counter, status: OrderStatus) -> Order:
    return next(order for order in await orders_of(counter, status=status, trouble=None))


async def test_the_state_of_the_order_decides_between_wishes_that_are_equally_near(counter: Counter) -> None:
    either = near(("get_refund_status", 1.0), ("return_items", 0.95), ("cancel_order", 0.95))
    wanted = {OrderStatus.DELIVERED: "return_items", OrderStatus.PROCESSING: "cancel_order"}
    for status, name in wanted.items():
        order = replace(await order_in(counter, status), refunds=())
        assert read_wish(either, order, "").intent.name == name
    order = await order_in(counter, OrderStatus.DELIVERED)
    refund = Refund("R1", order.total, RefundStatus.PROCESSING, "returned_items", "card", order.placed_at)
    assert read_wish(either, replace(order, refunds=(refund,)), "").intent.name == "get_refund_status"


async def test_a_certain_wish_means_what_it_says_however_little_the_state_fits(counter: Counter) -> None:
    order = await order_in(counter, OrderStatus.DELIVERED)
    certain = replace(near(("cancel_order", 1.5), ("track_order", 1.0)), certain=True)
    assert weigh("cancel_order", order) == -1
    assert read_wish(certain, order, "").intent.name == "cancel_order"


async def test_a_rule_that_may_be_meant_for_the_own_order_is_said_beside_the_answer_about_it(counter: Counter) -> None:
    order = await order_in(counter, OrderStatus.DELIVERED)
    rule = near(("answer_from_policy", 0.9), ("out_of_scope", 0.8), detail="returns", section="window")
    reading = read_wish(rule, order, "")
    assert (reading.intent.name, reading.rule) == ("return_items", "returns")
    owners = near(("answer_from_policy", 1.0), ("track_order", 0.5), detail="our-own", section="first")
    assert read_wish(owners, order, "").intent.name == "answer_from_policy"


@pytest.mark.parametrize("language", TWICE)
async def test_whoever_paid_twice_is_offered_the_second_payment_back(counter: Counter, language: str) -> None:
    order = (await orders_of(counter, trouble=Trouble.PAID_TWICE))[0]
    async with counter.services.store._writing() as session:  # the demo shop has begun to return it
        await session.execute(delete(RefundRow).where(RefundRow.order_number == order.number))
    visitor = await visit_order(counter, order, language)
    reply = await visitor.say(TWICE[language])
    assert [p.tool for p in reply.proposals] == ["request_refund"], reply.text
    done, _ = await confirm(counter, visitor, reply.proposals[0].id)
    assert done == "executed"
    assert len((await read_order(counter, order.number)).refunds) == 1


async def confirm(counter: Counter, visitor: Visitor, proposal_id: str) -> tuple[str, Outcome | None]:
    proposal, reply = await counter.conversations.decide_proposal(visitor.id, proposal_id, "confirm")
    return proposal.state, reply.outcome


@pytest.mark.parametrize("language", YES_AND)
async def test_a_yes_that_repeats_the_proposed_action_and_nothing_else_confirms_it(
    counter: Counter, language: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    await visitor.say({"en": "please cancel my order"}.get(language, "cancel order 12345"))
    reply = await visitor.say(YES_AND[language])
    assert reply.outcome is Outcome.DONE, reply.text
    assert (await read_order(counter, "12345")).status is OrderStatus.CANCELLED


@pytest.mark.parametrize("language", YES_BUT)
async def test_a_yes_that_says_more_gets_the_proposal_again_and_then_a_plain_yes_counts(
    counter: Counter, language: str
) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    store = counter.services.store
    first = await visitor.say({"en": "please cancel my order"}.get(language, "cancel order 12345"))
    again = await visitor.say(YES_BUT[language])
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK
    assert (again.outcome, [p.tool for p in again.proposals]) == (Outcome.PROPOSED, ["cancel_order"])
    assert counter.services.wording.say("confirm_hint", language) in again.text
    former = await store.get_proposal(first.proposals[0].id)
    assert former is not None
    assert former.state == "voided"
    assert (await visitor.say(YES_AND[language])).outcome is Outcome.DONE
    assert (await read_order(counter, "12345")).status is OrderStatus.CANCELLED


NO_IN_FREE_WORDS = {
    "en": "hmm hold on, my sister says I should keep it, so leave it",
    "vi": "ấy khoan, mẹ mình bảo vẫn lấy, thôi để vậy nha shop",
    "th": "แป๊บนึงนะคะ คิดดูแล้วยังอยากได้อยู่ ไม่ต้องยกเลิกแล้ว",
    "id": "bentar kak, kata istri tetep diambil aja, ga usah dibatalin",
    "km": "ចាំបន្តិច ខ្ញុំនៅចង់យក កុំលុបចោលអី",
    "ar": "دقيقة، زوجتي تبيه، خلوه ولا تلغون شي",
    "zh-Hans": "等会儿，我妈说还是要，先别取消",
    "hi": "ruko zara, biwi ko chahiye, cancel mat karna",
}
WISHES = {
    "en": ("how much money do I get back then", "can it go to my office instead", "no no, I meant the blue one"),
    "vi": ("vậy bao giờ tiền về tài khoản", "giao qua công ty giúp mình được không"),
    "th": ("แล้วเงินจะเข้าเมื่อไหร่คะ", "ขอคุยกับพนักงานค่ะ"),
    "ar": ("طيب متى ترجع الفلوس", "ابغى اكلم موظف"),
}


@pytest.mark.parametrize("language", NO_IN_FREE_WORDS)
async def test_a_no_in_free_words_declines(counter: Counter, language: str) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    first = await visitor.say({"en": "please cancel my order"}.get(language, "cancel order 12345"))
    reply = await visitor.say(NO_IN_FREE_WORDS[language])
    assert (reply.outcome, reply.proposals) == (Outcome.ANSWERED, ()), reply.text
    proposal = await counter.services.store.get_proposal(first.proposals[0].id)
    assert proposal is not None
    assert proposal.state == "declined"
    assert (await read_order(counter, "12345")).status is OrderStatus.WAITING_STOCK


@pytest.mark.parametrize(("language", "wish"), [(code, wish) for code, wishes in WISHES.items() for wish in wishes])
async def test_a_question_after_a_proposal_declines_nothing(counter: Counter, language: str, wish: str) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    first = await visitor.say({"en": "please cancel my order"}.get(language, "cancel order 12345"))
    await visitor.say(wish)
    proposal = await counter.services.store.get_proposal(first.proposals[0].id)
    assert proposal is not None
    assert proposal.state != "declined"
    assert proposal.state != "executed"


@pytest.mark.parametrize("text", [*YES_AND.values(), *YES_IN_ONE_WORD])
def test_only_the_action_that_was_proposed_may_be_repeated(text: str) -> None:
    assert confirms(text, "cancel_order")
    assert not confirms(text, "return_items")
    assert not confirms(text, "change_address")


@pytest.mark.parametrize("text", NOT_THAT)
def test_a_yes_with_a_doubt_a_condition_or_another_order_confirms_nothing(text: str) -> None:
    assert not confirms(text, "cancel_order")


@given(st.sampled_from([*YES_AND.values(), *YES_IN_ONE_WORD]), st.text("qxz0123456789不ไม่", min_size=1, max_size=9))
def test_a_number_or_a_word_that_is_not_known_leaves_no_yes(text: str, more: str) -> None:
    assert not confirms(f"{text} {more}", "cancel_order")
    assert not confirms(f"{more} {text}", "cancel_order")


@pytest.mark.parametrize(
    "text", ["yes?", "no yes", "nope", "cancel it", "ừ nhưng không huỷ", "yes " + "x" * 40, "", "👍"]
)
def test_no_yes_is_heard_where_there_is_doubt_or_none_at_all(text: str) -> None:
    assert not begins_with_yes(text)


async def test_another_wish_after_a_proposal_is_not_taken_for_the_proposal(counter: Counter) -> None:
    visitor = await counter.visit("en")
    await visitor.prove()
    await visitor.say("please cancel my order")
    reply = await visitor.say("yes, where is my order?")
    assert (reply.outcome, reply.proposals) == (Outcome.ANSWERED, ())


async def test_an_exchange_before_shipping_is_a_swap_and_its_options_cannot_be_mixed_up(counter: Counter) -> None:
    processing = await orders_of(counter, status=OrderStatus.PROCESSING)
    order = next(o for o in processing if len(o.items) == 1 and len(o.items[0].options) > 1)
    visitor = await visit_order(counter, order, "en")
    reply = await visitor.say("I want to exchange it for another size")
    assert reply.outcome is Outcome.CLARIFIED, reply.text
    assert reply.metrics is not None
    assert reply.metrics.asked["tool"] == "change_items"
    assert "\n• " in reply.text


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("vi", "huỷ đơn {0} giúp em", "chết nhầm số, huỷ {1} mới đúng ạ"),
        ("en", "cancel order {0}", "oops wrong number i meant {1} to be cancelled"),
        ("th", "ยกเลิกออเดอร์ {0} ให้หน่อยค่ะ", "ขอโทษค่ะ บอกเลขผิด ต้องเป็น {1} ค่ะ"),
    ],
)
async def test_a_proposal_is_corrected_to_the_order_that_is_named_instead(
    counter: Counter, language: str, first: str, second: str
) -> None:
    order, other = await two_orders_that_can_be_cancelled(counter)
    visitor = await sign_in(counter, order, language)
    assert [p.order_number for p in (await visitor.say(first.format(order.number))).proposals] == [order.number]
    reply = await visitor.say(second.format(order.number, other.number))
    assert [(p.tool, p.order_number) for p in reply.proposals] == [("cancel_order", other.number)], reply.text


async def two_orders_that_can_be_cancelled(counter: Counter) -> tuple[Order, Order]:
    waiting = [o for o in await orders_of(counter, status=OrderStatus.PROCESSING) if o.trouble is None]
    pairs = ((a, b) for a in waiting for b in waiting if a.customer_id == b.customer_id and a.number != b.number)
    return next(pairs)


async def test_of_two_requests_the_question_is_answered_at_once_wherever_it_stands(counter: Counter) -> None:
    waiting = (await orders_of(counter, status=OrderStatus.PROCESSING, trouble=None))[0]
    for language, text in {
        "en": "please cancel {0} and tell me where {1} is",
        "id": "tolong batalkan {0} terus {1} sudah sampai mana",
        "vi": "huỷ giúp đơn {0}, còn đơn {1} tới đâu rồi",
    }.items():
        mine = [o for o in await orders_of(counter, customer_id=waiting.customer_id) if o.shipments]
        visitor = await sign_in(counter, waiting, language)
        reply = await visitor.say(text.format(waiting.number, mine[0].number))
        assert [p.order_number for p in reply.proposals] == [waiting.number], reply.text
        assert mine[0].shipments[0].tracking_number in reply.text


@pytest.mark.parametrize(
    ("language", "question", "proof"),
    [
        ("en", "where is 12345", "12345 and my email is lan.nguyen@example.com"),
        ("ms", "12345 dah sampai mana", "12345, alamat emel saya lan.nguyen@example.com"),
        ("th", "12345 ของอยู่ไหนแล้วคะ", "12345 อีเมลคือ lan.nguyen@example.com ค่ะ"),
    ],
)
async def test_what_introduces_a_proof_is_no_wish_about_e_mails(
    counter: Counter, language: str, question: str, proof: str
) -> None:
    visitor = await counter.visit(language)
    assert (await visitor.say(question)).outcome is Outcome.CLARIFIED
    reply = await visitor.say(proof)
    assert (reply.outcome, reply.proposals) == (Outcome.ANSWERED, ())
    assert "12345" in reply.text


async def test_a_typed_proof_with_a_question_of_its_own_answers_that(counter: Counter) -> None:
    visitor = await counter.visit("en")
    reply = await visitor.say("please cancel my order 12345, my email is lan.nguyen@example.com")
    assert [p.tool for p in reply.proposals] == ["cancel_order"], reply.text


def test_a_size_is_no_part_of_a_word_in_any_script() -> None:
    medium = Variant("v1", "p1", {"size": "M"}, Money(100, "SGD"), 1)
    large = Variant("v2", "p1", {"size": "L"}, Money(100, "SGD"), 1)
    for text in ("đổi cho mình size to hơn", "lấy cái lớn hơn", "me quedó chico"):
        assert match_variant(text, [medium, large]) is None, text
    for text in ("换M码", "ขอไซส์ M ค่ะ", "size m nhé", "サイズをMに"):
        assert match_variant(text, [medium, large]) is medium, text


@pytest.mark.parametrize("text", ["ya betul tu, teruskan", "ya betul betul tu", "iya boleh lanjut", "yes go ahead ok"])
def test_a_run_of_yeses_is_a_yes_however_its_words_can_be_paired(text: str) -> None:
    assert read_consent(text) == "yes"


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "can I cancel an order after it ships?"),
        ("en", "How long do I have to return something?"),
        ("de", "wie lange kann ich etwas zurückgeben"),
        ("ar", "كم يوم عندي لإرجاع المنتج"),
        ("id", "berapa hari batas retur barang"),
    ],
)
async def test_who_plainly_asks_for_a_rule_is_proposed_nothing(counter: Counter, language: str, question: str) -> None:
    order = (await orders_of(counter, status=OrderStatus.PROCESSING, trouble=None))[0]
    visitor = await visit_order(counter, order, language)
    reply = await visitor.say(question)
    assert (reply.outcome, reply.proposals) == (Outcome.ANSWERED, ()), reply.text


TWO_RULES = {
    "th": "คืนของได้ภายในกี่วัน แล้วใครออกค่าส่งคืน",
    "vi": "trả hàng trong bao lâu và ai trả phí ship vậy",
    "id": "retur itu batas berapa hari dan ongkirnya siapa yang bayar",
    "zh-Hans": "多久内可以退货,退货运费谁出",
    "ar": "كم يوم عندي للإرجاع؟ ومين يدفع شحن الإرجاع؟",
}


@pytest.mark.parametrize("language", TWO_RULES)
async def test_of_two_questions_about_a_rule_both_are_answered(counter: Counter, language: str) -> None:
    reply = await (await counter.visit(language)).say(TWO_RULES[language])
    for section in ("window", "fee"):
        [rule] = counter.services.policies.render("returns", section, language=language)
        assert rule.text in reply.text, reply.text


@pytest.mark.parametrize("text", ["12345", "#12345", "12345?", "๑๒๓๔๕", "١٢٣٤٥"])
async def test_a_bare_number_asks_for_its_proof_and_for_no_rule(counter: Counter, text: str) -> None:
    reply = await (await counter.visit("en")).say(text)
    assert reply.outcome is Outcome.CLARIFIED
    assert reply.citations == ()


async def test_words_that_resemble_nothing_propose_nothing_even_where_the_order_is_open(counter: Counter) -> None:
    order = (await orders_of(counter, status=OrderStatus.PROCESSING, trouble=None))[0]
    visitor = await visit_order(counter, order, "en")
    for nonsense in ("asdkjh qwe zxc", "🦄🦄🦄", "lorem ipsum dolor"):
        assert (await visitor.say(nonsense)).proposals == (), nonsense


STORIES = {
    "en": "My sister already bought me one yesterday and I am so sorry for the trouble. Please cancel my order",
    "id": "Maaf ya kak, ternyata sudah dibelikan ibu kemarin. Tolong batalkan pesanan saya",
    "vi": "Hôm qua chồng em mua cái y chang ở siêu thị rồi. Huỷ đơn giúp em với",
    "th": "เมื่อวานแฟนซื้อมาให้แล้วค่ะ, ขอยกเลิกออเดอร์ค่ะ",
    "zh-Hans": "昨天我妈已经在商场买了一样的。帮我取消订单",
}


@pytest.mark.parametrize("language", STORIES)
async def test_the_clear_clause_at_the_end_of_a_story_is_what_is_wanted(counter: Counter, language: str) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    reply = await visitor.say(STORIES[language])
    assert [p.tool for p in reply.proposals] == ["cancel_order"], reply.text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My manager needs to see this, so where is the parcel right now?"),
        ("ms", "bos saya tanya ni, barang dah sampai mana?"),
    ],
)
async def test_a_person_who_is_only_spoken_of_is_not_called(counter: Counter, language: str, text: str) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    assert (await visitor.say(text)).outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "every day another excuse!! get me your supervisor now"),
        ("es", "ya me cansé de esperar, puro cuento!! pásenme con el gerente"),
        ("ar", "كل يوم نفس الكلام!! ابغى اكلم المدير"),
        ("ko", "며칠째 똑같은 말만 하네요!! 책임자 바꿔 주세요"),
    ],
)
async def test_whoever_is_fed_up_and_wants_a_person_gets_one(counter: Counter, language: str, text: str) -> None:
    visitor = await counter.visit(language)
    await visitor.prove()
    assert (await visitor.say(text)).outcome is Outcome.HANDED_OFF


@pytest.mark.parametrize("language", ["en", "fil", "ta"])
async def test_the_code_of_a_voucher_says_what_is_wanted(counter: Counter, language: str) -> None:
    order = (await orders_of(counter, status=OrderStatus.PENDING_PAYMENT))[0]
    visitor = await visit_order(counter, order, language)
    said = {
        "en": "oh no I forgot I had WELCOME10 as well",
        "fil": "ay di ko nalagay ung WELCOME10",
        "ta": "WELCOME10 இருக்கே",
    }
    reply = await visitor.say(said[language])
    assert "WELCOME10" in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "my husband bought the same thing yesterday so kindly cancel this one",
        "สามีซื้อมาแล้วอะค่ะ รบกวนยกเลิกให้หน่อยนะคะ",
        "chồng em mua rồi nên shop hủy giúp em với",
        "جوزي جابلي نفس الحاجة فالغوه لو سمحتو",
    ],
)
async def test_the_act_at_the_end_of_a_story_is_what_is_wanted(counter: Counter, text: str) -> None:
    order = await order_in(counter, OrderStatus.PROCESSING)
    unsure = near(("track_order", 0.7), ("get_refund_status", 0.65))
    assert read_wish(unsure, order, text).intent.name == "cancel_order"
    delivered = await order_in(counter, OrderStatus.DELIVERED)
    assert read_wish(unsure, delivered, text).intent.name != "cancel_order"


async def test_a_complaint_about_what_has_not_come_yet_gets_the_orders_state(counter: Counter) -> None:
    missing = replace(near(("report_problem", 1.5), ("track_order", 0.5)), certain=True, problem="missing")
    for status, name in ((OrderStatus.SHIPPED, "track_order"), (OrderStatus.DELIVERED, "report_problem")):
        assert read_wish(missing, await order_in(counter, status), "").intent.name == name


async def test_of_a_cancelled_order_the_money_is_told(counter: Counter) -> None:
    order = await order_in(counter, OrderStatus.CANCELLED)
    refund = Refund("r1", order.total, RefundStatus.PROCESSING, "cancelled", "Visa", order.placed_at)
    again = replace(near(("cancel_order", 1.5)), certain=True)
    assert read_wish(again, replace(order, refunds=(refund,)), "").intent.name == "get_refund_status"
    assert read_wish(again, replace(order, refunds=()), "").intent.name == "cancel_order"


async def test_a_list_of_one_order_gives_way_to_what_is_in_it(counter: Counter) -> None:
    order = await order_in(counter, OrderStatus.PROCESSING)
    unsure = near(("list_orders", 0.7), ("show_order", 0.65))
    assert read_wish(unsure, order, "").intent.name == "show_order"
    assert read_wish(replace(unsure, certain=True), order, "").intent.name == "list_orders"
