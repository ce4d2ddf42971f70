"""What every request passes before a route sees it: size, origin, proxies; and the headers of every answer.

A page of a foreign origin may call the API only when the owner named it in ``KAUNTER_ALLOWED_ORIGINS``. The content
policy is set by route: Gradio's page needs inline script and ``eval``, nothing else does. What trusted proxies said is
in the scope already (``serving``); their headers go no further, because Gradio would believe them from anybody. An
error that nobody expected ends here: past this the server would log its words, which may be a customer's.
"""

import asyncio
from collections.abc import Sequence

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.photos import MOST_BYTES

log = structlog.get_logger()

BODY_LIMIT = 1_000_000
"""Bytes of a JSON body; a legal message of 4,000 Burmese characters escaped as JSON is 24 kB."""

BODY_SECONDS = 30.0
"""How long the next part of a body is waited for."""

PHOTO_LIMIT = MOST_BYTES + 10_000
"""Bytes of an upload: the photo and the multipart frame around it."""

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"x-frame-options": b"SAMEORIGIN",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
_STRICT = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SELF = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'%s; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'"
)
POLICIES = (
    ("/api/docs", _SELF % b""),
    ("/api/static", _STRICT),
    ("/api/", _STRICT),
    ("/healthz", _STRICT),
    ("/readyz", _STRICT),
    ("/metrics", _STRICT),
    ("/", _SELF % b" 'unsafe-eval'"),
)
"""Content-Security-Policy by the beginning of the path, the first that fits; a route's own header wins."""

_PROXIES = (b"forwarded", b"x-forwarded-", b"x-real-ip")


class Guard:
    """Refuses what is too large or of a foreign origin, and sets the security headers."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self.app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["headers"] = [(n, v) for n, v in scope["headers"] if not n.startswith(_PROXIES)]
        headers, send = Headers(scope=scope), _with_headers(send, scope["path"])
        most = PHOTO_LIMIT if scope["path"].endswith("/attachments") else BODY_LIMIT
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length[:20]) > most:
            response = problems.problem(413, "body_too_large", "BodyTooLarge", f"At most {most} bytes.")
            await response(scope, receive, send)
        elif scope["path"].startswith("/api/") and not self._is_welcome(headers):
            detail = "Pages of this origin may not call the counter. The owner can allow it: KAUNTER_ALLOWED_ORIGINS."
            await problems.problem(403, "origin_not_allowed", "OriginNotAllowed", detail)(scope, receive, send)
        else:
            await self._pass_on(scope, _limit(receive, most), send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application's answer, or a problem where it failed before it began one; else the connection ends."""
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            log.exception("request.failed", error=type(error).__name__)
            if not has_begun:
                detail = "This is a mistake of ours; it is in the log."
                await problems.problem(500, "internal", "InternalError", detail)(scope, receive, send)

    def _is_welcome(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return True
        scheme, _, host = origin.partition("://")
        return scheme in {"http", "https"} and host == headers.get("host")


def _with_headers(send: Send, path: str) -> Send:
    policy = next(value for start, value in POLICIES if path.startswith(start))

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name for name, _ in message["headers"]}
            wanted = {**HEADERS, b"content-security-policy": policy}
            message["headers"] = [*message["headers"], *((n, v) for n, v in wanted.items() if n not in present)]
        await send(message)

    return wrapped


class _TooSlow(HTTPException):
    """Raised while a body is read; FastAPI lets an HTTPException pass."""

    def __init__(self) -> None:
        super().__init__(408, "The body came too slowly.", {"Connection": "close"})


class _TooLarge(HTTPException):
    """Raised while a body is read; FastAPI lets an HTTPException pass."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"At most {most} bytes.")


def _limit(receive: Receive, most: int) -> Receive:
    """Counts what a body without a length really sends, and does not wait for one that does not come."""
    received, is_read = 0, False

    async def wrapped() -> Message:
        nonlocal received, is_read
        try:
            async with asyncio.timeout(None if is_read else BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            raise _TooSlow from None
        is_read = not message.get("more_body", False)
        received += len(message.get("body", b""))
        if received > most:
            raise _TooLarge(most)
        return message

    return wrapped
