"""The only place where objects are wired: settings in, services and the web application out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from fastapi import FastAPI

from app import language
from app.assistant import Assistant
from app.canned import Canned
from app.config import Settings
from app.conversations import Conversations
from app.demo.key import DemoKey
from app.demo.seed import seed_demo
from app.errors import ModelError
from app.identity import Identities
from app.intents import Router
from app.limits import Limits
from app.llm.backends import choose_model
from app.llm.base import ChatMessage, Health, Model
from app.llm.calls import wait_until_ready, warm
from app.llm.loan import Lender
from app.llm.slots import SlottedModel
from app.meters import Meters
from app.model_files import CATALOGUE, ModelFile
from app.policies import Policies, load
from app.prompts import Prompts
from app.sources import Client, HttpShop, Outbox
from app.store import Store
from app.store.database import utc_now
from app.store.opening import make_store
from app.tools import TOOLS
from app.tools.own import load_tools
from app.webhooks import Inbox, Sender
from app.webhooks.sender import forget
from app.wording import Wording

log = structlog.get_logger()

LOAD_SECONDS = 600.0
"""How long a model may take to load before the owner is told so; 2.5 GB from a slow disk take minutes."""


@dataclass(slots=True)
class Services:
    """Everything that runs, wired once."""

    settings: Settings
    store: Store
    policies: Policies
    wording: Wording
    prompts: Prompts
    lender: Lender
    conversations: Conversations
    clock: Callable[[], datetime]
    router: Router
    meters: Meters
    shop: HttpShop | None = None
    """The shop's own order system; None: the orders are in the store."""
    demo_key: DemoKey | None = None
    """Signs at the demo storefront; None: there is none."""
    _awake: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def canned(self) -> Canned:
        return Canned(self.wording)

    @property
    def inbox(self) -> Inbox:
        return Inbox(
            self.store,
            self.settings.woocommerce_secret.get_secret_value(),
            self.settings.shopify_secret.get_secret_value(),
            self.settings.woocommerce_completed,
        )

    async def start(self, *, serve: bool = True) -> None:
        """Open the store; with ``serve`` also load the model and take up what a crash left open.

        Without ``serve`` the model is loaded when a turn first needs it: most commands never do.
        """
        await self.store.open()
        await self.prepare_demo()
        await asyncio.to_thread(language.warm)
        await asyncio.to_thread(self.router.route, "good morning", "en")
        self.lender.wake = self._wake
        if serve:
            self._wake()
            self.conversations.turns.start()
            if self.shop:
                self._tasks.append(asyncio.create_task(Outbox(self.store, self.shop).run()))
            self._tasks.append(asyncio.create_task(forget(self.store)))
            self._tasks += [asyncio.create_task(sender.run()) for sender in self.senders()]

    def senders(self) -> list[Sender]:
        """One a webhook of the owner."""
        key, count = self.settings.webhook_key, self.meters.count_webhook
        urls = enumerate(self.settings.webhook_urls, 1)
        return [Sender(self.store, url, key, count, place=place) for place, url in urls]

    def _wake(self) -> None:
        """Begin to load the model, once."""
        if self.lender.model and not self._awake:
            self._awake = True
            self._tasks.append(asyncio.create_task(self._warm(self.lender.model)))

    async def prepare_demo(self) -> None:
        """Make or refresh the demo shop where KAUNTER_DEMO asks for it. Raises ConfigurationError on real data."""
        if self.settings.demo:
            await seed_demo(self.store, self.clock())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.conversations.turns.close()
        if self.lender.model:
            await self.lender.model.close()
        if self.shop:
            await self.shop.close()
        await self.store.close()

    async def model_health(self) -> Health:
        """The model's health; ``loading`` also while it reads the prefix."""
        model = self.lender.model
        if model is None:
            return Health("unavailable", "none", "", "No model is set up: canned responses answer.")
        health = await model.health()
        if health.state == "ready" and not self.lender.warmed.is_set():
            return Health("loading", health.backend, health.model, "The model is reading its instructions.")
        return health

    async def _warm(self, model: SlottedModel) -> None:
        """Load the model and let it read the prefix once, so that the first customer does not wait for it."""
        await model.start()
        while not self.lender.warmed.is_set():
            try:
                health = await wait_until_ready(model, LOAD_SECONDS)
                if health.state == "ready":
                    if self.lender.writes:
                        await warm(model, [ChatMessage("system", self.prompts.prefix)])
                    self.lender.warmed.set()
                    return
                log.warning("model.not_ready", detail=health.detail)
            except ModelError as error:
                log.warning("model.not_warm", error=type(error).__name__)
            await asyncio.sleep(2.0)


async def build_services(
    settings: Settings, *, model: Model | None = None, router: Router | None = None, patience: float = 0.0
) -> Services:
    """Wire everything. Raises ConfigurationError.

    ``model`` replaces the one that the settings choose, ``router`` (with its policies) those of their folder.
    """
    chosen = model if model is not None else await choose_model(settings)
    router = router or Router(load(settings.policies_dir))
    policies = router.policies
    wording = Wording()
    tools = load_tools(settings.tools_module, TOOLS)
    prompts = Prompts(settings.prompts_dir, shop=policies.shop, tools=list(tools), policies=policies.policies.values())
    store = make_store(settings)
    slotted = SlottedModel(chosen, settings.model_slots, settings.model_queue) if chosen else None
    lender = Lender(
        slotted,
        settings.turn_seconds,
        patience,
        languages=known_languages(settings, chosen),
        decides=may_decide(settings, chosen),
    )
    assistant = Assistant(lender, prompts, policies, wording, tools, router, languages=settings.languages)
    shop = (
        HttpShop(Client(settings.orders_url, settings.orders_key.get_secret_value())) if settings.orders_url else None
    )
    demo_key = DemoKey() if settings.demo else None
    identities = Identities(
        store,
        shop or store,
        contact_scope=settings.contact_proof,
        # In the demo a real storefront's token opens nothing, and a demo's token nothing of a real shop.
        secret=demo_key.secret if demo_key else settings.identity_secret.get_secret_value(),
        audience=demo_key.audience if demo_key else settings.identity_audience,
    )
    clock = utc_now
    meters = Meters()
    conversations = Conversations(
        store,
        assistant,
        identities,
        wording,
        languages=settings.languages,
        shop_name=policies.shop.name,
        max_characters=settings.max_message_characters,
        token_days=settings.token_days,
        limits=Limits(
            conversation=settings.limit_conversation,
            address=settings.limit_address,
            shop=settings.limit_shop,
            starts=settings.limit_starts,
        ),
        clock=clock,
        meters=meters,
        shop=shop,
    )
    watch_load(meters, conversations, slotted, settings)
    return Services(
        settings, store, policies, wording, prompts, lender, conversations, clock, router, meters, shop, demo_key
    )


def watch_load(meters: Meters, conversations: Conversations, model: SlottedModel | None, settings: Settings) -> None:
    """What is under way now, for ``/metrics``."""
    meters.watch("kaunter_open_turns", "Conversations with a turn under way.", lambda: conversations.turns.running)
    meters.watch("kaunter_model_slots", "Turns that may use the model at once.", lambda: settings.model_slots)
    meters.watch("kaunter_model_running", "Turns that hold a slot.", lambda: model.running if model else 0)
    meters.watch("kaunter_model_waiting", "Turns that wait for a slot.", lambda: model.waiting if model else 0)


def known_languages(settings: Settings, model: Model | None) -> frozenset[str] | None:
    """Languages in which the model may write to customers; None: all."""
    if settings.model_languages:
        return frozenset(settings.model_languages)
    entry = find_known(model)
    return entry.phrases if entry else None


def may_decide(settings: Settings, model: Model | None) -> bool:
    """Whether the model may choose the tool of a message of which the index is not sure."""
    if settings.model_decides is not None:
        return settings.model_decides
    entry = find_known(model)
    return entry.decides if entry else True


def find_known(model: Model | None) -> ModelFile | None:
    """The model's entry in the catalogue; None of a model of somebody else's server."""
    return next((e for e in CATALOGUE if model is not None and e.name == model.name), None)


def create_app(services: Services) -> FastAPI:
    """The web application: API, chat page, health."""
    from app.api import application  # the pages import Gradio, which a command such as `ask` does not need

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await services.start()
        try:
            yield
        finally:
            await services.close()

    return application.build(services, lifespan)
