"""Which scenarios run: all, or so many that each situation and each language has its share."""

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from app.errors import ScenarioError
from app.evaluation.scenario import Scenario, Situation


def list_scenarios(situations: Sequence[Situation], languages: Sequence[str] = ()) -> list[Scenario]:
    """Every situation in every (wanted) language. Raises ScenarioError when a wanted language is in none."""
    known = {code for situation in situations for code in situation.languages}
    for code in languages:
        if code not in known:
            raise ScenarioError(f"no scenario is in {code!r}; there are {', '.join(sorted(known))}", "--languages")
    return [Scenario(s, code) for s in situations for code in s.languages if not languages or code in languages]


def read_list(path: Path, scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios that a file names, one ``situation/language`` a line, in its order. Raises ScenarioError."""
    known = {scenario.key: scenario for scenario in scenarios}
    chosen = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ScenarioError("this file cannot be read as UTF-8", str(path)) from None
    for number, line in enumerate(lines, 1):
        key = line.partition("#")[0].strip()
        if key and key not in known:
            raise ScenarioError(f"the suite has no scenario {key!r}", str(path), number)
        if key:
            chosen.append(known[key])
    return list({scenario.key: scenario for scenario in chosen}.values())


def draw_sample(scenarios: Sequence[Scenario], size: int) -> list[Scenario]:
    """At most ``size`` scenarios, the same each time: rounds over the situations, each round in other languages.

    The order is that of the rounds, so that a run which ends early has seen every situation.
    """
    languages = list(dict.fromkeys(scenario.language for scenario in scenarios))
    queues: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        queues.setdefault(scenario.situation.situation, []).append(scenario)
    for place, queue in enumerate(queues.values()):
        # A step of 5 spreads the languages of neighbouring situations: 5 divides few suites' numbers of languages.
        shift = 5 * place
        queue.sort(key=lambda s: (languages.index(s.language) - shift) % len(languages))
    rounds = zip_longest(*queues.values())
    return [scenario for one in rounds for scenario in one if scenario is not None][:size]
