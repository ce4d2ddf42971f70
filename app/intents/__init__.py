"""What a customer wants, without a model call: for when the model is away, and for the fast path.

Owns the bank of example utterances (one YAML file a language beside this module) and the intents' names. The examples
of the policies join the bank as ``answer_from_policy``. Nothing here acts; the turn decides what an intent leads to.
"""

from app.intents.router import DECLINE, INTENTS, POLICY_OF_INTENT, PROBLEMS, SMALL_TALK, Intent, Router, read_bank

__all__ = ["DECLINE", "INTENTS", "POLICY_OF_INTENT", "PROBLEMS", "SMALL_TALK", "Intent", "Router", "read_bank"]
