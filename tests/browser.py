"""Makes sure that there is a browser: Debian's chromium where apt-get works, else Playwright's own download."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ["chromium", "fonts-noto-core", "fonts-noto-cjk"]


def find() -> bool:
    """Whether a test could start one now."""
    if shutil.which("chromium"):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def install() -> bool:
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        done = subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode == 0:
            return True
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode == 0


if __name__ == "__main__":
    if not find() and not install():
        sys.exit("No browser could be installed. Install chromium, then try again.")
