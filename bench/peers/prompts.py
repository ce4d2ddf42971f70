"""The rivals' instructions: the same policies for all, static text first, so that the server's prefix cache holds."""

from app.language.registry import LANGUAGES
from app.policies import Policies

SECTIONS = (
    ("cancellation", "when"), ("returns", "window"), ("refunds", "time"), ("customs", "held"), ("shipping", "tracking"),
)  # fmt: skip
"""What the situations of the sample need; in a shop it would be all 44 sections, 4,500 tokens."""

_RULES = """You are the customer service assistant of {shop}, an online shop. Customers write in many languages.
- Reply in the language of the customer's last message and in no other, in two or three short sentences. Plain text.
- State only facts from the order data and the policies. Copy order numbers, tracking numbers, dates and amounts exactly; name the order number.
- If a fact is missing, say that you do not have it. Never say that something was done unless the data say so.
"""  # noqa: E501
_AGENT = """- To answer a question about an order, call get_order once, then answer in words from its result.
- When the customer wants to cancel or return, call the tool for it. The customer confirms in a dialog, so do not ask yourself.
- Call hand_off only when the customer wants a person or nothing else helps.
"""  # noqa: E501
_PLAIN = "- You cannot change anything in the shop's system.\n"


def write_system(policies: Policies, *, agent: bool) -> str:
    """The system prompt; ``agent``: with tools."""
    texts = [passage.text for policy, section in SECTIONS for passage in policies.render(policy, section)]
    rules = _RULES.format(shop=policies.shop.name) + (_AGENT if agent else _PLAIN)
    return rules + "\nPolicies:\n" + "\n\n".join(texts)


def introduce(numbers: list[str], language: str) -> str:
    """What stands before the first message of a customer who has proven an order: as Kaunter knows it too."""
    orders = ", ".join(numbers) or "none"
    return f"[Verified order of this customer: {orders}. Language of the page: {LANGUAGES[language].name}.]\n"
