"""Errors on the wire: RFC 9457 problem details with a stable ``code``. One table, no stack traces."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.errors import (
    Conflict,
    DatabaseUnusable,
    InvalidMessage,
    InvalidPhoto,
    KaunterError,
    ModelError,
    NotAllowed,
    NotFound,
    ShopUnavailable,
    TooManyTries,
)

STATUS: dict[type[KaunterError], int] = {
    InvalidMessage: 422,
    InvalidPhoto: 422,
    NotAllowed: 401,
    NotFound: 404,
    Conflict: 409,
    TooManyTries: 429,
    ModelError: 503,
    DatabaseUnusable: 503,
    ShopUnavailable: 503,
}
HTTP_CODES = {
    400: ("bad_request", "BadRequest"),
    404: ("not_found", "NotFound"),
    405: ("method_not_allowed", "MethodNotAllowed"),
    408: ("body_too_slow", "BodyTooSlow"),
    413: ("body_too_large", "BodyTooLarge"),
}
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(examples=["too_many_tries"])
    detail: str = ""


def problem(status: int, code: str, title: str, detail: str = "", **headers: str) -> JSONResponse:
    body = Problem(title=title, status=status, code=code, detail=detail)
    return JSONResponse(body.model_dump(), status, headers or None, MEDIA_TYPE)


def describe(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's ``responses`` of a route that may answer with these problems."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": "A problem", "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of this app with problem details."""

    @app.exception_handler(KaunterError)
    async def on_error(request: Request, error: KaunterError) -> JSONResponse:
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 500)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyTries) else {}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        detail = "The database does not answer." if isinstance(error, DatabaseUnusable) else str(error)
        return problem(status, error.code, type(error).__name__, detail, **headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        places = sorted({".".join(str(part) for part in e["loc"]) for e in error.errors()})
        return problem(422, "invalid_request", "InvalidRequest", f"Look at: {', '.join(places)}"[:500])

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        code, title = HTTP_CODES.get(error.status_code, ("http", "HttpError"))
        return problem(error.status_code, code, title, str(error.detail), **headers)
