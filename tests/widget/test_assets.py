"""What a storefront's page loads from the counter: small, from any origin, and for ever only under its own name."""

import base64
import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import brotli
import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder

from app.language import registry
from app.widget.assets import STATIC, Assets

KIB = 1024
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def assets() -> Assets:
    return Assets()


def core_path(assets: Assets) -> str:
    return f"/widget/{assets.version}/core.js"


async def test_a_page_loads_at_most_15_kb_of_code_and_3_kb_of_locale(http: httpx.AsyncClient, assets: Assets) -> None:
    async def weigh(path: str) -> int:
        async with http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            return sum([len(chunk) async for chunk in answer.aiter_raw()])

    assert await weigh("/widget.js") + await weigh(core_path(assets)) <= 15 * KIB
    for code in registry.LAUNCH:
        assert await weigh(f"/widget/{assets.version}/locales/{code}.json") <= 3 * KIB, code


async def test_the_loader_is_asked_for_again_and_its_core_never(http: httpx.AsyncClient, assets: Assets) -> None:
    loader, core = await http.get("/widget.js"), await http.get(core_path(assets))
    assert "max-age=300" in loader.headers["cache-control"]
    assert "immutable" not in loader.headers["cache-control"]
    assert core.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = await http.get("/widget.js", headers={"If-None-Match": loader.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_loader_names_the_core_that_is_served_with_its_hash(http: httpx.AsyncClient, assets: Assets) -> None:
    core = (await http.get(core_path(assets))).content
    loader = (await http.get("/widget.js")).text
    assert f"widget/{assets.version}/core.js" in loader
    assert "sha384-" + base64.b64encode(hashlib.sha384(core).digest()).decode() in loader


async def test_any_origin_may_read_the_files_as_what_they_are(http: httpx.AsyncClient, assets: Assets) -> None:
    for path, kind in (
        ("/widget.js", "text/javascript; charset=utf-8"),
        (core_path(assets), "text/javascript; charset=utf-8"),
        (f"/widget/{assets.version}/locales/ar.json", "application/json; charset=utf-8"),
    ):
        for method in ("GET", "HEAD"):
            answer = await http.request(method, path, headers={"Origin": "https://shop.example"})
            assert answer.status_code == 200
            assert answer.headers["content-type"] == kind
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/widget/0000000000000000/core.js",
        "/widget/{}/manifest.json",
        "/widget/{}/locales/../manifest.json",
        "/widget/{}/locales/xx.json",
        "/widget/{}/%2e%2e/assets.py",
        "/widget/{}/..%2f..%2fsupport-chat.ts",
        "/widget/{}/",
    ],
)
async def test_nothing_else_is_served_and_nothing_that_is_wrong_is_kept(
    http: httpx.AsyncClient, assets: Assets, path: str
) -> None:
    answer = await http.get(path.format(assets.version))
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("BR;q=0.5, gzip", "br"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("gzip; q=0.0", None),
        ("identity", None),
        ("*", None),
        ("", None),
        ("brotli, ;;, ü", None),
    ],
)
def test_an_encoding_is_only_used_where_the_browser_takes_it(
    assets: Assets, accepted: str, encoding: str | None
) -> None:
    (core,) = [asset for asset in [assets.find(assets.version, "core.js")] if asset]
    body, used = core.encode(accepted)
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[used]
    assert used == encoding
    assert decode(body) == core.body


def test_the_wheel_holds_the_widget_the_storefront_and_the_content(tmp_path: Path) -> None:
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        assert wheel.read("app/widget/static/core.js") == (STATIC / "core.js").read_bytes()
    wanted = {"app/widget/static/loader.js", "app/widget/static/manifest.json", "app/storefront/storefront.css"}
    wanted |= {f"app/widget/static/locales/{code}.json" for code in registry.LAUNCH}
    wanted |= {"app/storefront/page.j2", "app/storefront/texts.yaml", "app/_content/policies/shop.yaml"}
    assert wanted <= names
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", "package-lock.json"))]


def test_the_manifest_speaks_of_these_very_files(assets: Assets) -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    core = (STATIC / "core.js").read_bytes()
    assert manifest["core"] == "sha384-" + base64.b64encode(hashlib.sha384(core).digest()).decode()
    assert {path.stem for path in (STATIC / "locales").glob("*.json")} == set(registry.LAUNCH)
