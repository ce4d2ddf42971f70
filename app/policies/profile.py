"""The shop's profile, ``policies/shop.yaml``: name, languages, time zone, currency, contacts, hours, tone."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.errors import PolicyError
from app.language import registry

PROFILE = "shop.yaml"


class ShopProfile(BaseModel):
    """What a shop says about itself. Further keys are kept and can be used in prose as ``shop.key``."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(min_length=1)
    languages: tuple[str, ...] = Field(min_length=1)
    """Codes; the first is the shop's own."""
    time_zone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    contacts: dict[str, Any] = {}
    opening_hours: Any = None
    tone: str = ""

    @field_validator("time_zone")
    @classmethod
    def know_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"{value!r} is not a time zone such as Asia/Ho_Chi_Minh") from None
        return value

    @field_validator("languages")
    @classmethod
    def know_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for tag in value:
            if registry.find(tag) is None:
                raise ValueError(f"unknown language {tag!r}")
        return value


def read_profile(folder: Path) -> ShopProfile:
    """Read the profile. Raises PolicyError with the line of the mistake."""
    path = folder / PROFILE
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = yaml.safe_load(text)
    except FileNotFoundError:
        raise PolicyError("the shop's profile is missing; copy the one of the demo shop", PROFILE) from None
    except (OSError, UnicodeDecodeError):
        raise PolicyError("the shop's profile cannot be read as UTF-8", PROFILE) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"bad YAML: {error.problem}", PROFILE, line) from None
    try:
        return ShopProfile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        raise PolicyError(f"{key}: {first['msg']}", PROFILE, _line_of(key, text)) from None


def _line_of(key: str, text: str) -> int:
    starts = (number for number, line in enumerate(text.split("\n"), 1) if key and line.startswith(f"{key}:"))
    return next(starts, 1)
