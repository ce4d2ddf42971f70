"""The web application: middleware, routes, health, the pages. Who may call what is decided in ``routes``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.api import orders, problems, routes, webhooks, widget
from app.api.metrics import add_metrics
from app.storefront import routes as storefront
from app.widget.assets import Assets

if TYPE_CHECKING:
    from app.main import Services

BODY_LIMIT = 1_000_000
"""Bytes of a JSON body; a legal message of 4,000 Burmese characters escaped as JSON is 24 kB."""

STATIC = Path(__file__).with_name("static")

SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"x-frame-options": b"SAMEORIGIN",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Refuses bodies over the limit before they are read, and sets the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            await self._refuse(scope, receive, send)
            return
        await self.app(scope, _limit(receive), self._with_headers(send))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = problems.problem(413, "body_too_large", "BodyTooLarge", f"At most {BODY_LIMIT} bytes.")
        await response(scope, receive, self._with_headers(send))

    @staticmethod
    def _with_headers(send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = [(n, v) for n, v in SECURITY_HEADERS.items() if n not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        return wrapped


class _TooLarge(HTTPException):
    """Raised while a body is read; FastAPI lets an HTTPException pass."""

    def __init__(self) -> None:
        super().__init__(413, f"At most {BODY_LIMIT} bytes.")


def _limit(receive: Receive) -> Receive:
    """Counts what a body without a length really sends."""
    received = 0

    async def wrapped() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_LIMIT:
            raise _TooLarge()
        return message

    return wrapped


def build(services: "Services", lifespan: Callable[[FastAPI], Any]) -> FastAPI:
    """The whole application: the API and the pages."""
    return add_pages(build_api(services, lifespan), services)


def build_api(services: "Services", lifespan: Callable[[FastAPI], Any] | None = None) -> FastAPI:
    """The application without its pages."""
    app = FastAPI(
        title="Kaunter",
        version=__version__,
        summary="The service counter of an online shop.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.state.conversations = services.conversations
    app.state.services = services
    problems.install(app)
    app.include_router(routes.router)
    app.include_router(orders.router)
    app.include_router(webhooks.router)
    app.state.widget = Assets()
    app.include_router(widget.router)
    if services.demo_key:
        app.include_router(storefront.build_router(services, services.demo_key))
    add_health(app, services)
    add_metrics(app, services)
    add_docs(app)
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(services.settings.hosts), www_redirect=False)
    return app


def add_health(app: FastAPI, services: "Services") -> None:
    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"], responses=problems.describe(503))
    async def readyz() -> Response:
        """The database answers. The model's state is told; without it canned responses answer."""
        health = await services.model_health()
        await services.store.ping()
        return JSONResponse(
            {"status": "ready", "model": {"state": health.state, "backend": health.backend, "name": health.model}}
        )


def add_docs(app: FastAPI) -> None:
    """Swagger UI from our own files: no outside host is asked for anything."""
    if STATIC.is_dir():
        app.mount("/api/static", StaticFiles(directory=STATIC), name="api-static")

    @app.get("/api/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/api/openapi.json",
            title="Kaunter API",
            swagger_js_url="/api/static/swagger-ui-bundle.js",
            swagger_css_url="/api/static/swagger-ui.css",
            swagger_favicon_url="/api/static/favicon.svg",
        )


def add_pages(app: FastAPI, services: "Services") -> FastAPI:
    from app.pages import mount_pages

    return mount_pages(app, services)
