"""The demo storefront's key: signs who is signed in there, and opens nothing but the demo.

Made anew by every process and never written down, so there is no default secret that a real shop could keep.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt

AUDIENCE = "kaunter-demo"
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DemoKey:
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    audience: str = AUDIENCE

    def sign(self, customer_id: str, now: datetime) -> str:
        """A storefront's JWT: short-lived, to be used once."""
        claims = {
            "sub": customer_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + LIFETIME,
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(claims, self.secret, algorithm="HS256", headers={"kid": "demo"})
