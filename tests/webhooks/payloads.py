"""Orders as WooCommerce (REST v3) and Shopify (Admin REST) write them, less what Kaunter does not read."""

import base64
import copy
import hashlib
import hmac
import json
from typing import Any

WOO_SECRET = "woo secret of the shop"
SHOPIFY_SECRET = "shpss_0123456789"

WOO: dict[str, Any] = {
    "id": 727,
    "parent_id": 0,
    "number": "727",
    "order_key": "wc_order_58d2d042d1d",
    "status": "processing",
    "currency": "VND",
    "date_created_gmt": "2026-11-20T02:28:02",
    "date_modified_gmt": "2026-11-20T02:28:08",
    "date_paid_gmt": "2026-11-20T02:28:08",
    "date_completed_gmt": None,
    "discount_total": "50000",
    "shipping_total": "30000",
    "shipping_tax": "0",
    "total": "1480000",
    "total_tax": "0",
    "prices_include_tax": True,
    "customer_id": 26,
    "customer_note": "Giao giờ hành chính &amp; gọi trước",
    "payment_method": "momo",
    "payment_method_title": "Ví MoMo",
    "billing": {
        "first_name": "Lan",
        "last_name": "Nguyễn",
        "company": "",
        "address_1": "12 Nguyễn Huệ",
        "address_2": "",
        "city": "TP. Hồ Chí Minh",
        "state": "",
        "postcode": "700000",
        "country": "VN",
        "email": "lan@example.com",
        "phone": "090 123 45 67",
    },
    "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "country": ""},
    "line_items": [
        {
            "id": 315,
            "name": "Váy lanh - M",
            "product_id": 93,
            "variation_id": 1001,
            "quantity": 2,
            "subtotal": "1500000",
            "subtotal_tax": "0",
            "total": "1450000",
            "total_tax": "0",
            "price": 725000,
            "sku": "VL-M",
            "meta_data": [
                {"id": 1, "key": "pa_size", "value": "m", "display_key": "Cỡ", "display_value": "M"},
                {"id": 2, "key": "_reduced_stock", "value": "2", "display_key": "_reduced_stock"},
            ],
        }
    ],
    "shipping_lines": [],
    "refunds": [],
}

SHOPIFY: dict[str, Any] = {
    "id": 820982911946154500,
    "name": "#MY1001",
    "email": "aisyah@example.com",
    "phone": None,
    "created_at": "2026-11-20T10:00:00+08:00",
    "processed_at": "2026-11-20T10:00:05+08:00",
    "updated_at": "2026-11-20T10:00:05+08:00",
    "cancelled_at": None,
    "currency": "SGD",
    "presentment_currency": "MYR",
    "total_price": "39.00",
    "total_price_set": {
        "shop_money": {"amount": "39.00", "currency_code": "SGD"},
        "presentment_money": {"amount": "129.80", "currency_code": "MYR"},
    },
    "total_shipping_price_set": {"presentment_money": {"amount": "10.00", "currency_code": "MYR"}},
    "financial_status": "paid",
    "fulfillment_status": None,
    "taxes_included": True,
    "note": None,
    "customer_locale": "ms-MY",
    "payment_gateway_names": ["grabpay"],
    "customer": {
        "id": 115310627314723950,
        "first_name": "Aisyah",
        "last_name": "Rahman",
        "email": "aisyah@example.com",
    },
    "billing_address": None,
    "shipping_address": {
        "name": "Aisyah Rahman",
        "address1": "1 Jalan Ampang",
        "address2": None,
        "city": "Kuala Lumpur",
        "province": "WP",
        "zip": "50450",
        "country_code": "MY",
        "phone": "012-345 6789",
    },
    "line_items": [
        {
            "id": 866550311766439000,
            "title": "Kasut",
            "variant_title": "40 / Hitam",
            "product_id": 632910392,
            "variant_id": 808950810,
            "quantity": 2,
            "price": "18.00",
            "price_set": {"presentment_money": {"amount": "59.90", "currency_code": "MYR"}},
            "tax_lines": [],
        }
    ],
    "fulfillments": [],
    "refunds": [],
}


def woo(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WOO), **fields}


def shopify(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SHOPIFY), **fields}


def fulfilled(state: str | None, at: str = "2026-11-22T10:00:00+08:00") -> dict[str, Any]:
    return {
        "id": 255858046,
        "status": "success",
        "shipment_status": state,
        "tracking_company": "Pos Laju",
        "tracking_number": "ER123456789MY",
        "created_at": "2026-11-21T10:00:00+08:00",
        "updated_at": at,
        "line_items": [{"id": 866550311766439000}],
    }


def returned(quantity: int) -> dict[str, Any]:
    return {
        "id": 509562969,
        "created_at": "2026-11-25T10:00:00+08:00",
        "refund_line_items": [{"line_item_id": 866550311766439000, "quantity": quantity}],
        "transactions": [{"amount": "59.90", "currency": "MYR", "kind": "refund", "status": "success"}],
    }


def sign(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def woo_request(payload: Any, *, secret: str = WOO_SECRET, **headers: str) -> dict[str, Any]:
    """Arguments of a POST. A header given as ``x_wc_webhook_topic`` replaces ours."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    given = {
        "X-WC-Webhook-Signature": sign(body, secret),
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Delivery-ID": "7ad4d6c1b3a0",
    }
    return {"url": "/api/webhooks/woocommerce", "content": body, "headers": given | _names(headers)}


def shopify_request(payload: Any, *, secret: str = SHOPIFY_SECRET, **headers: str) -> dict[str, Any]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    given = {
        "X-Shopify-Hmac-Sha256": sign(body, secret),
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest(),
    }
    return {"url": "/api/webhooks/shopify", "content": body, "headers": given | _names(headers)}


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {"-".join(part.capitalize() for part in name.split("_")).replace("Wc", "WC").replace("Id", "ID")
            if name.startswith("x_wc") else "-".join(part.capitalize() for part in name.split("_")): value
            for name, value in headers.items()}  # fmt: skip
