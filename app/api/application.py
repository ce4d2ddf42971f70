"""The web application: middleware, routes, health, the pages. Who may call what is decided in ``routes``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import __version__
from app.api import orders, problems, routes, transcript, webhooks, widget
from app.api.guard import Guard
from app.api.metrics import add_metrics
from app.api.stream import Streams
from app.errors import NotFound
from app.storefront import routes as storefront
from app.widget.assets import Assets

if TYPE_CHECKING:
    from app.main import Services

STATIC = Path(__file__).with_name("static")


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
        redirect_slashes=False,  # an answer that no route documents, to an address made from what was asked
        lifespan=lifespan,
    )
    app.state.conversations = services.conversations
    app.state.services = services
    app.state.streams = Streams(services.settings.max_streams)
    problems.install(app)
    app.include_router(routes.router)
    app.include_router(orders.router)
    app.include_router(transcript.router)
    app.include_router(webhooks.router)
    app.state.widget = Assets()
    app.include_router(widget.router)
    if services.demo_key:
        app.include_router(storefront.build_router(services, services.demo_key))
    add_health(app, services)
    add_metrics(app, services)
    add_docs(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(services.settings.allowed_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
    )
    app.add_middleware(Guard, origins=services.settings.allowed_origins)
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

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def find_nothing(path: str) -> None:
        """What no route took would be Gradio's, whose errors are no problem details."""
        raise NotFound("There is no such route; /api/docs lists them.")

    return mount_pages(app, services)
