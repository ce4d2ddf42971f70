"""The demo shop's invented customers, read from ``people.yaml``, with what their country brings along."""

from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import yaml

from app.demo.prices import convert
from app.demo.source import SEED, read_text
from app.models import Address, Customer, Money, PaymentMethod

CARDS = ("Visa •••• 4242", "Mastercard •••• 5454", "Visa •••• 1111")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and the facts that orders are made from."""

    customer: Customer
    hub: str
    """The city where parcels enter the country, in Latin letters as carriers write it."""
    can_pay_cash: bool

    @property
    def is_abroad(self) -> bool:
        """Outside the country that the shop ships from."""
        return self.customer.country != "SG"


def build_people() -> list[Person]:
    """All customers, in the order of the file; ids and contacts never change."""
    people: list[Person] = []
    counted: dict[str, int] = {}
    for origin in yaml.safe_load(read_text("people.yaml")):
        for line in origin["people"]:
            name, slug = (part.strip() for part in line.split("|"))
            place = counted[origin["country"]] = counted.get(origin["country"], 9) + 1
            people.append(_build_person(origin, name, slug, f"{origin['phone']}{place:02}", len(people)))
    return people


def _build_person(origin: dict[str, Any], name: str, slug: str, phone: str, index: int) -> Person:
    random = Random(f"{SEED}:person:{slug}")  # noqa: S311 - a repeatable demo, no secret
    key = f"C{index + 1:03}"
    places = random.sample(origin["places"], random.randint(1, len(origin["places"])))
    credit = random.choice((0, 0, 0, 5, 10, 20))
    customer = Customer(
        id=key,
        name=name,
        email=f"{slug}@example.com",
        phone=phone,
        language=origin["language"],
        country=origin["country"],
        time_zone=origin["time_zone"],
        store_credit=Money(convert(credit, origin["currency"]), origin["currency"]),
        addresses=tuple(
            _build_address(f"{key}-A{number + 1}", name, phone, origin["country"], place, number == 0)
            for number, place in enumerate(places)
        ),
        payment_methods=_build_methods(key, origin, random),
    )
    return Person(customer, origin["hub"], origin["cod"])


def _build_address(key: str, name: str, phone: str, country: str, place: dict[str, Any], is_default: bool) -> Address:
    return Address(
        id=key,
        recipient=name,
        lines=tuple(place["lines"]),
        city=place["city"],
        postal_code=place["postal_code"],
        country=country,
        phone=phone,
        is_default=is_default,
        region=place["region"],
    )


def _build_methods(key: str, origin: dict[str, Any], random: Random) -> tuple[PaymentMethod, ...]:
    kind: Literal["card", "e_wallet"] = "card" if "••••" in origin["wallet"] else "e_wallet"
    methods = [
        PaymentMethod(f"{key}-M1", "card", random.choice(CARDS)),
        PaymentMethod(f"{key}-M2", kind, origin["wallet"]),
    ]
    if origin["cod"]:
        methods.append(PaymentMethod(f"{key}-M3", "cod", "COD"))
    return tuple(methods)
