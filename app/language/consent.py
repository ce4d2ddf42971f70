"""Whether a whole message is a yes or a no, in the launch languages: for confirming a proposal by typing.

Only the whole message counts: "yes, but …" is neither. Particles, punctuation, emoji and stretched letters are left out.
"""

import re
import unicodedata
from typing import Literal

# Written as customers type: with and without accents, short forms, polite particles apart.
YES = """
yes yeah yep yup ok okay oke okey okie sure confirm confirmed correct right agreed proceed please+do go+ahead do+it yes+please
有 好 好的 好啊 好呀 行 可以 是 是的 对 對 确认 確認 确定 確定 同意 嗯 嗯嗯 要 没问题 沒問題 好滴 係 係呀 得 没错 沒錯
có co ừ ừm uh um vâng vang dạ da dạ+vâng da+vang đồng+ý dong+y được duoc xác+nhận xac+nhan đúng đúng+rồi dung+roi chuẩn uk ukm dạ+có dạ+được ok+em ok+shop
ใช่ ใช่ค่ะ ใช่ครับ ได้ ได้ค่ะ ได้ครับ ได้เลย ได้เลยค่ะ ได้เลยครับ ตกลง ตกลงค่ะ ตกลงครับ โอเค โอเคค่ะ โอเคครับ ยืนยัน ยืนยันค่ะ ยืนยันครับ ค่ะ ครับ คะ จ้า จ้ะ อืม เอาเลย ถูกต้อง
ya iya iyaa yaa boleh setuju betul sahkan jadi teruskan baik baiklah oke+kak iya+kak ya+boleh sip siap lanjut lanjutkan benar konfirmasi yoi gas
oo opo opo+sige sige sige+po oo+po tama g go kumpirma kumpirmahin pwede pwede+po sure+po okay+po
បាទ ចាស បាទ/ចាស យល់ព្រម ត្រូវ ត្រូវហើយ បាន ប្រាកដ អូខេ បញ្ជាក់ ព្រម
ແມ່ນ ແມ່ນແລ້ວ ເຈົ້າ ໂອເຄ ຕົກລົງ ໄດ້ ຢືນຢັນ ໄດ້ເລີຍ
ဟုတ် ဟုတ်ကဲ့ ဟုတ်ကဲ့ရှင့် ဟုတ်ကဲ့ပါ ဟုတ်ပါတယ် ရတယ် ရပါတယ် အိုကေ သဘောတူ သဘောတူပါတယ် အတည်ပြု အတည်ပြုပါတယ် အင်း ကောင်းပြီ
ஆம் ஆமாம் ஆமா சரி சரிங்க ஓகே உறுதி உறுதி+செய்கிறேன் சம்மதம் aama aamaa sari
हाँ हां हा जी जी+हाँ जी+हां हाँ+जी ठीक+है ठीक ओके सही पक्का कर+दो कर+दीजिए haan ha han ji haan+ji ji+haan theek+hai thik+hai
হ্যাঁ হ্যা হাঁ জি জ্বি জী ঠিক+আছে ঠিক ওকে রাজি নিশ্চিত করুন hae ji+hae thik+ache
はい うん ええ そうです お願いします おねがいします はいお願いします オーケー 了解 了解です 大丈夫です 確認しました それでお願いします
네 예 넵 넹 응 어 좋아요 좋습니다 맞아요 맞습니다 확인 확인합니다 오케이 ㅇㅇ ㅇㅋ 그렇게+해주세요 네+부탁드려요 부탁드립니다 해주세요
نعم ايوه أيوه ايوا أيوا اه أه آه تمام موافق موافقة اكيد أكيد حسنا حسناً اوكي أوكي طيب صح صحيح اجل أجل naam aywa tamam mwafeq
sí si claro vale de+acuerdo correcto confirmo confirmado dale por+supuesto adelante está+bien esta+bien
sim claro+que+sim certo tá ta tá+bom ta+bom isso pode pode+ser confirmar concordo beleza
oui ouais d'accord daccord ça+marche ca+marche bien+sûr bien+sur c'est+bon parfait je+confirme
ja jawohl jap jo klar genau einverstanden bestätigt bestätigen bestätige passt in+ordnung gerne ja+bitte
да ага угу хорошо ладно согласен согласна подтверждаю верно конечно давайте ок окей
"""
NO = """
no nope nah not+now cancel+that don't dont do+not stop never+mind nevermind no+thanks no+thank+you
不 不要 不用 不用了 不行 不是 不对 不對 不可以 算了 先不要 不好 别 別 不同意 否 唔要 唔係 不了
không khong ko hông hong thôi thoi đừng không+cần khong+can chưa chua dạ+không da+khong không+ạ
ไม่ ไม่ค่ะ ไม่ครับ ไม่เอา ไม่เอาค่ะ ไม่เอาครับ ไม่ใช่ ไม่ต้อง ไม่ต้องค่ะ ไม่ต้องครับ ยกเลิก อย่า ไม่ยืนยัน ไม่ดีกว่า
tidak tak tak+nak taknak tak+mau tak+payah jangan bukan enggak nggak gak ga ngga ndak batal tidak+jadi gak+jadi ga+jadi ga+usah gak+usah tidak+usah tidak+mau
hindi hindi+po wag huwag wag+na huwag+na wag+na+lang ayaw ayoko di+po hinde
ទេ អត់ទេ មិន មិនទេ កុំ អត់ មិនយល់ព្រម
ບໍ່ ບໍ່ແມ່ນ ບໍ່ເອົາ ບໍ່ຕ້ອງ ຢ່າ ບໍ
မဟုတ် မဟုတ်ဘူး မလုပ်နဲ့ မလုပ်ပါနဲ့ မလိုဘူး မလိုပါဘူး မလုပ်တော့ဘူး ဟင့်အင်း
இல்லை இல்ல வேண்டாம் வேணாம் illai venam vendam
नहीं नही ना मत नहीं+जी जी+नहीं रहने+दो रहने+दीजिए nahi nahin nai
না নাহ জি+না করবেন+না দরকার+নেই
いいえ いや いらない いりません やめます やめて やめてください 結構です キャンセル 違います
아니 아니요 아니오 아뇨 ㄴㄴ 됐어요 안할래요 안+할래요 괜찮아요 취소 하지+마세요
لا لأ كلا مش+موافق غير+موافق لا+شكرا لا+شكراً الغاء بلاش
no+gracias para+nada mejor+no todavía+no cancelar
não nao não+obrigado não+obrigada nao+obrigado melhor+não deixa deixa+pra+lá
non non+merci pas+maintenant laisse+tomber
nein nee nö nicht lieber+nicht nein+danke abbrechen
нет не неа не+надо не+нужно отмена не+согласен не+согласна
"""
_PARTICLES = frozenset(
    "ạ a nhé nha nhe em shop ơi oi anh chị chi kak kakak sis bro min gan pls please ya+kak po lah la na pa na+po "
    "ค่ะ ครับ คะ นะ นะคะ นะครับ จ้า ပါ ခင်ဗျာ ရှင် ja bitte thanks thank+you thx 吧 啊 呢 了 哦 喔".replace("+", " ").split()
)
_NOT_WORDS = re.compile(r"[^\w\u0300-\u036f'’\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0900-\u0dff]+")
_STRETCHED = re.compile(r"(.)\1{2,}")
LONGEST = 40
"""Characters; a longer message says more than yes or no."""


def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold()
    return _STRETCHED.sub(r"\1", _NOT_WORDS.sub(" ", text)).strip()


def _read(words: str) -> frozenset[str]:
    return frozenset(_normalise(word.replace("+", " ")) for word in words.split())


_YES, _NO = _read(YES), _read(NO)
_MARKS = {"👍": "yes", "✅": "yes", "👌": "yes", "🆗": "yes", "👎": "no", "❌": "no"}


def read_consent(text: str) -> Literal["yes", "no"] | None:
    """Whether the whole message is a yes or a no, in any launch language; None for anything else."""
    if len(text) > LONGEST:
        return None
    marks = {_MARKS[c] for c in text if c in _MARKS}
    plain = _normalise(text)
    if not plain:
        return "yes" if marks == {"yes"} else "no" if marks == {"no"} else None
    without_particles = " ".join(word for word in plain.split() if word not in _PARTICLES)
    for candidate in (plain, plain.replace(" ", ""), without_particles):
        answers = {word for word, known in (("yes", _YES), ("no", _NO)) if candidate in known}
        if len(answers) == 1 and not (marks - answers):
            return "yes" if "yes" in answers else "no"
    return None
