"""What the widget costs a storefront: bytes, requests, main-thread time and layout shift of the demo page.

``python -m bench.widget [--runs 7]`` starts the demo without a model on a port of its own and loads its front page in
Chromium as a phone would: cold cache, processor four times slower, 1.6 Mbit/s with 150 ms latency (Lighthouse's
"slow 4G"). The two pages differ in the widget's two lines only and take turns, so that a busy machine slows both.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}
SLOWER = 4
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SHIFTS = """window.shift = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});"""
PAGES = {"without": "/demo?widget=off", "with": "/demo", "with, opened": "/demo"}


@dataclass(frozen=True)
class Load:
    """One load of a page until it is quiet."""

    kilobytes: float
    requests: int
    main_thread_ms: float
    script_ms: float
    shift: float


@contextmanager
def serve() -> Iterator[str]:
    """A demo shop of its own; answers its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DEMO": "true", "DATA_DIR": folder, "MODEL_BACKEND": "none", "PORT": str(port)}
        environment = os.environ | {f"KAUNTER_{name}": value for name, value in settings.items()}
        command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/readyz")
            yield url
        finally:
            server.terminate()
            server.wait()


def wait_for(url: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(1)
    raise SystemExit("The demo did not start.")


def load(browser: Browser, url: str, *, opened: bool) -> Load:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Performance.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(SHIFTS)
    page.goto(url, wait_until="load")
    settle(page, opened)
    found = Load(
        kilobytes=sum(received) / 1000,
        requests=len(received),
        main_thread_ms=metric(session, "TaskDuration") * 1000,
        script_ms=metric(session, "ScriptDuration") * 1000,
        shift=page.evaluate("window.shift"),
    )
    context.close()
    return found


def settle(page: Page, opened: bool) -> None:
    """Until the widget stands there (where there is one) and nothing has happened for a while."""
    if page.locator("support-chat").count():
        page.locator("support-chat .launcher").wait_for(state="attached")
    if opened:
        page.locator("support-chat .launcher").click()
        page.locator("support-chat textarea").wait_for()
    page.wait_for_timeout(2500)


def metric(session: CDPSession, name: str) -> float:
    found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(found[name])


def spread(values: list[float], digits: int = 0) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def report(loads: dict[str, list[Load]]) -> None:
    print(
        "| the demo's front page | kB over the wire | requests | main thread, ms | of it scripts, ms | layout shift |"
    )
    print("|---|---|---|---|---|---|")
    for name, each in loads.items():
        print(
            f"| {name} the widget | {spread([x.kilobytes for x in each], 1)} | {spread([x.requests for x in each])} "
            f"| {spread([x.main_thread_ms for x in each])} | {spread([x.script_ms for x in each])} "
            f"| {spread([x.shift for x in each], 3)} |".replace("opened the widget", "opened")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    executable = CHROMIUM if Path(CHROMIUM).exists() else None
    loads: dict[str, list[Load]] = {name: [] for name in PAGES}
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        load(browser, url + PAGES["with"], opened=False)  # the server compresses its files once
        for _ in range(runs):
            for name, path in PAGES.items():
                loads[name].append(load(browser, url + path, opened=name.endswith("opened")))
        browser.close()
    report(loads)


if __name__ == "__main__":
    main()
