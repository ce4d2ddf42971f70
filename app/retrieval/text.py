"""How a text is compared: one normal form for a language's spellings, and the features of that form."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import regex

MAX_CHARACTERS = 400
"""What is read of a text: the beginning and the end of a long message hold its question."""

_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")
_NUMBER = re.compile(r"[#№]?\b[a-z]{0,4}[-_]?\d[\d.,:/-]*")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_WORD = regex.compile(r"[\p{L}\p{M}]+|0")
_ACCENTS = regex.compile(r"([\p{Latin}\p{Arabic}])\p{M}+")
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_LETTERS = str.maketrans({
    "đ": "d", "ı": "i", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": "",
    "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
})  # fmt: skip
# Traditional to simplified, only characters that customers of a shop use; both sides of the comparison are folded.
_HANT = (
    "單訂貨運費還沒嗎為麼發這個們時間後來現過會說請問謝謝對錯壞換錢帳賬戶號碼電話聯絡寄遞達到約顏色寫買賣價優惠劃餘額轉訊資刪除"
    "質應該處理維護障證實際體驗總點擊線難買類預購繳稅關進報單據發開統編確認變動圖傳見樣條產線檢測試無從網頁銀額員環補償損當認識讓給與"
    "尺碼運輸輛嚴遲誰讀寶貝歡應聽講門樓層區縣鄉鎮國際韓東麗兒禮盒裝飾銷釋經據權隱個資專屬幾兩萬歲週禮將臺灣灘馬幣緬寮緊長陸續選擇項"
)
_HANS = (
    "单订货运费还没吗为么发这个们时间后来现过会说请问谢谢对错坏换钱帐账户号码电话联络寄递达到约颜色写买卖价优惠划余额转讯资删除"
    "质应该处理维护障证实际体验总点击线难买类预购缴税关进报单据发开统编确认变动图传见样条产线检测试无从网页银额员环补偿损当认识让给与"
    "尺码运输辆严迟谁读宝贝欢应听讲门楼层区县乡镇国际韩东丽儿礼盒装饰销释经据权隐个资专属几两万岁周礼将台湾滩马币缅寮紧长陆续选择项"
)
_SIMPLIFY = str.maketrans(dict(zip(_HANT, _HANS, strict=True)))


def normalise(text: str) -> str:
    """A text as it is compared: lower case, links gone, numbers as 0, Latin and Arabic without accents."""
    if len(text) > MAX_CHARACTERS:
        text = f"{text[: MAX_CHARACTERS * 3 // 4]} {text[-MAX_CHARACTERS // 4 :]}"
    text = unicodedata.normalize("NFKC", text).lower()
    text = _NUMBER.sub(" 0 ", _LINK.sub(" ", text)).translate(_SIMPLIFY).translate(_LETTERS)
    return _STRETCHED.sub(r"\1", _fold(text))


def _fold(text: str) -> str:
    """Drop combining marks that follow a Latin or Arabic letter; in other scripts they are vowels."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub(r"\1", unicodedata.normalize("NFD", text)))


def ngrams(text: str) -> Iterator[str]:
    """Features of a normalised text: words, pairs of words and character n-grams."""
    words = _WORD.findall(text)
    yield from (f"={word}" for word in words)
    yield from (f"={first} {second}" for first, second in pairwise(words))
    for word in words:
        yield from _parts(word)


def _parts(word: str) -> Iterator[str]:
    sizes = (1, 2, 3, 4) if _DENSE.search(word) else (3, 4)
    padded = word if _DENSE.search(word) else f"<{word}>"
    for size in sizes:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]
