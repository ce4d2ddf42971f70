"""Gradio pages, calling ``conversations`` in process. Importing this package turns Gradio's telemetry off (I9)."""

import os

# Gradio reads this while it is imported: it must come before any ``import gradio``.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from app.pages.mounting import mount_pages

__all__ = ["mount_pages"]
