"""The sample: six situations chosen before any arm had run, two of each kind (look up, refuse, change or explain).

``python -m bench.peers.sample > bench/peers/sample.txt`` writes the list that ``kaunter eval --only`` takes too.
Rounds: each has every situation once, in other languages, so that a run that is cut off is balanced.
"""

from app.evaluation.scenario import Scenario
from app.models import Outcome

SITUATIONS = (
    "where-is-it", "refund-state", "held-by-customs", "cancel-shipped", "return-too-late", "return-in-time",
)  # fmt: skip
BLOCKS = (("en", "vi", "th", "id", "zh-Hans", "ar"), ("ms", "fil", "km", "my", "ta", "hi"))
"""Languages; the first six are those that the model has read more of."""
TALK = frozenset({Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.REFUSED})


def list_keys() -> list[str]:
    """``situation/language``, in the order of play."""
    return [
        f"{situation}/{languages[(place + turn) % len(languages)]}"
        for languages in BLOCKS
        for turn in range(len(languages))
        for place, situation in enumerate(SITUATIONS)
    ]


def ease(scenario: Scenario) -> Scenario:
    """The scenario for a rival: its reply does not say whether it answers, asks or refuses, so each counts as any."""
    expect = scenario.situation.expect
    if not set(expect.outcome) & TALK:
        return scenario
    eased = expect.model_copy(update={"outcome": tuple(sorted({*expect.outcome, *TALK}))})
    return Scenario(scenario.situation.model_copy(update={"expect": eased}), scenario.language)


if __name__ == "__main__":
    print("\n".join(list_keys()))
