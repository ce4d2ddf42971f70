"""Identity: who is this customer? Contact proof, the storefront's JWT, and their throttling (I5).

A proof is an order number with the e-mail or phone on that order. Every try counts, right or wrong, typed into
the chat or sent by a form, in the same durable counters; an unknown order gets the same answer in the same time.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import jwt
import phonenumbers

from app.errors import NotAllowed, TooManyTries
from app.models import ContactOfOrder, Identity

JWT_LIFETIME = timedelta(minutes=15)
JWT_LEEWAY = timedelta(seconds=30)

# DESIGN §8: tries a conversation, an address, an order from one address, an order in all.
TRIES = {
    "conversation": (5, timedelta(days=1)),
    "address": (20, timedelta(hours=1)),
    "order_address": (10, timedelta(hours=1)),
    "order": (50, timedelta(days=1)),
}

# Letters of other scripts may touch a number ("ออเดอร์12345"); upper-case Latin before digits is part of a code. A comma
# parts words where no digit is before it ("您好,12345"). Thais and Lao laugh in fives.
_ORDER = re.compile(
    r"(?<![A-Za-z0-9@.+_-])(?<!\d,)([A-Za-z]{1,4}-?\d{4,14})(?![A-Za-z0-9@_-])"
    r"|(?<![A-Z0-9@.+_-])(?<!\d,)(?:(?<=#)|(?!5+(?!\d)))(\d{4,14})(?![A-Za-z0-9@_-])"
)
SHELL = "the owner's shell"
"""The address of a proof from this machine's shell: whoever has it can list every contact with ``kaunter db orders``,
so only the conversation's limit counts. No network address looks like it."""

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PLAIN_EMAIL = re.compile(
    r"(?<![A-Za-zÀ-ɏ0-9.+_-])[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?![A-Za-zÀ-ɏ0-9-])"
)
"""Written in Latin letters between words of another script without a space: ``邮箱li@example.comです``."""
_PHONE = re.compile(r"(?<![A-Za-z0-9@])(?:\+\d|\(?0)[\d ().-]{6,18}\d(?![A-Za-z0-9@])")
PHONE_DIGITS = 8
_SAMPLE = "unknown@example.invalid"


class Tries(Protocol):
    """Durable counters of tries; keys arrive hashed."""

    async def count_tries(self, kind: str, key: str, since: datetime) -> int: ...
    async def add_try(self, kind: str, key: str, at: datetime) -> None: ...
    async def use_jti(self, jti: str, expires_at: datetime) -> bool: ...


class Contacts(Protocol):
    """The contact of any order; raises ShopUnavailable when nobody can say."""

    async def find_order_contact(self, number: str) -> ContactOfOrder | None: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """An order number and a contact as somebody gave them."""

    order_number: str
    contact: str


def to_ascii_digits(text: str) -> str:
    """Native digits (Thai, Arabic-Indic, fullwidth …) as 0-9; everything else as it is."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def find_order_numbers(text: str) -> list[str]:
    """What may be order numbers in a text, as typed less ``#``, in upper case, without repeats."""
    rest = _EMAIL.sub(" ", to_ascii_digits(text))
    found = ["".join(match.groups("")).upper() for match in _ORDER.finditer(rest)]
    return list(dict.fromkeys(found))


def find_proof(text: str) -> Proof | None:
    """An order number together with an e-mail or phone in a text that a customer typed."""
    plain = to_ascii_digits(text)
    email = _PLAIN_EMAIL.search(plain) or _EMAIL.search(plain)
    if email:
        numbers = find_order_numbers(plain)
        return Proof(numbers[0], email.group()) if numbers else None
    for phone in _find_phones(plain):
        numbers = find_order_numbers(plain.replace(phone, " ", 1))
        if numbers:
            return Proof(numbers[0], phone)
    return None


def _find_phones(text: str) -> list[str]:
    """One unbroken word of digits first: a longer match may have swallowed the order number beside it."""
    candidates = [*text.split(), *_PHONE.findall(text)]
    phones = [c.strip(".,;:#") for c in candidates if re.fullmatch(r"[+(]?[\d().-]+(?: [\d().-]+)*[.,;]?", c)]
    return [c for c in phones if len(re.sub(r"\D", "", c)) > PHONE_DIGITS]


def strip_proof(text: str) -> str:
    """What a typed proof leaves of a text: the question, if there is one beside it."""
    plain = _EMAIL.sub(" ", to_ascii_digits(text))
    plain = _ORDER.sub(" ", _PHONE.sub(" ", plain))
    return re.sub(r"[\s#,.;:/+-]+", " ", plain).strip()


def normalise_number(number: str) -> str:
    """An order number as the shop writes it: ASCII digits, upper case, no ``#``."""
    return to_ascii_digits(number).strip().lstrip("#").upper()


def normalise_contact(contact: str, like_phone: str) -> str:
    """An e-mail casefolded; a phone as E.164, read as a number of ``like_phone``'s country when it has no prefix."""
    contact = to_ascii_digits(contact).strip()
    if "@" in contact:
        return unicodedata.normalize("NFKC", contact).casefold()
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(like_phone))
        number = phonenumbers.parse(contact, region)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", contact)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def hash_key(*parts: str) -> str:
    """A counter's key: no address, order or contact is stored readable."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


class Identities:
    """Proves identities. ``contact_scope`` says what contact proof opens (KAUNTER_CONTACT_PROOF)."""

    def __init__(
        self,
        tries: Tries,
        contacts: Contacts,
        *,
        contact_scope: Literal["order", "customer"] = "order",
        secret: str = "",
        audience: str = "kaunter",
    ) -> None:
        self._tries = tries
        self._contacts = contacts
        self._contact_scope = contact_scope
        self._secret = secret
        self._audience = audience

    async def prove_contact(self, proof: Proof, conversation_id: str, address: str, now: datetime) -> Identity | None:
        """The identity that a contact proof opens; None when it does not match. Raises TooManyTries."""
        number = normalise_number(proof.order_number)
        await self._count(number, conversation_id, address, now)
        order = await self._contacts.find_order_contact(number)
        email, phone = (order.email, order.phone) if order else (_SAMPLE, "+6580000000")
        given = normalise_contact(proof.contact, phone).encode()
        # Both comparisons always run, also for an unknown order: the time tells nothing.
        same_email = hmac.compare_digest(given, normalise_contact(email, phone).encode())
        same_phone = hmac.compare_digest(given, normalise_contact(phone, phone).encode())
        # An order without an e-mail or phone has an empty one, which nobody may match with an empty contact.
        if order is None or not given or not (same_email | same_phone):
            return None
        scope = self._contact_scope
        return Identity(scope, order.customer_id, order.order_number if scope == "order" else None)

    async def is_exhausted(self, conversation_id: str, now: datetime) -> bool:
        """Whether this conversation has tried more often than it may."""
        limit, window = TRIES["conversation"]
        return await self._tries.count_tries("conversation", hash_key(conversation_id), now - window) > limit

    async def _count(self, number: str, conversation_id: str, address: str, now: datetime) -> None:
        keys = {
            "conversation": hash_key(conversation_id),
            "address": hash_key(address),
            "order_address": hash_key(number, address),
            "order": hash_key(number),
        }
        if address == SHELL:
            keys = {"conversation": keys["conversation"]}
        # Counted first, then compared: of any number of simultaneous tries only the limit passes.
        for kind, key in keys.items():
            await self._tries.add_try(kind, key, now)
        for kind, key in keys.items():
            limit, window = TRIES[kind]
            if await self._tries.count_tries(kind, key, now - window) > limit:
                raise TooManyTries(int(window.total_seconds()))

    async def prove_token(self, token: str, now: datetime) -> Identity:
        """The identity in a storefront's JWT. Raises NotAllowed, always with the same sentence."""
        try:
            claims = self._read_token(token)
            expires = datetime.fromtimestamp(claims["exp"], tz=now.tzinfo)
            issued = datetime.fromtimestamp(claims["iat"], tz=now.tzinfo)
        except (jwt.PyJWTError, ValueError, OverflowError, OSError, TypeError):
            raise NotAllowed("The identity token is not valid.") from None
        if expires - issued > JWT_LIFETIME or expires - now > JWT_LIFETIME + JWT_LEEWAY:
            raise NotAllowed("The identity token is not valid.")
        if not await self._tries.use_jti(hash_key(str(claims["jti"])), expires + JWT_LEEWAY):
            raise NotAllowed("The identity token is not valid.")
        return Identity("customer", str(claims["sub"]))

    def _read_token(self, token: str) -> dict[str, Any]:
        if not self._secret:
            raise jwt.InvalidKeyError("no secret is set")
        claims: dict[str, Any] = jwt.decode(
            token,
            self._secret,
            algorithms=["HS256"],
            audience=self._audience,
            leeway=JWT_LEEWAY,
            options={"require": ["sub", "aud", "iat", "exp", "jti"]},
        )
        return claims
