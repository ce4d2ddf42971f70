"""Who is signed in at the demo storefront: one of a few invented people, remembered in a cookie.

Anybody may be any of them, as in a showroom; the JWT that the widget gets is signed with the demo's own key.
"""

from babel import Locale
from fastapi import Request

from app.demo.people import build_people
from app.language import registry
from app.models import Customer

COOKIE = "kaunter_demo_customer"

_SLUGS = (
    "lan.nguyen", "somchai.jaidee", "nurul.aisyah", "dewi.putri", "rachel.lim", "lihua.wang", "fatima.alhashimi",
    "misaki.sato", "maria.santos", "chantha.sok", "thida.win", "kavitha.murugan",
)  # fmt: skip
_BY_EMAIL = {person.customer.email: person.customer for person in build_people()}
CUSTOMERS = {customer.id: customer for customer in (_BY_EMAIL[f"{slug}@example.com"] for slug in _SLUGS)}
"""Those whom the switcher offers, by id."""


def signed_in(request: Request) -> Customer | None:
    return CUSTOMERS.get(request.cookies.get(COOKIE, ""))


def is_from_here(request: Request) -> bool:
    """Whether our own page sent this request, as far as the browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return origin.partition("://")[2] == request.headers.get("host")


def describe(customer: Customer) -> str:
    """A name with the country as its people call it: ``Nguyễn Thị Lan · Việt Nam``."""
    country = Locale.parse(registry.LANGUAGES[customer.language].locale).territories[customer.country]
    return f"{customer.name} · {country}"
