"""Takes a webhook: the signature first, then the form, then the store. Never trusts a header that is not signed.

Both platforms sign the body alone, so a replay can come with any headers. A delivery is therefore known by its body
too, and WooCommerce's only by that: its delivery id is the same for all deliveries of one second.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from app.errors import ConfigurationError, Conflict, NotAllowed, NotFound
from app.shopdata.files import parse_json
from app.shopdata.problems import ShopDataError
from app.store import Delivery, Store
from app.webhooks import shopify, woocommerce
from app.webhooks.news import News, Unreadable

__all__ = ["Inbox", "Unreadable"]

log = structlog.get_logger()

Result = Literal["stored", "replayed", "outdated", "ignored"]

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
"""What WooCommerce sends, unsigned, when a webhook is saved; it wants a 200."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """An empty secret means that the platform is not connected."""

    store: Store
    woocommerce_secret: str = ""
    shopify_secret: str = ""
    completed: Literal["shipped", "delivered"] = "shipped"

    async def take_woocommerce(self, headers: Mapping[str, str], body: bytes) -> Result:
        """Raises NotFound, NotAllowed, Unreadable, Conflict."""
        if self.woocommerce_secret and _PING.fullmatch(body):
            return "ignored"
        verify(self.woocommerce_secret, headers.get("x-wc-webhook-signature", ""), body)
        if headers.get("x-wc-webhook-topic", "") not in woocommerce.TOPICS:
            return "ignored"
        return await self._take(woocommerce.read_news(_parse(body), self.completed), body)

    async def take_shopify(self, headers: Mapping[str, str], body: bytes) -> Result:
        """Raises NotFound, NotAllowed, Unreadable, Conflict."""
        verify(self.shopify_secret, headers.get("x-shopify-hmac-sha256", ""), body)
        if headers.get("x-shopify-topic", "") not in shopify.TOPICS:
            return "ignored"
        return await self._take(shopify.read_news(_parse(body)), body, headers.get("x-shopify-webhook-id", ""))

    async def _take(self, news: News | None, body: bytes, delivery_id: str = "") -> Result:
        if news is None:
            log.info("webhook.ignored")
            return "ignored"
        keys = [hashlib.sha256(news.source.encode() + b"\0" + body).hexdigest()]
        if delivery_id:
            keys.append(hashlib.sha256(f"{news.source}\0id\0{delivery_id}".encode("utf-8", "replace")).hexdigest())
        delivery = Delivery(keys, news.source, news.order.number, news.updated_at)
        try:
            result = await self.store.take_delivery(delivery, news.wanted(), news.plan)
        except ConfigurationError:
            raise Conflict("This counter serves the demo shop, which takes no orders.") from None
        log.info("webhook.taken", source=news.source, result=result)
        return result


def verify(secret: str, signature: str, body: bytes) -> None:
    """Check a base64 HMAC-SHA256 of the raw body in constant time. Raises NotFound without a secret, NotAllowed."""
    if not secret:
        raise NotFound("This webhook is not set up.")
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if not hmac.compare_digest(given, wanted):
        raise NotAllowed("The signature is not valid.")


def _parse(body: bytes) -> Any:
    try:
        return parse_json(body.decode("utf-8"), "the body")
    except (UnicodeDecodeError, ShopDataError):
        raise Unreadable("The body is no JSON.") from None
