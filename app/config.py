"""Settings: everything an owner can set, read once from ``KAUNTER_*`` and from nowhere else.

Only this module reads the environment. It refuses secrets that are too short and a demo key outside the demo.
"""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from limits import parse as parse_limit
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import ConfigurationError
from app.language import registry

OLLAMA_MODEL = "qwen3:4b-instruct-2507-q4_K_M"
EMBEDDED_MODEL = "qwen2.5-coder-1.5b"
MIN_SECRET_BYTES = 32
MIN_WEBHOOK_BYTES = 24
"""What the Standard Webhooks specification asks for."""
WEBHOOK_EVENTS = ("conversation.handed_off", "conversation.resolved", "message.created", "proposal.executed")


def find_content(name: str) -> Path:
    """The folder ``prompts``, ``policies`` or ``scenarios``: in the checkout, else in the installed wheel."""
    package = Path(__file__).resolve().parent
    checkout = package.parent / name
    return checkout if checkout.is_dir() else package / "_content" / name


class Settings(BaseSettings):
    """One instance a process, made by ``load_settings``; a field ``x`` is the variable ``KAUNTER_X``."""

    model_config = SettingsConfigDict(env_prefix="KAUNTER_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Where all state lives: database, models, attachments.")
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="The port that the server listens on.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data directory.")
    demo: bool = Field(False, description="Offer the demo shop with invented customers and orders.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")

    model_backend: Literal["auto", "ollama", "embedded", "openai", "none"] = Field(
        "auto", description="Where the model runs; auto takes Ollama when it answers and has the model, else embedded."
    )
    model: str = Field("", description="The model's name; empty: the backend's default.")
    ollama_url: str = Field("http://127.0.0.1:11434", description="The Ollama server.")
    openai_url: str = Field("", description="Base URL of an OpenAI-compatible server, for instance ending in /v1.")
    openai_key: SecretStr = Field(SecretStr(""), description="The key of that server, if it wants one.")
    context_tokens: int = Field(8192, ge=2048, description="Context of one conversation, in tokens.")
    model_slots: int = Field(4, ge=1, description="Model calls that run at the same time.")
    model_queue: int = Field(16, ge=0, description="Model calls that may wait for a slot; more are told it is busy.")
    model_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Languages in which the model may phrase replies, comma-separated; empty: as it is known."
    )
    model_decides: bool | None = Field(
        None, description="Whether the model may choose what to do where the index is not sure; unset: as it is known."
    )
    model_threads: int = Field(0, ge=0, description="CPU threads of the embedded model; 0: one fewer than cores.")
    turn_seconds: float = Field(20.0, gt=0, description="Deadline of a turn after the model got its slot.")

    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        registry.LAUNCH, description="Languages that the shop serves, comma-separated; the first is its own."
    )
    policies_dir: Path = Field(default_factory=lambda: find_content("policies"), description="Folder of the policies.")
    prompts_dir: Path = Field(default_factory=lambda: find_content("prompts"), description="Folder of the prompts.")

    tools_module: str = Field("", description="A Python module or .py file with the shop's own tools.")
    orders_url: str = Field("", description="Base URL of the shop's own order system; empty: orders are kept here.")
    orders_key: SecretStr = Field(SecretStr(""), description="The key of that system, sent as a bearer token.")
    woocommerce_secret: SecretStr = Field(
        SecretStr(""), description="Secret of WooCommerce's order webhooks; empty: they are refused."
    )
    woocommerce_completed: Literal["shipped", "delivered"] = Field(
        "shipped", description="What WooCommerce's status completed means in this shop."
    )
    shopify_secret: SecretStr = Field(
        SecretStr(""), description="Secret of Shopify's order webhooks; empty: they are refused."
    )

    identity_secret: SecretStr = Field(SecretStr(""), description="Key of the storefront's JWTs, 32 bytes or more.")
    identity_audience: str = Field("kaunter", description="The audience that those JWTs must name.")
    contact_proof: Literal["order", "customer"] = Field(
        "order", description="What an order number with its e-mail or phone opens: that order, or the account."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names that the server answers to, comma-separated; empty: localhost and KAUNTER_HOST."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of storefronts that may embed the widget, comma-separated, exact."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses of proxies whose X-Forwarded-* headers are believed, comma-separated."
    )
    webhook_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="URLs that are told what happens, comma-separated; see webhooks.md."
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="Key that signs what they are told: whsec_ and Base64, or 24 bytes or more."
    )
    webhook_events: Annotated[tuple[str, ...], NoDecode] = Field(
        WEBHOOK_EVENTS, description="The events that they are told of, comma-separated."
    )
    limit_conversation: str = Field("20 per minute", description="Messages that one conversation may send.")
    limit_address: str = Field("120 per minute", description="Messages from one network address; many may share one.")
    limit_shop: str = Field("1200 per minute", description="Messages of all customers together, in each process.")
    limit_starts: str = Field("240 per hour", description="New conversations from one network address.")
    max_streams: int = Field(1000, ge=1, description="Event streams that may be open at once, in each process.")
    token_days: int = Field(
        30, ge=1, description="Days without a word after which a conversation's token opens nothing any more."
    )
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token of /metrics; empty: it is off.")
    max_message_characters: int = Field(4000, ge=100, description="The longest message that is taken.")

    @field_validator(
        "languages",
        "model_languages",
        "allowed_hosts",
        "allowed_origins",
        "trusted_proxies",
        "webhook_urls",
        "webhook_events",
        mode="before",
    )
    @classmethod
    def split_commas(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("languages", "model_languages")
    @classmethod
    def know_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = []
        for tag in value:
            language = registry.find(tag)
            if language is None or language.code not in registry.LAUNCH:
                raise ValueError(f"unknown language {tag!r}; choose from {', '.join(registry.LAUNCH)}")
            known.append(language.code)
        return tuple(dict.fromkeys(known))

    @field_validator("limit_conversation", "limit_address", "limit_shop", "limit_starts")
    @classmethod
    def read_limit(cls, value: str) -> str:
        try:
            parse_limit(value)
        except ValueError:
            raise ValueError(f"{value!r} is no limit; write it like '20 per minute' or '240 per hour'") from None
        return value

    @model_validator(mode="after")
    def refuse_weak_secrets(self) -> Self:
        if not self.languages:
            raise ValueError("KAUNTER_LANGUAGES needs at least one language")
        secret = self.identity_secret.get_secret_value()
        if secret and len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"KAUNTER_IDENTITY_SECRET needs at least {MIN_SECRET_BYTES} bytes")
        if self.model_backend == "openai" and not self.openai_url:
            raise ValueError("KAUNTER_MODEL_BACKEND=openai needs KAUNTER_OPENAI_URL")
        return self

    @model_validator(mode="after")
    def check_webhooks(self) -> Self:
        for url in self.webhook_urls:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("KAUNTER_WEBHOOK_URLS must each begin with http:// or https:// and name a host")
        unknown = set(self.webhook_events) - set(WEBHOOK_EVENTS)
        if unknown:
            raise ValueError(f"KAUNTER_WEBHOOK_EVENTS may name {', '.join(WEBHOOK_EVENTS)}")
        if self.webhook_urls and len(self.webhook_key) < MIN_WEBHOOK_BYTES:
            raise ValueError(f"KAUNTER_WEBHOOK_URLS needs KAUNTER_WEBHOOK_SECRET of at least {MIN_WEBHOOK_BYTES} bytes")
        return self

    @property
    def webhook_key(self) -> bytes:
        """The bytes of KAUNTER_WEBHOOK_SECRET. Raises ValueError for bad Base64."""
        secret = self.webhook_secret.get_secret_value()
        if not secret.startswith("whsec_"):
            return secret.encode()
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise ValueError("KAUNTER_WEBHOOK_SECRET must be Base64 after whsec_") from None

    @model_validator(mode="after")
    def choose_one_shop(self) -> Self:
        if self.orders_url and not self.orders_url.startswith(("http://", "https://")):
            raise ValueError("KAUNTER_ORDERS_URL must begin with http:// or https://")
        if self.orders_url and self.demo:
            raise ValueError("KAUNTER_DEMO and KAUNTER_ORDERS_URL name two different shops; set one of them")
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'kaunter.db').absolute()}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names that the server answers to."""
        return self.allowed_hosts or tuple(dict.fromkeys(("localhost", "127.0.0.1", "[::1]", self.host)))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError with one line a mistake that names the variable."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        mistakes = [
            f"KAUNTER_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else e["msg"]
            for e in error.errors()
        ]
        raise ConfigurationError("; ".join(mistakes)) from None
