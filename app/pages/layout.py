"""The components of the chat page by name. Knows no conversation; ``chat`` wires them, ``chat.css`` dresses them."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

EXAMPLES = ("example_not_shipped", "example_return", "example_refund", "example_damaged", "example_person")
"""Keys of the domain ``customer``."""

AUTOMATIC = "auto"
"""The picker's choice that has the language detected."""

POLL_SECONDS = 2.0
WARMING_SECONDS = 3.0
AGAIN_SECONDS = 2.5

# Gradio encrypts what it keeps in the browser, but sends the key to every browser: it protects nothing. It is fixed
# so that the next process, or another replica, can read what this one wrote. The token is what opens a conversation.
_STORAGE_KEY = "kaunter-conversation"
_STORAGE_CIPHER = "kaunter-conversation-1"


@dataclass(frozen=True, slots=True)
class Layout:
    """Every component that a handler reads or writes."""

    reference: Any
    pending: Any
    poll: Any
    warming: Any
    again: Any
    header: Any
    picker: Any
    person: Any
    renew: Any
    detected: Any
    banner: Any
    thread: Any
    live: Any
    examples: tuple[Any, ...]
    example_row: Any
    decision: Any
    confirm: Any
    decline: Any
    shown: Any
    """The id of the proposal that this page shows; kept by the server, never sent to or read from the browser."""
    notice: Any
    box: Any
    send: Any
    fold: Any
    card: Any
    proof: Any
    number: Any
    contact: Any
    verify: Any
    verdict: Any
    footer: Any


def draw(languages: list[tuple[str, str]]) -> Layout:
    """Place the components inside the current Blocks. ``languages`` are pairs (autonym, code) for the picker."""
    state = _draw_state()
    with gr.Column(elem_id="page"):
        with gr.Row(elem_id="top"):
            header = _html("header")
            picker = gr.Dropdown(
                [("Auto", AUTOMATIC), *languages],
                value=AUTOMATIC,
                label="Language",
                filterable=False,
                elem_id="picker",
                min_width=0,
            )
            person = gr.Button("", elem_id="person", size="sm", min_width=0)
            renew = gr.Button("", elem_id="renew", size="sm", min_width=0)
        with gr.Row(elem_id="main"):
            talk = _draw_talk()
            side = _draw_side()
        footer = _html("footer")
    top = {"header": header, "picker": picker, "person": person, "renew": renew, "footer": footer}
    return Layout(**state, **top, **talk, **side)


def _draw_state() -> dict[str, Any]:
    return {
        "reference": gr.BrowserState(None, storage_key=_STORAGE_KEY, secret=_STORAGE_CIPHER),
        "pending": gr.Textbox("", visible=False),
        "shown": gr.State(None),
        "poll": gr.Timer(POLL_SECONDS, active=False),
        "warming": gr.Timer(WARMING_SECONDS, active=False),
        "again": gr.Timer(AGAIN_SECONDS, active=False),
    }


def _draw_talk() -> dict[str, Any]:
    with gr.Column(elem_id="talk"):
        banner, detected = _html("banner"), _html("detected")
        with gr.Column(elem_id="scroll"):
            thread, live = _html("thread"), _html("live")
            with gr.Row(elem_id="examples", visible=True) as example_row:
                examples = tuple(gr.Button("", size="sm", min_width=0, elem_classes="chip") for _ in EXAMPLES)
            with gr.Row(elem_id="decision", visible=False) as decision:
                confirm = gr.Button("", elem_id="confirm", variant="primary", size="sm", min_width=0)
                decline = gr.Button("", elem_id="decline", size="sm", min_width=0)
        notice = _html("notice")
        with gr.Row(elem_id="composer"):
            box = gr.Textbox(
                "", show_label=False, label="Message", lines=1, max_lines=6, elem_id="box", container=False
            )
            send = gr.Button("", elem_id="send", variant="primary", min_width=0)
    found = {
        "detected": detected,
        "banner": banner,
        "thread": thread,
        "live": live,
        "examples": examples,
        "example_row": example_row,
        "decision": decision,
        "confirm": confirm,
        "decline": decline,
    }
    return {**found, "notice": notice, "box": box, "send": send}


def _draw_side() -> dict[str, Any]:
    with gr.Column(elem_id="side"):
        fold = _html("fold")
        card = _html("card")
        with gr.Accordion("", open=True, elem_id="proof") as proof:
            number = gr.Textbox("", label="Order number", max_lines=1, max_length=40, elem_id="number")
            contact = gr.Textbox("", label="Contact", max_lines=1, max_length=200, elem_id="contact")
            verify = gr.Button("", variant="primary", elem_id="verify")
            verdict = _html("verdict")
    found = {"fold": fold, "card": card, "proof": proof, "number": number}
    return {**found, "contact": contact, "verify": verify, "verdict": verdict}


def _html(name: str) -> Any:
    return gr.HTML("", elem_id=name, js_on_load=None, apply_default_css=False)
