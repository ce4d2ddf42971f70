"""Finding products by a customer's words: the retrieval index over titles, categories and options."""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.models import OrderItem, Product, Variant
from app.retrieval import Entry, Index

RELEVANT = 0.12
"""Score under which a product has nothing to do with the words; a shared word of a title scores above it."""

CLEAR = 0.8
"""Items that score this share of the best are as good as it: the customer must say which."""

_LATIN = "[a-z0-9à-ɏḁ-ỿ\u0300-\u036f]"
"""What a word goes on with: the M of "mình" is no size, that of "换M码" is one."""


def find_products(words: str, products: Sequence[Product], limit: int) -> list[Product]:
    """The products that fit the words, best first; empty when none does."""
    by_id = {product.id: product for product in products}
    ranked = _index(tuple((p.id, p.title, p.category) for p in products)).rank(words, limit=limit)
    return [by_id[label] for label, score in ranked if score >= RELEVANT]


def match_items(words: str, items: Sequence[OrderItem]) -> list[OrderItem]:
    """The items of an order that the words describe; the only one when there is but one."""
    if len(items) < 2:
        return list(items)
    index = Index([Entry(f"{i.title} {' '.join(i.options.values())} {i.category}", "en", i.id) for i in items])
    ranked = dict(index.rank(words, limit=len(items)))
    best = max(ranked.values(), default=0.0)
    return [i for i in items if best >= RELEVANT and ranked.get(i.id, 0.0) >= CLEAR * best]


def match_variant(words: str, variants: Sequence[Variant]) -> Variant | None:
    """The variant whose options the words name, each as a whole word; None when none or several fit equally."""
    text = words.casefold()
    scores = {v.id: sum(_names(text, value) for value in v.options.values()) for v in variants}
    best = max(scores.values(), default=0)
    found = [v for v in variants if best and scores[v.id] == best]
    return found[0] if len(found) == 1 else None


def _names(text: str, value: str) -> bool:
    return re.search(rf"(?<!{_LATIN}){re.escape(value.casefold())}(?!{_LATIN})", text) is not None


@lru_cache(maxsize=4)
def _index(products: tuple[tuple[str, str, str], ...]) -> Index:
    return Index([Entry(f"{title} {category}", "en", key) for key, title, category in products])
