"""Counts and times for Prometheus, in a registry of their own: what ``/metrics`` shows.

Knows no person and no text. Every label comes from a closed list, so the number of series is bounded whatever
customers and owners write. Each process counts for itself, as Prometheus expects.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.language.registry import LAUNCH
from app.models import Message

TURN_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 12, 16, 20, 30, 60)
STAGE_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 30)

HANDOFF_REASONS = frozenset({"customer_asked", "complaint", "needs_person", "technical", "change_requested", "photo"})
"""Reasons that code gives; a reason in somebody's own words is counted as ``other``."""


class Meters:
    """One a process. Feed it with what was stored; read it with ``render``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self._replies = Counter(
            "kaunter_replies", "Stored replies of the assistant.", ["outcome", "spoke", "language"], registry=registry
        )
        self._verdicts = Counter(
            "kaunter_verdicts", "Segments that a guardrail rejected.", ["kind", "language"], registry=registry
        )
        self._regenerations = Counter(
            "kaunter_regenerations", "Replies that the model was asked for again.", ["language"], registry=registry
        )
        self._handoffs = Counter("kaunter_handoffs", "Conversations handed to a person.", ["reason"], registry=registry)
        self._webhooks = Counter(
            "kaunter_webhook_deliveries",
            "Tries to tell a webhook of the owner.",
            ["type", "result"],
            registry=registry,
        )
        self._model_calls = Counter("kaunter_model_calls", "Calls of the model in turns.", registry=registry)
        self._tokens = Counter(
            "kaunter_tokens", "Tokens, as the model server counts them.", ["kind"], registry=registry
        )
        self._turn_seconds = Histogram(
            "kaunter_turn_seconds",
            "From the begin of a turn to its reply.",
            ["spoke"],
            buckets=TURN_BUCKETS,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "kaunter_stage_seconds", "Time of a turn in one stage.", ["stage"], buckets=STAGE_BUCKETS, registry=registry
        )

    def count_webhook(self, type: str, result: str) -> None:
        """A delivery was tried; both words are from closed lists."""
        self._webhooks.labels(type, result).inc()

    def count_reply(self, reply: Message) -> None:
        """A reply of the assistant was stored."""
        metrics = reply.metrics
        if metrics is None:
            return
        language = name_language(reply.language)
        self._replies.labels(str(reply.outcome), metrics.spoke, language).inc()
        for kind in metrics.verdicts:
            self._verdicts.labels(kind, language).inc()
        self._regenerations.labels(language).inc(metrics.regenerations)
        if reply.handoff_reason:
            self.count_handoff(reply.handoff_reason)
        self._model_calls.inc(metrics.model_calls)
        counted = {"prompt": metrics.prompt_tokens, "cached": metrics.cached_tokens}
        for kind, tokens in (counted | {"generated": metrics.generated_tokens}).items():
            self._tokens.labels(kind).inc(tokens)
        if metrics.total_ms:
            self._turn_seconds.labels(metrics.spoke).observe(metrics.total_ms / 1000)
        for stage, milliseconds in metrics.stages_ms.items():
            self._stage_seconds.labels(stage).observe(milliseconds / 1000)

    def count_handoff(self, reason: str) -> None:
        self._handoffs.labels(reason if reason in HANDOFF_REASONS else "other").inc()

    def watch(self, name: str, help: str, read: Callable[[], float]) -> None:
        """A gauge that is read when somebody looks."""
        Gauge(name, help, registry=self.registry).set_function(read)

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


def name_language(code: str) -> str:
    return code if code in LAUNCH else "other"
