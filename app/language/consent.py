"""Whether a whole message is a yes or a no, in the launch languages: for confirming a proposal by typing.

Only the whole message counts: "yes, but …" and "yes?" are neither; "yes, go ahead" says yes twice, and "yes, cancel it"
is one where cancelling is what was proposed. Polite words, punctuation, emoji and stretched letters are left out. A word that is yes here and no there is in neither table: "g" is
yes in Manila and no in Jakarta; "cancel" is a yes to "Cancel the order?".
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["yes", "no"]

# Written as customers type, also without accents; "+" is a space. The labels of the buttons are among them.
YES = """
yes yeah yep yup ok okay oke okey okie sure confirm confirmed correct right agreed proceed please+do go+ahead do+it yes+please yes+confirm yes+i+confirm i+confirm of+course sounds+good that's+right thats+right confirm+it absolutely definitely go+for+it sure+thing please+go+ahead ok+do+it do+it+please yes+do+it
有 好 好的 好啊 好呀 好吧 好喔 好哦 行 行的 可以 可以的 可以喔 可以哦 是 是的 是啊 对 對 对的 對的 对啊 對啊 对对 對對 确认 確認 确定 確定 是确认 是確認 好的确认 好的確認 同意 我同意 嗯 嗯嗯 嗯好 要 没问题 沒問題 好滴 係 係呀 得 没错 沒錯
có co ừ ừa ua ừm làm+đi lam+di làm+luôn+đi làm+luôn cứ+làm+đi vâng vang dạ da dạ+vâng da+vang đồng+ý dong+y tôi+đồng+ý mình+đồng+ý được duoc xác+nhận xac+nhan có+xác+nhận co+xac+nhan đúng đúng+rồi dung+roi đúng+vậy dung+vay chuẩn chốt uk ukm okê dạ+có da+co dạ+được da+duoc dạ+đúng+rồi vâng+đúng+rồi
ใช่ ได้ ได้เลย จัดการเลย จัดการได้เลย ทำเลย ทำได้เลย ดำเนินการเลย ดำเนินการได้เลย จัดไป ตกลง ตกลงเลย โอเค โอเคเลย ยืนยัน ยืนยันเลย ใช่ยืนยัน ค่ะ ครับ คับ ค่า จ้า จ้ะ อืม เอา เอาเลย ถูกต้อง ก็ได้
ya haah ha'ah buat+je proses+je teruskan+je proses+aja lanjut+aja lanjutin+aja iya iyaa yaa betul+tu boleh setuju betul sahkan jadi teruskan baik baiklah sip siap lanjut lanjutkan benar konfirmasi yoi gas ya+konfirmasi ya+sahkan ya+setuju iya+setuju ya+betul ya+benar iya+benar ya+boleh ya+lanjut ok+ya oke+ya okelah
oo opo sige ituloy ituloy+mo ituloy+mo+na ituloy+na ituloy+nyo+na gawin+mo+na oo+sige opo+sige tama go kumpirma kumpirmahin pwede oo+kumpirmahin oo+nga oo+naman oo+tama
បាទ ធ្វើទៅ ធ្វើចុះ ចាស ចា៎ ចា បាទ/ចាស យល់ព្រម យល់ព្រម+បញ្ជាក់ បាទ+យល់ព្រម ចាស+យល់ព្រម យល់ព្រម+បាទ យល់ព្រម+ចាស ត្រូវ ត្រូវហើយ បាន បាទ+បាន ចាស+បាន បាន+បាទ បាន+ចាស បាទ+ត្រូវហើយ ចាស+ត្រូវហើយ ប្រាកដ អូខេ បញ្ជាក់ ព្រម
ແມ່ນ ເອົາເລີຍ ເຮັດເລີຍ ແມ່ນແລ້ວ ແມ່ນ+ຢືນຢັນ ແມ່ນ+ເຈົ້າ ເຈົ້າ ໂດຍ ໂອເຄ ໂອເຄ+ເຈົ້າ ຕົກລົງ ຕົກລົງ+ເຈົ້າ ໄດ້ ໄດ້+ເຈົ້າ ໄດ້+ເດີ້ ໄດ້ເລີຍ ຢືນຢັນ ຢືນຢັນ+ເຈົ້າ ເອົາ ເຫັນດີ
ဟုတ် လုပ်ပေးပါ လုပ်လိုက် ဟုတ်ကဲ့ ဟုတ်ကဲ့ရှင့် ဟုတ်ကဲ့ပါ ဟုတ်ကဲ့ခင်ဗျာ ဟုတ်ပါတယ် ဟုတ်ပြီ ရတယ် ရပါတယ် အိုကေ အိုခေ သဘောတူ သဘောတူပါတယ် အတည်ပြု အတည်ပြုပါ အတည်ပြုပါတယ် ဟုတ်ကဲ့+အတည်ပြုပါ လုပ်ပါ လုပ်လိုက်ပါ အင်း ကောင်းပြီ
ஆம் ம்ம் பண்ணிடுங்க பண்ணுங்க ஆமாம் ஆமா ஆமாங்க சரி சரிங்க ஓகே உறுதி உறுதி+செய் உறுதி+செய்கிறேன் ஆம்+உறுதி+செய் ஆமா+சரி சம்மதம் செய்யுங்கள் செய்ங்க aama aamaa aamam sari seri
हाँ हां कर+दीजिये हा जी जी+हाँ जी+हां हाँ+जी हां+जी ठीक+है ठीक ओके सही पक्का बिल्कुल जी+बिल्कुल कर+दो कर+दीजिए हाँ+कर+दो हाँ+कर+दीजिए हाँ+ठीक+है हां+ठीक+है पुष्टि+करें हाँ+पुष्टि+करें मंज़ूर+है haan kar+dijiye theek+hai+kar+do haanji haan+ji ji ji+haan theek+hai thik+hai bilkul kar+do haan+kar+do
হ্যাঁ হ্যা হাঁ জি জ্বি জী জি+হ্যাঁ জ্বি+হ্যাঁ ঠিক+আছে ঠিক হ্যাঁ+ঠিক+আছে জি+ঠিক+আছে করে+দেন আচ্ছা ওকে রাজি নিশ্চিত+করুন হ্যাঁ+নিশ্চিত+করুন অবশ্যই করুন করে+দিন hae ji+hae thik+ache
はい それで大丈夫です それで大丈夫 それで大丈夫なので進めてください ハイ うん 進めてください それで進めてください はいそれで進めてください ええ そうです はいそうです お願いします おねがいします お願いいたします よろしくお願いします はいお願いします はい大丈夫です オーケー オッケー おけ okです 了解 了解です 確認しました 確定 確定する はい確定する それでお願いします いいですよ もちろん 問題ありません 問題ないです
네 네+해주세요 그렇게+할게요 예 넵 넹 네네 응 응응 어 그래 그래요 좋아요 좋습니다 네+좋아요 맞아요 맞습니다 네+맞아요 네+맞습니다 확인 확인합니다 예+확인합니다 네+확인 동의합니다 알겠습니다 네+알겠습니다 오케이 ㅇㅇ ㅇㅋ 그렇게+해주세요 그렇게+해+주세요 네+그렇게+해주세요 네+부탁드려요 부탁드립니다 해주세요 진행해주세요 진행해+주세요 네+진행해주세요
نعم اي إي ايوه أيوه ايوا أيوا اه أه آه تمام موافق موافقة نعم+موافق نعم+تمام نعم+أؤكد نعم+اؤكد أؤكد اؤكد اكيد أكيد بالتأكيد طبعا طبعاً حسنا حسناً اوك أوك اوكي أوكي طيب ماشي صح صحيح اجل أجل naam aywa tamam mwafeq
sí si sip dale+nomás dale+nomas háganle sí+háganlo claro sí+claro si+claro vale de+acuerdo correcto exacto así+es asi+es confirmar confirmo confirmado sí+confirmar si+confirmar sí+confirmo si+confirmo sí+por+favor si+por+favor dale por+supuesto adelante hágalo hazlo perfecto está+bien esta+bien
sim pode+fazer manda+ver claro+que+sim sim+por+favor certo tá tá+bom ta+bom isso isso+mesmo pode pode+sim pode+ser pode+confirmar sim+confirmar sim+confirmo com+certeza concordo tudo+bem beleza blz aham uhum
oui allez-y vas-y faites-le oui+allez-y ouais d'accord daccord oui+d'accord ça+marche ca+marche bien+sûr bien+sur oui+bien+sûr c'est+bon c'est+d'accord parfait confirmer oui+confirmer je+confirme oui+je+confirme je+valide oui+svp oui+s'il+vous+plaît exactement tout+à+fait absolument volontiers
ja machen+sie+das ja+machen+sie+das jawohl jap jo klar ja+klar genau ja+genau einverstanden bestätigt bestätigen bestätige ja+bestätigen ja+bestätige passt stimmt richtig in+ordnung alles+klar natürlich gern gerne ja+gern ja+gerne ja+bitte
да делайте да+делайте ага угу хорошо да+хорошо ладно согласен согласна да+согласен да+согласна подтверждаю подтвердить да+подтверждаю да+подтвердить верно всё+верно все+верно да+верно конечно да+конечно да+пожалуйста точно именно давай давайте да+давайте ок окей
"""
NO = """
no nope nah not+now not+yet don't dont do+not don't+do+it stop never+mind nevermind leave+it no+leave+it no+thanks no+thank+you no+way no+wait wait+no dont+cancel don't+cancel do+not+cancel wait+don't wait+dont keep+it
不 不要 不用 不用了 不行 不是 不对 不對 不可以 算了 先不要 先不用 不好 不必 不必了 不需要 别 別 不同意 我不同意 不确认 不確認 否 否保持不变 否維持原狀 保持不变 維持原狀 唔要 唔係 唔好 唔使 不了 不取消 先不取消 不取消了 别取消 別取消 先别取消 不退了 不换了
không khong ko hông hong hok thôi thoi khỏi đừng không+cần khong+can chưa chua dạ+không da+khong dạ+thôi không+đồng+ý khong+dong+y không+xác+nhận không+muốn khong+muon giữ+nguyên giu+nguyen không+giữ+nguyên khong+giu+nguyen thôi+không+cần thôi+khỏi đừng+huỷ đừng+hủy dung+huy không+huỷ không+hủy khỏi+huỷ khỏi+hủy
ไม่ ไม่เอา ไม่เอาแล้ว ไม่ใช่ ไม่ต้อง อย่า ไม่ยืนยัน ไม่ตกลง ไม่ดีกว่า ไม่คงเดิม คงเดิม ยังก่อน ไม่ยกเลิก ไม่ยกเลิกแล้ว ไม่เอาแล้วไม่ยกเลิก ไม่เอาไม่ยกเลิก อย่ายกเลิก อย่าเพิ่ง
tidak xjadi tak+jadilah tak tak+nak taknak tak+mau tak+payah tak+perlu jangan jangan+dulu bukan belum enggak nggak gak ga ngga ndak tidak+jadi tak+jadi gak+jadi ga+jadi nggak+jadi ga+usah gak+usah nggak+usah tidak+usah tidak+perlu gak+perlu ga+perlu tidak+mau gak+mau ga+mau nggak+mau tidak+setuju tak+setuju tidak+ya biarkan biarkan+saja tidak+biarkan tidak+biarkan+saja takpe takpelah takpe+la jangan+batalkan jangan+cancel jangan+dibatalin ga+jadi+deh
hindi wag huwag wag+na huwag+na wag+na+lang huwag+na+lang wag+muna huwag+muna hindi+muna hindi+huwag+na ayaw ayoko di hinde huwag+i-cancel wag+i-cancel huwag+ikansela wag+na+po
ទេ បាទ+ទេ ចាស+ទេ ទេ+អរគុណ ទេ+ទុកដដែល ទុកដដែល អត់ទេ មិន មិនទេ កុំ កុំអី អត់ មិនព្រម មិនយល់ព្រម មិនយល់ព្រមទេ មិនបាច់ មិនបាច់ទេ កុំបោះបង់ កុំលុប
ບໍ່ ບໍ່ແມ່ນ ບໍ່ເອົາ ບໍ່ເອົາ+ເຈົ້າ ບໍ່ຕ້ອງ ບໍ່ຕ້ອງການ ບໍ່ຕົກລົງ ບໍ່ເຫັນດີ ບໍ່ຢືນຢັນ ບໍ່+ປະໄວ້ຄືເກົ່າ ປະໄວ້ຄືເກົ່າ ຢ່າ ຢ່າເຮັດ ບໍ ບໍ່ຕ້ອງແລ້ວ ບໍ່ຍົກເລີກ ບໍ່ຍົກເລີກແລ້ວ ຢ່າຍົກເລີກ
မဟုတ် မဟုတ်ဘူး မဟုတ်ပါဘူး မလုပ်နဲ့ မလုပ်ပါနဲ့ မလိုဘူး မလိုပါဘူး မလုပ်တော့ဘူး မလုပ်ချင်ဘူး သဘောမတူဘူး သဘောမတူပါဘူး မလုပ်ပါနဲ့+ဒီအတိုင်းထားပါ ဒီအတိုင်းထားပါ ဟင့်အင်း မဖျက်နဲ့ မဖျက်နဲ့တော့ မဖျက်ပါနဲ့
இல்லை இல்ல இல்லைங்க வேண்டாம் வேணாம் வேண்டாங்க வேணாங்க இல்லை+வேண்டாம் வேண்டாம்+நன்றி இல்லை+அப்படியே+விடு அப்படியே+விடு illai illa venam vendam vendaam கேன்சல்+பண்ணாதீங்க ரத்து+செய்யாதீங்க வேணாம்+விடுங்க விடுங்க
नहीं नही ना मत नहीं+जी जी+नहीं अभी+नहीं मत+करो मत+कीजिए नहीं+करना रहने+दो रहने+दीजिए रहने+दें नहीं+रहने+दें nahi nahin nai nahi+ji ji+nahi abhi+nahi mat+karo rehne+do कैंसल+मत+करो कैंसिल+मत+करो cancel+mat+karo nahi+rehne+do
না নাহ না+না জি+না জ্বি+না না+ধন্যবাদ এখন+না করবেন+না না+করবেন+না দরকার+নেই লাগবে+না না+লাগবে+না থাক না+থাক dorkar+nai lagbe+na বাতিল+করবেন+না
いいえ いえ いや いやです いらない いりません 不要です いいえ不要です しません やめます やめて やめてください やめておきます やっぱりやめます 結構です いいえ結構です いえ結構です いいえ大丈夫です いえ大丈夫です 違います いいえ違います まだです そのままで そのままにする いいえそのままにする キャンセルしないで キャンセルしないでください やっぱりキャンセルしないでください キャンセルしません
아니 아니요 아니오 아뇨 아니에요 아닙니다 ㄴㄴ 싫어요 됐어요 아니요+됐어요 안할래요 안+할래요 안할게요 안+할게요 아뇨+괜찮아요 아니요+괜찮아요 하지+마세요 하지마세요 필요+없어요 필요없어요 그대로+둘게요 그대로+둡니다 아니요+그대로+둡니다 취소하지+마세요 취소하지마세요 취소+안+할래요 그냥+둘게요 아니요+그냥+둘게요
لا لأ كلا لا+لا مش+موافق غير+موافق لست+موافقا لا+شكرا لا+شكراً لا+اريد لا+أريد لا+تفعل ليس+الآن مش+الان بلاش اتركه+كما+هو لا+اتركه+كما+هو لا+خلاص لا+تلغي لا+تلغوه لا+تلغونه لا+تلغيه
no+gracias nop para+nada mejor+no ahora+no todavía+no todavia+no aún+no aun+no no+quiero no+confirmo no+lo+haga no+por+favor dejarlo+así dejarlo+asi no+dejarlo+así no+dejarlo+asi déjalo+así no+lo+cancelen no+lo+cancele no+cancelar no+mejor+no
não nao não+obrigado não+obrigada nao+obrigado nao+obrigada melhor+não agora+não agora+nao ainda+não ainda+nao não+precisa nao+precisa não+quero nao+quero de+jeito+nenhum deixa deixa+pra+lá deixar+como+está deixa+como+está não+deixar+como+está nao+deixar+como+esta não+cancele não+cancelar nao+cancele
non non+merci pas+maintenant pas+encore pas+du+tout surtout+pas non+surtout+pas je+ne+veux+pas non+je+ne+veux+pas laisse+tomber laissez+tomber ne+rien+changer non+ne+rien+changer ne+pas+annuler n'annulez+pas
nein nee nö nicht lieber+nicht nein+danke noch+nicht nein+noch+nicht jetzt+nicht auf+keinen+fall so+lassen nein+so+lassen nicht+stornieren
нет не неа нет+нет не+надо нет+не+надо не+нужно нет+не+нужно нет+спасибо не+стоит не+хочу пока+нет не+сейчас ни+в+коем+случае не+согласен не+согласна не+подтверждаю оставить+как+есть нет+оставить+как+есть не+отменяйте не+отменять
"""
# Said beside a yes or a no without changing it.
POLITE = """
eh ay oh ah あ ஐயோ deh
pls please thanks thank you thx shop sis bro min gan
ạ a dạ da nhé nha nhe em ơi oi anh chị chi cảm ơn
ค่ะ ค่า ครับ คับ คะ จ้ะ นะ นะคะ นะครับ จ้า ขอบคุณ ขอบคุณค่ะ ขอบคุณครับ
kak kakak lah la terima kasih makasih po na pa lang salamat
谢谢 謝謝 吧 啊 呢 了 哦 喔 ありがとう ありがとうございます 감사합니다 고마워요
អរគុណ ຂອບໃຈ ပါ ခင်ဗျာ ရှင် ကျေးဇူးပါ நன்றி धन्यवाद ধন্যবাদ shukriya dhanyavaad شكرا
gracias obrigado obrigada merci bitte danke спасибо
"""
# What a yes may repeat of the action that it confirms: the verb, and what stands around it without saying more.
VERBS = {
    "cancel_order": """
cancel cancels cancelled i-cancel icancel ikansela kanselahin pakikansela pakicancel pacancel pa-cancel canceled
取消 退订 退訂 销掉 撤掉 撤单 销单 退单 撤單 退單 huỷ hủy huy cancle ยกเลิก แคนเซิล batal batalkan batalin batalkn dibatalkan dibatalin cancelkan
បោះបង់ លុបចោល លុប កាត់ចោល ຍົກເລີກ ແຄນເຊວ ဖျက် ပယ်ဖျက် ကင်ဆယ် ரத்து ரத்து+செய்யுங்கள் ரத்து+செய்ங்க கேன்சல் கேன்சல்+பண்ணுங்க
रद्द कैंसल कैंसिल radd বাতিল ক্যানসেল キャンセル 取り消し 取消し 취소 취소해주세요 취소해+주세요 الغ الغي ألغي الغوا ألغوا الغاء إلغاء الغوه ألغوه الغيه ألغيه كنسل
cancelar cancele cancelen cancela cancelalo cancélalo cancelo cancélelo cancelem anular annuler annulez annule storniere stornieren stornier storno
отмените отменить отмени отменяйте отменяем""",
    "return_items": """
return returned return+it i-return ibalik isauli pakibalik 退 退货 退貨 退掉 trả tra trả+lại tra+lai trả+hàng tra+hang hoàn คืน คืนของ คืนสินค้า ส่งคืน
pulangkan kembalikan balikin retur returkan return-kan សង សងវិញ ប្រគល់វិញ ສົ່ງຄືນ ຄືນ ပြန်ပို့ ပြန်အပ် ပြန်လဲ ரிட்டர்ன் திருப்பி+அனுப்புங்கள் திருப்பி
वापस लौटाना रिटर्न wapas vapas lauta ফেরত রিটার্ন 返品 반품 반품해주세요 반품해+주세요 ارجع أرجع ارجاع إرجاع رجع رجعوه استرجاع
devolver devuelva devuelvan devuelvo devolva devolvam devolvo retourner retournez renvoyer renvoyez zurückgeben zurückschicken retournieren
вернуть верните возврат оформите+возврат""",
}
FILLERS = """
i it that this the my order now all the+order for me then so
订单 訂單 这个 這個 它 单 單 帮我 幫我 给我 給我 帮 幫 请 請 麻烦 麻煩 掉 一下 你 们 我 要 了吧 吧 啦 咯 就行 就好 了就行 就可以了
đơn don đơn+hàng don+hang hàng hang này nay đó do nó no đi di luôn luon giúp giup dùm dum giùm gium hộ ho cho mình minh tôi toi em ngay lại lai
ออเดอร์ คำสั่งซื้อ เลย ให้ ให้หน่อย หน่อย ได้เลย ได้ ที ให้ที แล้ว ไป ไปเลย อัน นี้ นั้น เดี๋ยวนี้ สินค้า ของ
pesanan order+saya pesanannya ordernya saja aja je sahaja ini itu nih tu ni deh dong saya sekarang terus barang barangnya
nyo niyo na nyo+na yung ang order+ko ko lang nga ito yan to
ការបញ្ជាទិញ ទៅ ចុះ អោយ ឱ្យ ខ្ញុំ វា នេះ ឥវ៉ាន់ ຄຳສັ່ງຊື້ ອໍເດີ ເລີຍ ໃຫ້ ແດ່ ແນ່ ອັນນີ້ ອັນນັ້ນ ຂ້ອຍ ເຄື່ອງ
အော်ဒါ ကို လိုက် ပါ ပါတော့ တော့ ပေး ပေးပါ လိုက်ပါ ပစ္စည်း ပါရှင် ဆက်
ஆர்டர் ஆர்டரை பண்ணுங்க பண்ணிடுங்க பண்ணுங்கள் செய்யுங்கள் செய்ங்க செய்துவிடுங்கள் செய் அத இத அதை இதை
ऑर्डर करें करिए कर+दें कर+दीजिये दो दीजिए इसे वह मेरा order kar do dijiye de karo kar+dijiye kar+den isko ise mera wala
অর্ডার করুন করে দিন দেন করেন এটা ওটা আমার 注文 を して してください お願い お願いします で 주문 주문을 해줘 해주세요 주세요 해 을 를
الطلب طلبي هذا هذه لي المنتج لو سمحت من فضلك el la lo pedido mi este esto por favor ya
o a meu esse isso agora pode la commande ma cette le svp die den das bestellung bitte meine jetzt es заказ его мой этот пожалуйста сейчас
"""
_POLITE_ENDING = re.compile(r"(นะ)?(ค่ะ|คะ|ค่า|ครับ|คับ|จ้า|จ้ะ)$")
"""Thai writes its polite particles without a space."""
_STRETCHED = re.compile(r"(.)\1{2,}")
_MARKS: dict[str, Answer] = {
    "👍": "yes", "✅": "yes", "✔": "yes", "👌": "yes", "🆗": "yes", "👎": "no", "❌": "no", "✖": "no",
}  # fmt: skip
_QUESTION = re.compile("[?？؟]")
_PART_END = re.compile(r"[,.!;:，。！、،؛၊။।។\n]+")
_UNSEEN = re.compile("[\u064b-\u065f\ufe00-\ufe0f]")
"""Arabic vowel signs, and the selectors that choose how an emoji is drawn."""
_LATIN = re.compile("[a-z\u00c0-\u024f\u1e00-\u1eff]")
LONGEST = 40
"""Characters; a longer message says more than yes or no."""


def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = (_keep(character) for character in text)
    return _STRETCHED.sub(r"\1", " ".join("".join(kept).split()))


def _keep(character: str) -> str:
    """Letters, marks, digits and the apostrophe stay, invisible characters vanish, the rest parts words."""
    category = unicodedata.category(character)
    if category == "Cf" or _UNSEEN.match(character):
        return ""
    return character if category[0] in "LMN" or character == "'" else " "


def _read(words: str) -> frozenset[str]:
    known = {_normalise(word.replace("+", " ")) for word in words.split()}
    return frozenset(known | {word.replace(" ", "") for word in known})


_YES, _NO, _POLITE = _read(YES), _read(NO), _read(POLITE)
_VERBS = {tool: _read(words) for tool, words in VERBS.items()}
_FILLERS = _read(FILLERS)
_KNOWN = _YES | _NO | _POLITE
_PHRASE_WORDS = max(phrase.count(" ") + 1 for phrase in _YES | _NO)


def read_consent(text: str) -> Answer | None:
    """Whether the whole message is a yes or a no, in any launch language; None for anything else."""
    if len(text) > LONGEST or _QUESTION.search(text):
        return None
    plain = _normalise(text)
    answers: set[Answer | None] = {_MARKS[c] for c in text if c in _MARKS}
    if plain:
        whole = _read_part(plain)
        parts = [_normalise(part) for part in _PART_END.split(text)]
        answers |= {whole} if whole else {_read_part(part) for part in parts if part and part not in _POLITE}
    return answers.pop() if len(answers) == 1 else None


def confirms(text: str, tool: str) -> bool:
    """Whether the whole message is a yes, or one that repeats the proposed action and nothing else: "yes, cancel it"."""
    if read_consent(text) == "yes":
        return True
    if len(text) > LONGEST or _QUESTION.search(text) or tool not in _VERBS:
        return False
    words, verbs = _normalise(text).split(), _VERBS[tool]
    begun = begins_with_yes(text) or any(words and words[0].startswith(yes) for yes in _YES if not _LATIN.match(yes))
    return begun and _repeats(words, verbs)


@lru_cache(maxsize=8)
def _run_of(known: frozenset[str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(map(re.escape, sorted(known, key=len, reverse=True))) + ")+")


def _repeats(words: Sequence[str], verbs: frozenset[str]) -> bool:
    """Whether the words are a yes, the verb and what may stand around it, and the verb is among them.

    A script without spaces may write several of them as one word.
    """
    known = _YES | _POLITE | _FILLERS | verbs
    run = _run_of(known)
    fits = (word in known or (not _LATIN.match(word) and run.fullmatch(word)) for word in words)
    said = " ".join(words)
    return all(fits) and any(verb in words or (not _LATIN.match(verb) and verb in said) for verb in verbs)


def begins_with_yes(text: str) -> bool:
    """Whether a short message that is no plain yes begins with one and says no no: "yes cancel it", "ừ huỷ đi"."""
    words = _normalise(text).split()
    if len(text) > LONGEST or _QUESTION.search(text) or not words or read_consent(text):
        return False
    first = max((" ".join(words[:size]) for size in range(1, _PHRASE_WORDS + 1)), key=lambda p: (p in _YES, len(p)))
    return first in _YES and not any(word in _NO for word in words)


def holds_no(text: str) -> bool:
    """Whether a no is among the words, also inside a script without spaces: "ไม่ยกเลิกค่ะ"."""
    plain = f" {_normalise(text)} "
    return any(f" {no} " in plain if _LATIN.match(no) else no in plain for no in _NO)


def _read_part(plain: str) -> Answer | None:
    words, joined = plain.split(), plain.replace(" ", "")
    once = words[0] if len(set(words)) == 1 else plain
    without_polite = " ".join(word for word in words if word not in _POLITE)
    for candidate in (plain, joined, once, without_polite, _POLITE_ENDING.sub("", joined)):
        if candidate in _YES or candidate in _NO:
            return "yes" if candidate in _YES else "no"
    return _read_run(words)


def _read_run(words: list[str]) -> Answer | None:
    """A yes said several times without a comma ("yes go ahead", "嗯 确认"); one word more or a no among them: None."""
    answers = _parse_run(words)
    return next(iter(answers)) if answers is not None and len(answers) == 1 else None


def _parse_run(words: list[str]) -> frozenset[Answer] | None:
    """What the phrases say that the words fall into, long ones first; None when they fall into none."""
    if not words:
        return frozenset()
    for size in range(min(len(words), _PHRASE_WORDS), 0, -1):
        phrase = " ".join(words[:size])
        rest = _parse_run(words[size:]) if phrase in _KNOWN else None
        if rest is not None:
            answer: Answer = "yes" if phrase in _YES else "no"
            return rest if phrase in _POLITE else rest | {answer}
    return None
