"""Noise as shop customers add it: order numbers, brands, shop words, lower case, missing accents.

Owns making it, reproducibly. None of its brands and shop words is in the detector's lists (a test sees to it).
"""

import random
import unicodedata

from app.language.cleaning import fold

BRANDS = (
    "Uniqlo", "Anker", "Baseus", "Maybelline", "Lenovo", "Skechers", "Philips", "Wardah", "Logitech", "Crocs",
    "Vans", "Dyson", "Cetaphil", "Innisfree", "Casio", "Tefal", "Garmin", "Nivea", "Puma", "Realme",
)  # fmt: skip
SHOP_WORDS = (
    "unboxing", "preorder", "bundle", "restock", "giveaway", "cashback", "dropship", "warranty", "combo", "freebie",
    "flashsale", "refurbished", "hub", "logistics", "barcode", "presale", "topup", "affiliate", "reseller", "xxxl",
)  # fmt: skip
CODES = ("#{0}", "JT{0}MY", "{0}", "ORD-{0}", "SPXVN{0}", "inv/{0}")


def add_noise(text: str, seed: int) -> str:
    """The line as hurried customers send it; the same for the same seed."""
    chance = random.Random(f"{seed}:{text}")
    extras = []
    if chance.random() < 0.5:
        extras.append(chance.choice(CODES).format(chance.randrange(10**5, 10**9)))
    if chance.random() < 0.4:
        extras.append(chance.choice(BRANDS))
    if chance.random() < 0.3:
        extras.append(chance.choice(SHOP_WORDS))
    words = text.split(" ")
    for extra in extras:
        words.insert(chance.choice((0, len(words))), extra)
    line = " ".join(words)
    if chance.random() < 0.7:
        line = line.lower()
    return _drop_accents(line) if chance.random() < 0.5 else line


def _drop_accents(line: str) -> str:
    """Latin letters without accents; other scripts keep their marks, which are letters to them."""
    return "".join(fold(c) if "LATIN" in unicodedata.name(c, "") else c for c in unicodedata.normalize("NFC", line))
