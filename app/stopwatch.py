"""Times the stages of a turn and adds up what the model server reported: the making of ``Metrics``."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.llm.base import Usage
from app.models import Metrics


@dataclass(slots=True)
class Stopwatch:
    """One a turn."""

    model: str = ""
    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)
    usage: Usage = Usage()
    calls: int = 0
    regenerations: int = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + (time.perf_counter() - begin) * 1000

    def count_call(self) -> None:
        """One model call begins; it counts also when it is broken off."""
        self.calls += 1

    def add(self, usage: Usage) -> None:
        """A model call ended with this usage."""
        total = self.usage
        self.usage = Usage(total.prompt + usage.prompt, total.cached + usage.cached, total.generated + usage.generated)

    def read(self, spoke: str, verdicts: Sequence[str] = ()) -> Metrics:
        return Metrics(
            stages_ms={name: round(ms, 1) for name, ms in self.stages.items()},
            total_ms=round((time.perf_counter() - self.started) * 1000, 1),
            prompt_tokens=self.usage.prompt,
            cached_tokens=self.usage.cached,
            generated_tokens=self.usage.generated,
            model_calls=self.calls,
            model=self.model,
            verdicts=tuple(verdicts),
            spoke=spoke,
            regenerations=self.regenerations,
        )
