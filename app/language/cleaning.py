"""What is left of a message once everything that says nothing about its language is taken out.

Owns the stripping of links, addresses, codes, numbers, emoji and neutral shop words, and the splitting into
words. Leaves what the words mean to ``lexicon``.
"""

import re
import unicodedata

MAX_LETTERS = 600
"""Characters that are looked at: more text than this adds time, not certainty."""

_LATIN = r"A-Za-z0-9_\-À-ɏḀ-ỿ"
_NOISE = re.compile(
    r"(?:https?://|www\.)\S+"  # links
    r"|(?<!\S)[^\s@]+@\S+"  # e-mail addresses
    rf"|(?<![{_LATIN}.])[\w-]+(?:\.[\w-]+){{0,3}}\.(?:com|net|org|shop|my|id|vn|ph|th|sg|co|io|me)\b\S*"  # host names
    r"|(?<!\w)[@#]\w+"  # handles, hashtags
    r"|[{<%\[]\w{0,40}[}>%\]]|%\d{0,3}\$?[sd]"  # placeholders
    # Anything in Latin letters with a digit in it: numbers, codes, models.
    rf"|(?<![{_LATIN}])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]+(?![{_LATIN}])"
)
# Marks are no letters to ``re``: those of the scripts whose words are looked up, and Persian's zero-width joints.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u200c\u200d"
_LETTER = rf"[^\W\d_][{_MARKS}]*"
_WORD = re.compile(rf"[¿¡]|(?:{_LETTER})+(?:[’'ʼ](?:{_LETTER})+)*")
_LONG_RUN = re.compile(r"(\w)\1{2,}")

# Words that shoppers of every language use. They are dropped as long as another word is left.
_SHOP = """
    order orders refund refunds cod tracking track voucher vouchers checkout cart store online email e-mail mail
    sms ok okay oke okey promo code kode kod admin seller cs customer service app link chat sale size cancel return
    resi status invoice delivery update otp qr id sku rts pm dm po xl xxl wifi bluetooth usb bank transfer ewallet
    paypal visa mastercard gcash grab gojek gopay shopee lazada tokopedia tiktok facebook instagram whatsapp wa ig fb
    messenger dhl fedex jne jnt sicepat ninjavan van pos poslaju lbc ghn ghtk vnpost iphone samsung xiaomi oppo vivo
    nike adidas
"""
SHOP_WORDS = frozenset(_SHOP.split())


def read_words(text: str) -> list[str]:
    """The lower-case words of a message that may tell its language."""
    return drop_shop_words(split_words(strip_noise(text)))


def strip_noise(text: str) -> str:
    """The text without links, addresses, codes and numbers, in NFC, at most ``MAX_LETTERS`` characters."""
    return unicodedata.normalize("NFC", _NOISE.sub(" ", text[: 4 * MAX_LETTERS]))[:MAX_LETTERS]


def split_words(text: str) -> list[str]:
    """Lower-case words; letters drawn out for emphasis ("makasihhhh") are cut to one."""
    return [_LONG_RUN.sub(r"\1", word).replace("’", "'") for word in _WORD.findall(text.lower())]


def drop_shop_words(words: list[str]) -> list[str]:
    """The words that belong to a language, or all of them where none does."""
    return [word for word in words if word not in SHOP_WORDS] or words


def fold(word: str) -> str:
    """The word without accents, as hurried people type it (``không`` → ``khong``, ``đ`` → ``d``)."""
    if word.isascii():
        return word
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return plain.replace("đ", "d").replace("ł", "l").replace("ß", "ss").replace("ı", "i").replace("ø", "o")
