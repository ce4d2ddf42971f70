"""Tools that talk: hand a conversation to a person, small talk, asking for what is missing, offering topics."""

from typing import Literal

from app.identity import find_order_numbers
from app.models import Outcome
from app.tools.registry import PROOF, Desk, Kind, ToolResult, tool


@tool(Kind.READ)
async def hand_off(desk: Desk, reason: Literal["customer_asked", "complaint", "needs_person"]) -> ToolResult:
    """Give the conversation to a human colleague: the customer wants a person, is very upset, or nothing else fits."""
    text = desk.wording.say("handoff_done", desk.language)
    return ToolResult(text, Outcome.HANDED_OFF, handoff_reason=reason, done=frozenset({"handed_off"}))


@tool(Kind.READ)
async def small_talk(desk: Desk, kind: Literal["greeting", "thanks", "bye", "who_are_you", "ok"]) -> ToolResult:
    """Answer a greeting, thanks, a goodbye, a plain "ok", or the question who you are."""
    key = {"greeting": "greeting_short", "thanks": "thanks_reply", "ok": "ok_ack"}.get(kind, kind)
    return ToolResult(desk.wording.say(key, desk.language, shop=desk.policies.shop.name))


@tool(Kind.READ)
async def ask_for_order(desk: Desk) -> ToolResult:
    """Ask which order is meant, or for the proof that opens it: for questions about an own order when it is unclear."""
    orders = await desk.shop.orders()
    mentioned = find_order_numbers(desk.question)
    say = desk.wording.say
    if not orders:
        text = say("ask_contact", desk.language, number=mentioned[0]) if mentioned else say("ask_proof", desk.language)
        return ToolResult(text, Outcome.CLARIFIED, asked=PROOF)
    if mentioned:
        text = say("order_not_found", desk.language, number=mentioned[0])
        return ToolResult(text, Outcome.CLARIFIED, asked=PROOF)
    lines = desk.canned.orders_list(orders, desk.language, desk.time_zone)
    return ToolResult(f"{say('which_order', desk.language)}\n{lines}", Outcome.CLARIFIED)


@tool(Kind.READ)
async def offer_topics(desk: Desk) -> ToolResult:
    """Offer topics when it is unclear what the customer wants, or the shop has nothing to say about it."""
    selection = desk.policies.select(desk.question, desk.language)
    if not selection.topic_ids:
        return ToolResult(desk.wording.say("out_of_scope", desk.language), Outcome.CLARIFIED)
    topics = dict(zip(selection.topic_ids, selection.topics, strict=True))
    return ToolResult(desk.canned.topics_offer(topics, desk.language), Outcome.CLARIFIED)
