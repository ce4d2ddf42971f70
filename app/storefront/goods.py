"""What the storefront says about its goods: prices, stock and texts, as the reader's language writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import yaml

from app import formats
from app.demo.catalogue import FINAL_SALE
from app.models import Money, Product

LTR, END = "\u2066", "\u2069"
"""An amount keeps its own direction inside a phrase."""
FEW = 5
"""So many or fewer are "a few"."""
HERO = ("P001", "P041", "P095", "P071")
"""Ids of the products beside the headline."""
PICKS = ("P007", "P031", "P044", "P078", "P111", "P085", "P092", "P055", "P102", "P067", "P117", "P017")
"""Ids of the products below it."""

_TEXTS: dict[str, dict[str, str]] = yaml.safe_load(
    files("app.storefront").joinpath("texts.yaml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Texts:
    """The page's strings in one language."""

    language: str

    def __call__(self, key: str, /, **values: object) -> str:
        forms = _TEXTS[key]
        return forms.get(self.language, forms["en"]).format(**values)

    def department(self, category: str) -> str:
        """The name of a category; one that nobody translated is shown as it is."""
        return self(category) if category in _TEXTS else category

    def money(self, amount: Money) -> str:
        return f"{LTR}{formats.money(amount, self.language)}{END}"

    def price(self, product: Product) -> str:
        """The price, or the least where its variants differ."""
        prices = sorted((variant.price for variant in product.variants), key=lambda price: price.amount)
        least = self.money(prices[0])
        return least if prices[0] == prices[-1] else self("from", price=least)

    def stock(self, left: int) -> str:
        return self("sold_out" if left <= 0 else "few" if left <= FEW else "in_stock")

    def badge(self, product: Product) -> str:
        """What a card says beside the picture; mostly nothing."""
        left = sum(variant.stock for variant in product.variants)
        if left <= FEW:
            return self.stock(left)
        return self("final_sale") if product.category in FINAL_SALE else ""


def group(products: Sequence[Product]) -> dict[str, list[Product]]:
    """Products by category, in the order of the catalogue."""
    groups: dict[str, list[Product]] = {}
    for product in sorted(products, key=lambda product: product.id):
        groups.setdefault(product.category, []).append(product)
    return groups
