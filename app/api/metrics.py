"""``/metrics`` for Prometheus: only for who holds KAUNTER_METRICS_TOKEN, and not there while that is empty."""

import hmac
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST

from app.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from app.main import Services

bearer = HTTPBearer(auto_error=False)


def add_metrics(app: FastAPI, services: "Services") -> None:
    token = services.settings.metrics_token.get_secret_value().encode()

    @app.get("/metrics", include_in_schema=False)
    async def metrics(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> Response:
        """Counts and times, without anything about a person."""
        if not token:
            raise NotFound("Set KAUNTER_METRICS_TOKEN to have metrics.")
        given = credentials.credentials.encode() if credentials else b""
        if not hmac.compare_digest(given, token):
            raise NotAllowed("The metrics need their own token.")
        return Response(services.meters.render(), media_type=CONTENT_TYPE_LATEST)
