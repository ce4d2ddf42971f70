"""Finding products by a customer's words: the retrieval index over titles, categories and options."""

from collections.abc import Sequence
from functools import lru_cache

from app.models import Product
from app.retrieval import Entry, Index

RELEVANT = 0.12
"""Score under which a product has nothing to do with the words; a shared word of a title scores above it."""


def find_products(words: str, products: Sequence[Product], limit: int) -> list[Product]:
    """The products that fit the words, best first; empty when none does."""
    by_id = {product.id: product for product in products}
    ranked = _index(tuple((p.id, p.title, p.category) for p in products)).rank(words, limit=limit)
    return [by_id[label] for label, score in ranked if score >= RELEVANT]


@lru_cache(maxsize=4)
def _index(products: tuple[tuple[str, str, str], ...]) -> Index:
    return Index([Entry(f"{title} {category}", "en", key) for key, title, category in products])
