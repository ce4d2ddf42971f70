"""The owner's own examples, ``policies/tests.yaml``: a question must find its policy, an order its decision.

    - {language: vi, question: "quá 30 ngày còn trả được không", policy: "returns#window"}
    - {order: {status: delivered, days: 31}, decide: return, reason: too_late}

``days`` is how long ago the invented order was delivered, or placed when it was not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import PolicyError
from app.models import Order, OrderStatus
from app.policies.library import Policies
from app.policies.returning import can_exchange, can_return
from app.policies.rules import AddressChangeRules, CancellationRules, ExchangesRules, RefundsRules, ReturnsRules
from app.policies.samples import make_order
from app.policies.unshipped import can_cancel, can_change_address

FILE = "tests.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleOrder(_Strict):
    status: OrderStatus
    days: int = 3
    category: str = "shoes"
    country: str = "SG"


class Trial(_Strict):
    question: str = ""
    language: str = "en"
    policy: str = ""
    """``returns`` or ``returns#window``; it must be among the three that the question finds."""
    order: SampleOrder | None = None
    decide: Literal["cancel", "return", "exchange", "change_address"] | None = None
    reason: str = "ok"


def read_trials(folder: Path) -> list[tuple[int, Trial]]:
    """Each trial with its line; none when the file is missing. Raises PolicyError."""
    path = folder / FILE
    if not path.exists():
        return []
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(f"bad YAML: {error.problem}", FILE, line) from None
    if not isinstance(data, list):
        raise PolicyError("must be a list of examples", FILE)
    lines = [item.start_mark.line + 1 for item in node.value] if isinstance(node, yaml.SequenceNode) else []
    trials = []
    for line, item in zip(lines, data, strict=True):
        try:
            trials.append((line, Trial.model_validate(item)))
        except ValidationError as error:
            first = error.errors()[0]
            raise PolicyError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", FILE, line) from None
    return trials


def run_trials(policies: Policies, now: datetime | None = None) -> Iterator[tuple[Trial, PolicyError | None]]:
    """Each example and what is wrong with it, if anything."""
    for line, trial in read_trials(policies.folder):
        wrong = _try_question(policies, trial) or _try_decision(policies, trial, now or datetime.now(UTC))
        yield trial, PolicyError(wrong, FILE, line) if wrong else None


def _try_question(policies: Policies, trial: Trial) -> str | None:
    if not trial.question:
        return None
    found = [f"{s.policy}#{s.section}" for s in policies.select(trial.question, trial.language).sections]
    if any(trial.policy in (name, name.split("#", 1)[0]) for name in found):
        return None
    return f"{trial.question!r} finds {', '.join(found) or 'nothing'} and not {trial.policy}"


def _try_decision(policies: Policies, trial: Trial, now: datetime) -> str | None:
    if trial.decide is None or trial.order is None:
        return None
    wanted = trial.order
    order = make_order(policies.shop.currency, now, wanted.status, wanted.days, wanted.category, wanted.country)
    reason = _decide(policies, trial.decide, order, now)
    return None if reason == trial.reason else f"{trial.decide}: the rules say {reason} and not {trial.reason}"


def _decide(policies: Policies, kind: str, order: Order, now: datetime) -> str:
    tz = policies.time_zone()
    if kind == "cancel":
        return can_cancel(order, policies.rules(CancellationRules), policies.rules(RefundsRules)).reason
    if kind == "return":
        return can_return(order, policies.rules(ReturnsRules), policies.rules(RefundsRules), tz, now).reason
    if kind == "exchange":
        return can_exchange(order, order.items[0].id, None, policies.rules(ExchangesRules), tz, now).reason
    return can_change_address(order, None, policies.rules(AddressChangeRules)).reason
