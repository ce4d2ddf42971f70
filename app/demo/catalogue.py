"""The demo shop's products, read from ``products.yaml``."""

from collections.abc import Container
from dataclasses import dataclass
from itertools import product as combine
from random import Random
from typing import Any

import yaml

from app.demo.prices import convert
from app.demo.source import SEED, read_text
from app.models import Money, Product, Variant

FINAL_SALE = ("underwear", "perishables")


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant with its product and its price in Singapore dollars."""

    product: Product
    variant: Variant
    dollars: float


def build_catalogue(sold_out: Container[str] = ()) -> list[Offer]:
    """Every variant in the order of the file; those with an id in ``sold_out`` have no stock."""
    offers: list[Offer] = []
    number = 0
    for category, entries in yaml.safe_load(read_text("products.yaml")).items():
        for entry in entries:
            number += 1
            offers.extend(_build_offers(f"P{number:03}", category, entry, sold_out))
    return offers


def list_products(offers: list[Offer]) -> list[Product]:
    return list({offer.product.id: offer.product for offer in offers}.values())


def _build_offers(key: str, category: str, entry: dict[str, Any], sold_out: Container[str]) -> list[Offer]:
    random = Random(f"{SEED}:stock:{key}")  # noqa: S311 - a repeatable demo, no secret
    names, extra = list(entry["options"]), entry.get("extra", {})
    variants, prices = [], []
    for place, values in enumerate(combine(*entry["options"].values())):
        dollars = entry["price"] + sum(extra.get(value, 0) for value in values)
        stock = random.choice((0, 2, 3, 5, 8, 12, 20, 35, 60))
        variant = f"{key}-{place + 1:02}"
        price = Money(convert(dollars, "SGD"), "SGD")
        options = dict(zip(names, values, strict=True))
        variants.append(Variant(variant, key, options, price, 0 if variant in sold_out else stock))
        prices.append(dollars)
    product = Product(key, entry["title"], category, entry["description"], tuple(variants))
    return [Offer(product, variant, price) for variant, price in zip(variants, prices, strict=True)]
