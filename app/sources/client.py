"""JSON over HTTP with a hard time limit: the wire of ``http`` and of the outbox. Knows nothing of shops."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import structlog

from app.errors import ShopUnavailable
from app.shopdata.files import parse_json
from app.shopdata.problems import ShopDataError

log = structlog.get_logger()

TOTAL_SECONDS = 5.0
"""For one question with its second try; a shopper waits for it."""
CONNECT_SECONDS = 2.0
MAX_BYTES = 10_000_000
TRIES = 2

_SEGMENT = re.compile(r"(?!\.+$)[^\x00-\x20\x7f/\\?#]{1,64}")
"""A key that may stand in a path: no dots alone, no separators, whatever a server does with %2F."""


class Client:
    """One order system. ``url`` is the base of its routes; ``key`` goes into the Authorization header."""

    def __init__(self, url: str, key: str = "", *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._seconds = total_seconds
        headers = {"Accept": "application/json", "User-Agent": "Kaunter"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(total_seconds, connect=CONNECT_SECONDS),
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, *segments: str) -> Any | None:
        """The JSON of a route; None for 404. Raises ShopUnavailable for anything else, after one more try."""
        if not all(_SEGMENT.fullmatch(segment) for segment in segments):
            return None
        url = "/".join([self._url, *(quote(segment, safe="") for segment in segments)])
        try:
            async with asyncio.timeout(self._seconds):
                status, body = await self._try_twice(url)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.warning("shop.unreachable", error=type(error).__name__)
            raise ShopUnavailable("The shop system does not answer.") from None
        if status == 404:
            return None
        if status != 200:
            log.warning("shop.refused", status=status)
            raise ShopUnavailable(f"The shop system answered with status {status}.")
        return _parse(body)

    async def _try_twice(self, url: str) -> tuple[int, bytes]:
        for attempt in range(1, TRIES + 1):
            try:
                status, body = await self._fetch(url)
            except httpx.TimeoutException:
                raise
            except httpx.TransportError:
                if attempt == TRIES:
                    raise
                continue
            if status < 500 or attempt == TRIES:
                return status, body
        raise AssertionError("unreachable")

    async def _fetch(self, url: str) -> tuple[int, bytes]:
        async with self._http.stream("GET", url) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise httpx.DecodingError("The answer is too large.")
            return response.status_code, bytes(body)

    async def post(self, body: Mapping[str, Any], *segments: str, idempotency_key: str) -> int:
        """Send a JSON object once; the status. Raises ShopUnavailable when there is none."""
        url = "/".join([self._url, *(quote(segment, safe="") for segment in segments)])
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._http.post(url, json=body, headers={"Idempotency-Key": idempotency_key})
        except (TimeoutError, httpx.HTTPError, OSError) as error:
            log.warning("shop.unreachable", error=type(error).__name__)
            raise ShopUnavailable("The shop system does not answer.") from None
        return response.status_code


def _parse(body: bytes) -> Any:
    try:
        found = parse_json(body.decode("utf-8"), "the answer")
    except (UnicodeDecodeError, ShopDataError):
        found = None
    if found is None:  # only a 404 says that there is nothing
        log.warning("shop.no_json")
        raise ShopUnavailable("The shop system's answer is no JSON.")
    return found
