"""Finds the lines of a bank that are nearest to a text, in any language and without a model call.

Owns normalisation, the lexical voice, the encoder's vectors and their fusion. What the labels mean (policy sections,
intents, products) is the business of those who ask. No network.
"""

from app.retrieval.index import Entry, Index

__all__ = ["Entry", "Index"]
