"""Serves the widget to any page: a loader that is asked for again soon, and files that never change.

They hold nothing of anybody, so any origin may read them; who may talk to the API is another matter.
"""

from fastapi import APIRouter, Request, Response

from app.errors import NotFound
from app.widget.assets import Asset, Assets

router = APIRouter(include_in_schema=False)

BRIEFLY = "public, max-age=300, stale-while-revalidate=86400"
FOREVER = "public, max-age=31536000, immutable"
PUBLIC = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Timing-Allow-Origin": "*",
    "Vary": "Accept-Encoding",
}


@router.api_route("/widget.js", methods=["GET", "HEAD"])
async def send_loader(request: Request) -> Response:
    return _send(request, _assets(request).loader, BRIEFLY)


@router.api_route("/widget/{version}/{name:path}", methods=["GET", "HEAD"])
async def send_file(version: str, name: str, request: Request) -> Response:
    """A file of this build; of another build nothing, so that no cache keeps the wrong bytes for ever."""
    asset = _assets(request).find(version, name)
    if asset is None:
        raise NotFound("The widget has no such file.")
    return _send(request, asset, FOREVER)


def _assets(request: Request) -> Assets:
    assets: Assets = request.app.state.widget
    return assets


def _send(request: Request, asset: Asset, cache: str) -> Response:
    body, encoding = asset.encode(request.headers.get("accept-encoding", ""))
    headers = PUBLIC | {"Cache-Control": cache, "ETag": asset.etag}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, media_type=asset.media_type, headers=headers)
