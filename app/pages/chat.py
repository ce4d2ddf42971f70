"""The shopper's web chat: what happens on the page at each event, calling ``conversations`` in process.

A message is stored before anything is shown; the turn runs on whoever watches, and what is on the page is read from
the store, so that a reload, a second tab or a restart of the server finds the same. Every handler takes the browser's
reference and checks its token (``visits``).
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, Literal

import gradio as gr
import structlog

from app.config import Settings
from app.conversations import Conversations
from app.errors import Conflict, InvalidMessage, NotFound, TooManyTries
from app.events import Text
from app.identity import Proof
from app.language import registry
from app.llm.base import Health
from app.models import Conversation, Message
from app.pages import layout
from app.pages.painting import Painter, Updates
from app.pages.visits import View, Visit, Visits
from app.wording import Wording

log = structlog.get_logger()

Handler = Callable[..., Awaitable[Updates]]
ModelHealth = Callable[[], Awaitable[Health]]

STREAMS = 256
"""Pages that may watch a turn at the same time; a watcher only waits, the model's slots bound the work."""

CALLS = 32
"""Short calls at the same time: SQLite writes one after the other anyway."""

QUEUE = 1024
"""Events that may wait; more are told that it is busy."""

START = "() => ({__type__: 'update', active: true})"
STOP = "() => ({__type__: 'update', active: false})"
"""What starts and stops a timer in the browser."""

ELSEWHERE_SECONDS = 0.5
"""How often a page looks for a reply that another process is writing."""


def explained(handler: Handler) -> Handler:
    """What breaks in a handler is said in the visitor's language; the log has the rest."""

    @wraps(handler)
    async def wrapped(self: "Chat", *values: Any) -> Updates:
        try:
            return await handler(self, *values)
        except Exception as error:
            log.exception("page.failed", handler=handler.__name__, error=type(error).__name__)
            return self.apologise(values[-1])

    return wrapped


class Chat:
    """The page's handlers. Each returns what changes, by component."""

    def __init__(
        self,
        conversations: Conversations,
        wording: Wording,
        settings: Settings,
        model_health: ModelHealth,
        clock: Callable[[], datetime],
        *,
        shop_name: str,
        time_zone: str,
    ) -> None:
        self._conversations = conversations
        self._wording = wording
        self._languages = settings.languages
        self._visits = Visits(conversations, settings.languages, clock)
        self._model_health = model_health
        self._shop_name = shop_name
        self._time_zone = time_zone

    def build(self) -> gr.Blocks:
        """The page, ready to be mounted."""
        pickable = [(registry.LANGUAGES[code].autonym, code) for code in self._languages]
        with gr.Blocks(title=self._shop_name, analytics_enabled=False, fill_width=True) as blocks:
            self.parts = layout.draw(pickable)
            self.painter = Painter(
                self.parts,
                self._wording,
                self._conversations.greet,
                self._languages,
                shop_name=self._shop_name,
                time_zone=self._time_zone,
            )
            self._wire(blocks)
        blocks.queue(max_size=QUEUE, default_concurrency_limit=CALLS, api_open=False)
        return blocks

    def _wire(self, blocks: gr.Blocks) -> None:
        p = self.parts
        quiet = {"outputs": self.painter.outputs, "show_progress": "hidden", "api_visibility": "private"}
        call = {**quiet, "concurrency_limit": CALLS, "concurrency_id": "calls"}
        often = {**call, "trigger_mode": "multiple"}
        watch = {**quiet, "concurrency_limit": STREAMS, "concurrency_id": "streams", "trigger_mode": "multiple"}
        # The box is emptied in the browser at once, so that what is typed next is never wiped by an answer.
        empty = {"outputs": [p.box, p.pending], "js": "(text) => ['', text]", "queue": False, "show_progress": "hidden"}
        begun = [blocks.load(self.open, [p.reference], **call)]
        proofs = [p.verify.click, p.number.submit, p.contact.submit]
        sends = [p.box.submit, p.send.click]
        clicks = [p.confirm.click, p.decline.click, p.person.click, p.picker.input, p.renew.click]
        touched = [*proofs, *sends, *clicks, *(example.click for example in p.examples)]
        self._look_twice(touched)
        for trigger in sends:
            emptied = trigger(None, [p.box], **empty, trigger_mode="multiple")
            begun.append(emptied.then(self.send, [p.pending, p.reference], **often))
        begun += [example.click(self.send, [example, p.reference], **often) for example in p.examples]
        begun.append(gr.on(proofs, self.verify, [p.number, p.contact, p.reference], **call))
        begun.append(p.confirm.click(self.confirm, [p.shown, p.reference], **call))
        begun.append(p.decline.click(self.decline, [p.shown, p.reference], **call))
        begun.append(p.person.click(self.ask_person, [p.reference], **call))
        begun.append(p.picker.input(self.choose_language, [p.picker, p.reference], **call))
        # Whatever changed something is followed by a look at the store: an answer that was read before the change and
        # came after it (of a timer, of an older watcher) is then painted over.
        watching = [event.then(self.watch, [p.reference], **watch) for event in begun]
        renewed = p.renew.click(self.renew, None, **call, cancels=watching)
        renewed.then(self.watch, [p.reference], **watch)
        for timer in (p.poll, p.warming, p.again):
            timer.tick(self.refresh, [p.reference], **call)

    def _look_twice(self, touched: list[Any]) -> None:
        """Look at the store once more a little after everything that a visitor does.

        Gradio closes a page's stream of answers when none is due. What is asked for at that very moment believes the
        stream open, and its answer is held until the next question opens another one: this one.
        """
        again = self.parts.again
        in_browser = {"queue": False, "show_progress": "hidden", "trigger_mode": "multiple"}
        gr.on(touched, None, None, [again], js=START, **in_browser)
        again.tick(None, None, [again], js=STOP, **in_browser)

    def apologise(self, request: gr.Request) -> Updates:
        """That something did not work, in the language that the browser asks for."""
        locale = registry.negotiate(request.headers.get("accept-language"), self._languages, self._languages[0])
        return self.painter.paint_notice(self._wording.label("error_generic", locale))

    @explained
    async def open(self, reference: Any, request: gr.Request) -> Updates:
        """The page as it is for this browser: its conversation again, or a greeting."""
        view = await self._view(reference, request)
        return self.painter.paint_page(view, await self._model_health())

    @explained
    async def refresh(self, reference: Any, request: gr.Request) -> Updates:
        """What came meanwhile: an agent's message, or the model that is ready now."""
        view = await self._view(reference, request)
        return self.painter.paint(view, await self._model_health())

    async def send(self, text: str, reference: Any, request: gr.Request) -> Updates:
        """Store a message and show it as it is stored; its turn goes on by itself."""
        visit = await self._visit(reference, request)
        try:
            visit, conversation = await self._visits.begin(visit)
            receipt = self._conversations.receive_message
            await receipt(conversation.id, uuid.uuid4().hex, text or "", address=_address_of(request))
        except InvalidMessage as error:
            return await self._complain(visit, str(error), {self.parts.box: text})
        except TooManyTries:
            return await self._complain(visit, self._label("error_busy", visit), {self.parts.box: text})
        except Exception as error:
            log.exception("page.failed", handler="send", error=type(error).__name__)
            return {**self.apologise(request), self.parts.box: text}
        return {**await self._begun(visit), **self.painter.paint_notice("")}

    async def watch(self, reference: Any, request: gr.Request) -> AsyncIterator[Updates]:
        """Show the turns of this conversation as they go, until none is open."""
        view = await self._view(reference, request)
        while view.visit.conversation is not None and view.open_message is not None:
            async for updates in self._follow(view, view.visit.conversation, view.open_message):
                yield updates
            last, view = view.open_message, await self._visits.look(view.visit)
            if view.open_message == last:
                await asyncio.sleep(ELSEWHERE_SECONDS)
        yield self.painter.paint(view)

    async def _follow(self, view: View, conversation: Conversation, message: Message) -> AsyncIterator[Updates]:
        """The turn's verified text as it grows; only that somebody writes when another process answers."""
        locale, segments = view.visit.locale, list[str]()
        yield self.painter.paint_live(segments, conversation.language, locale)
        async for event in self._conversations.follow(conversation.id, message.seq):
            if isinstance(event, Text):
                segments.append(event.text)
                yield self.painter.paint_live(segments, conversation.language, locale)

    @explained
    async def verify(self, number: str, contact: str, reference: Any, request: gr.Request) -> Updates:
        """Show the order to whoever knows its number and contact; an unknown order gets the same answer."""
        visit = await self._visit(reference, request)
        if not number.strip() or not contact.strip():
            return self.painter.paint_verdict(self._label("verify_failed", visit), failed=True)
        visit, conversation = await self._visits.begin(visit)
        proof = Proof(number.strip(), contact.strip())
        try:
            identity = await self._conversations.verify_contact(conversation.id, proof, address=_address_of(request))
        except TooManyTries:
            identity, verdict = None, self._wording.say("proof_throttled", visit.locale)
        else:
            verdict = self._label("verify_ok" if identity else "verify_failed", visit)
        return {**await self._begun(visit), **self.painter.paint_verdict(verdict, failed=identity is None)}

    @explained
    async def ask_person(self, reference: Any, request: gr.Request) -> Updates:
        """Put the conversation into the agents' inbox."""
        visit, conversation = await self._visits.begin(await self._visit(reference, request))
        if not visit.is_manual:
            await self._conversations.request_handoff(conversation.id)
        return await self._begun(visit)

    async def confirm(self, shown: Any, reference: Any, request: gr.Request) -> Updates:
        """Yes to the proposal that this page shows."""
        return await self._decide("confirm", shown, reference, request)

    async def decline(self, shown: Any, reference: Any, request: gr.Request) -> Updates:
        """No to the proposal that this page shows."""
        return await self._decide("decline", shown, reference, request)

    @explained
    async def _decide(
        self, decision: Literal["confirm", "decline"], shown: Any, reference: Any, request: gr.Request
    ) -> Updates:
        """Decide what the store has open, if it is what was shown: after a yes to one request, the next one may be
        proposed already, and a second click, or one in another tab, is no yes to that (I6)."""
        view = await self._view(reference, request)
        if view.visit.conversation is not None and view.proposal is not None and view.proposal.id == shown:
            with suppress(Conflict, NotFound):  # an agent, or another click, was first: what is stored is shown
                await self._conversations.decide_proposal(view.visit.conversation.id, view.proposal.id, decision)
        return self.painter.paint(await self._visits.look(view.visit))

    @explained
    async def choose_language(self, choice: str, reference: Any, request: gr.Request) -> Updates:
        """The picker: a language for the conversation and the page, or detection again."""
        visit, conversation = await self._visits.begin(await self._visit(reference, request))
        tag = choice if choice in self._languages else None
        await self._conversations.choose_language(conversation.id, tag)
        return self.painter.paint_page(await self._visits.look(visit), await self._model_health())

    @explained
    async def renew(self, request: gr.Request) -> Updates:
        """Forget this browser's conversation; the shop keeps it."""
        return self.painter.paint_page(View(await self._visit(None, request)), await self._model_health())

    async def _visit(self, reference: Any, request: gr.Request) -> Visit:
        return await self._visits.read(reference, request.headers.get("accept-language"))

    async def _view(self, reference: Any, request: gr.Request) -> View:
        return await self._visits.look(await self._visit(reference, request))

    async def _complain(self, visit: Visit, sentence: str, more: Updates) -> Updates:
        return {**await self._begun(visit), **self.painter.paint_notice(sentence), **more}

    async def _begun(self, visit: Visit) -> Updates:
        return {**self.painter.paint(await self._visits.look(visit)), **self.painter.paint_reference(visit)}

    def _label(self, key: str, visit: Visit) -> str:
        return self._wording.label(key, visit.locale)


def _address_of(request: gr.Request) -> str:
    return request.client.host if request.client else ""
