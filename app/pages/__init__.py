"""Gradio pages, calling ``conversations`` in process. Importing this package turns Gradio's telemetry off (I9)."""

import os

# Gradio reads these while it is imported: they must come before any ``import gradio``.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# It also keeps its own statistics of events, and computes them anew with pandas after each: nobody looks at them here.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**12)

from app.pages.mounting import mount_pages

__all__ = ["mount_pages"]
