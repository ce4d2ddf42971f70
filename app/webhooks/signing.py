"""Signatures in the manner of Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``, Base64, version 1."""

import base64
import hashlib
import hmac


def sign(key: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a delivery."""
    signed = f"{id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{digest}"}
