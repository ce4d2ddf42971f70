"""Mounts the pages: their look, and everything of Gradio's that a shopper must not get switched off (I9).

Mount it last: what was registered before keeps its path.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI
from gradio.routes import templates
from jinja2 import BaseLoader, Environment

from app.pages.chat import Chat

if TYPE_CHECKING:
    from app.main import Services

_HERE = Path(__file__).parent
FONTS = (
    "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans Thai", "Noto Sans Lao", "Noto Sans Khmer", "Noto Sans Myanmar",
    "Noto Sans Tamil", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Arabic", "Noto Sans CJK SC", "system-ui",
    "sans-serif",
)  # fmt: skip
"""Fonts of the system only: nothing is fetched."""


_CARD = re.compile(r'<meta\s+(?:name|property)="(?:og|twitter):[^>]*>\s*')


class PlainHead(BaseLoader):
    """Gradio's page without its social cards: they name Gradio, its pictures and its hosts as the shop's."""

    def __init__(self, original: BaseLoader) -> None:
        self._original = original

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_fresh = self._original.get_source(environment, template)
        return _CARD.sub("", source), path, is_fresh


def mount_pages(app: FastAPI, services: "Services") -> FastAPI:
    """Serve the chat at ``/`` of ``app``; answers the same ``app``."""
    shop = services.policies.shop
    chat = Chat(
        services.conversations,
        services.wording,
        services.settings,
        services.model_health,
        services.clock,
        shop_name=shop.name,
        time_zone=shop.time_zone,
    )
    return mount_chat(app, chat.build())


def mount_chat(app: FastAPI, blocks: gr.Blocks) -> FastAPI:
    """Serve a built chat page at ``/``."""
    if not isinstance(templates.env.loader, PlainHead):
        templates.env.loader = PlainHead(templates.env.loader)
    theme = gr.themes.Base(font=list(FONTS), font_mono=["ui-monospace", "Consolas", "Noto Sans Mono", "monospace"])
    return gr.mount_gradio_app(  # type: ignore[no-any-return]
        app,
        blocks,
        path="/",
        theme=theme,
        head=f"<style>{_read('chat.css')}</style>",  # not ``css``: Gradio rewrites selectors there
        js=_read("chat.js"),
        favicon_path=str(_HERE / "favicon.png"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=1,  # the page uploads nothing
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
