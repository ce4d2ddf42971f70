"""What a view looks like: component by component, in the view's locale.

Owns the translation of a view into updates of the page. Decides nothing about who may see what.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import gradio as gr

from app.language import registry
from app.llm.base import Health
from app.pages import bubbles
from app.pages.layout import AUTOMATIC, EXAMPLES, Layout
from app.pages.order_card import OrderCard
from app.pages.visits import View, Visit
from app.wording import Wording

Updates = dict[Any, Any]
_STATES = {"ready": "model_ready", "loading": "model_warming", "unavailable": "model_away"}
_FOLD = '<button type="button" data-fold>{}</button>'
_MARK = (
    '<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="1.8" '
    'stroke-linecap="round" stroke-linejoin="round"><path d="M4 10h16l-1.2 9a1.5 1.5 0 0 1-1.5 1.3H6.7A1.5 1.5 0 0 1 '
    '5.2 19L4 10Z"/><path d="M8 10V8a4 4 0 0 1 8 0v2"/><path d="M9.5 14.5c1.6 1.5 3.4 1.5 5 0"/></svg>'
)


class Painter:
    """Turns views into updates of ``parts``. ``greet`` says the first bubble in a language."""

    def __init__(
        self,
        parts: Layout,
        wording: Wording,
        greet: Callable[[str], str],
        languages: Sequence[str],
        *,
        shop_name: str,
        time_zone: str,
    ) -> None:
        self._parts = parts
        self._languages = languages
        self._wording = wording
        self._greet = greet
        self._shop_name = shop_name
        self._time_zone = time_zone

    @property
    def outputs(self) -> list[Any]:
        """Every component that an update may name."""
        p = self._parts
        named = [p.reference, p.poll, p.warming, p.header, p.picker, p.person, p.renew, p.detected, p.banner, p.thread]
        named += [p.decision, p.confirm, p.decline, p.shown]
        named += [p.live, p.example_row, p.notice, p.box, p.send, p.fold, p.card, p.proof, p.number, p.contact]
        return [*named, p.verify, p.verdict, p.footer, *p.examples]

    def paint(self, view: View, health: Health | None = None) -> Updates:
        """What a turn, an agent or a proof may have changed; with ``health`` also the model's state."""
        p, locale = self._parts, view.visit.locale
        is_open = view.open_message is not None
        updates: Updates = {
            # While a proposal waits it may expire, or an agent or another tab may take it away.
            p.poll: gr.Timer(active=is_open or view.visit.is_manual or view.proposal is not None),
            p.thread: bubbles.render_thread(view.messages, self._greet(locale), locale, self._wording),
            p.example_row: gr.Row(visible=not view.messages),
            p.decision: gr.Row(visible=view.proposal is not None),
            p.shown: view.proposal.id if view.proposal else None,
            p.detected: self._detected(view),
            p.banner: self._banner(view),
            **self._paint_orders(view),
        }
        if not is_open:
            updates[p.live] = ""
        if health is not None:
            updates[p.header] = self._header(locale, health)
            updates[p.warming] = gr.Timer(active=health.state == "loading")
        return updates

    def paint_page(self, view: View, health: Health) -> Updates:
        """The whole page in the view's locale."""
        p, locale = self._parts, view.visit.locale
        placeholder = self._label("input_placeholder", locale)
        return {
            **self.paint(view, health),
            **self.paint_reference(view.visit),
            **self.paint_notice(""),
            p.picker: self._picker(view.visit),
            p.person: gr.Button(self._label("talk_to_person", locale)),
            p.renew: gr.Button(self._label("new_conversation", locale)),
            p.box: gr.Textbox(placeholder=placeholder, label=placeholder),
            p.send: gr.Button(self._label("send", locale)),
            p.number: gr.Textbox(value="", label=self._label("verify_order_number", locale)),
            p.contact: gr.Textbox(value="", label=self._label("verify_contact", locale)),
            p.confirm: gr.Button(self._label("confirm", locale)),
            p.decline: gr.Button(self._label("decline", locale)),
            p.verify: gr.Button(self._label("verify_submit", locale)),
            p.verdict: "",
            p.footer: f'<p dir="auto">{escape(self._label("privacy_note", locale))}</p>',
            **{p.examples[i]: gr.Button(self._label(key, locale)) for i, key in enumerate(EXAMPLES)},
        }

    def paint_reference(self, visit: Visit) -> Updates:
        """What the browser keeps. Only handlers that begin or forget a conversation write it."""
        return {self._parts.reference: visit.reference or {}}  # None would leave the old one in the browser

    def paint_live(self, segments: Sequence[str], language: str, locale: str) -> Updates:
        """The reply that is being written."""
        return {self._parts.live: bubbles.render_live(segments, language, locale, self._wording)}

    def paint_notice(self, sentence: str) -> Updates:
        """Something that did not work, above the box; an empty sentence takes it away."""
        notice = f'<p role="alert" dir="auto">{escape(sentence)}</p>' if sentence else ""
        return {self._parts.notice: notice}

    def paint_verdict(self, sentence: str, *, failed: bool) -> Updates:
        """How a proof ended; one that succeeded empties the form."""
        verdict = f'<p role="status" class="{"bad" if failed else "well"}" dir="auto">{escape(sentence)}</p>'
        emptied = {} if failed else {self._parts.number: "", self._parts.contact: ""}
        return {self._parts.verdict: verdict, **emptied}

    def _paint_orders(self, view: View) -> Updates:
        p, locale = self._parts, view.visit.locale
        card = OrderCard(self._wording, locale, self._time_zone)
        ask = self._label("verify_title", locale)
        return {
            p.card: card.render(view.orders),
            p.fold: _FOLD.format(escape(card.title(view.orders[0]) if view.orders else ask)),
            p.proof: gr.Accordion(label=ask, open=not view.orders),
        }

    def _picker(self, visit: Visit) -> Any:
        automatic = (self._label("language_auto", visit.locale), AUTOMATIC)
        pickable = [(registry.LANGUAGES[code].autonym, code) for code in self._languages]
        conversation = visit.conversation
        is_pinned = conversation is not None and conversation.language_pinned
        value = conversation.language if conversation is not None and is_pinned else AUTOMATIC
        return gr.Dropdown([automatic, *pickable], value=value, label=self._label("language", visit.locale))

    def _header(self, locale: str, health: Health) -> str:
        language = registry.LANGUAGES[locale]
        state, title = health.state, escape(self._label("title", locale))
        offline, failed = self._label("offline", locale), self._label("error_busy", locale)
        return (
            f'<div class="brand" data-locale="{language.code}" data-direction="{language.direction}" '
            f'data-offline="{escape(offline)}" data-failed="{escape(failed)}">'
            f'<span class="mark" aria-hidden="true">{_MARK}</span><div><h1>{escape(self._shop_name)}</h1>'
            f'<p class="state {state}" role="status"><i aria-hidden="true"></i><span>{title} · '
            f"{escape(self._label(_STATES[state], locale))}</span></p></div></div>"
        )

    def _detected(self, view: View) -> str:
        """The language that the assistant took the conversation to be in."""
        conversation = view.visit.conversation
        known = registry.find(conversation.language) if conversation and view.messages else None
        if known is None or conversation is None:
            return ""
        text = known.autonym
        if not conversation.language_pinned:
            text = self._label("language_detected", view.visit.locale, language=known.autonym)
        return f'<span class="tag" dir="auto">{escape(text)}</span>'

    def _banner(self, view: View) -> str:
        visit = view.visit
        if not visit.is_manual or visit.conversation is None:
            return ""
        text = self._label("handed_off", visit.locale)
        if visit.conversation.assignee and view.agent_spoke:
            text = self._label("talking_to", visit.locale, name=self._label("name_agent", visit.locale))
        return f'<p role="status" dir="auto">{escape(text)}</p>'

    def _label(self, key: str, locale: str, **values: object) -> str:
        return self._wording.label(key, locale, **values)
