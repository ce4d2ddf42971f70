"""The routes that shop platforms call when an order changes."""

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.api import problems
from app.webhooks import Inbox, Unreadable

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])

RESPONSES = problems.describe(400, 401, 404, 409, 413)


class WebhookOut(BaseModel):
    """``stored``, ``replayed`` (came before), ``outdated`` (newer news is stored) or ``ignored`` (not about orders)."""

    result: str


def get_inbox(request: Request) -> Inbox:
    inbox: Inbox = request.app.state.services.inbox
    return inbox


@router.post("/woocommerce", responses=RESPONSES)
async def take_woocommerce(request: Request) -> WebhookOut:
    """An order of WooCommerce, signed with KAUNTER_WOOCOMMERCE_SECRET."""
    try:
        return WebhookOut(result=await get_inbox(request).take_woocommerce(request.headers, await request.body()))
    except Unreadable as error:
        raise HTTPException(400, str(error)) from None


@router.post("/shopify", responses=RESPONSES)
async def take_shopify(request: Request) -> WebhookOut:
    """An order of Shopify, signed with KAUNTER_SHOPIFY_SECRET."""
    try:
        return WebhookOut(result=await get_inbox(request).take_shopify(request.headers, await request.body()))
    except Unreadable as error:
        raise HTTPException(400, str(error)) from None
