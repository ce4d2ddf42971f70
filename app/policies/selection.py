"""Which policy sections a question needs: the index over the policies' examples and prose, without a model call."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.policies.documents import Policy
from app.retrieval import Entry, Index
from app.retrieval.encoder import shared

CERTAIN = 0.60
"""Score from which the best section counts as what was asked; fitted with ``bench/retrieval.py``."""


LEAD = 0.15
"""Distance of a section to the next of its policy from which it is the one that was asked for: 86 % of the 465
questions of ``questions_heldout3.tsv`` have such a section, and for 92 % of these it is the right one."""

ALIKE = 0.05
"""Distance within which sections of a policy are equally near: of the 18 questions that have such a pair, half want the
first and half the second ("how long do I have, and who pays?" wants both)."""


@dataclass(frozen=True, slots=True)
class Selected:
    policy: str
    section: str
    score: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The sections for a question, best first. ``topics`` are titles to offer when it is not certain."""

    sections: tuple[Selected, ...]
    certain: bool
    topics: tuple[str, ...]
    """Up to three policy titles in the asked language."""
    topic_ids: tuple[str, ...] = ()

    @property
    def clear(self) -> Selected | None:
        """The best section, where it is certain and no other of its policy is nearly as near."""
        best = self.sections[0] if self.certain else None
        rest = [s for s in self.sections[1:] if best and s.policy == best.policy]
        return best if best and (not rest or best.score - rest[0].score >= LEAD) else None

    def find_alike(self, policy: str) -> frozenset[str]:
        """The sections of a policy that are as near as its nearest."""
        own = [s for s in self.sections if s.policy == policy]
        return frozenset(s.section for s in own if s.score >= own[0].score - ALIKE)


class Selector:
    """Select sections of a fixed set of policies."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = policies
        self._index = Index(make_entries(policies), shared())

    def select(self, question: str, language: str, k: int = 3) -> Selection:
        """The ``k`` best sections of all policies. Never raises, whatever the text."""
        ranked = self._index.rank(question, max(k, 12), language)
        sections = tuple(_selected(label, score) for label, score in ranked[:k] if score > 0)
        certain = bool(sections) and sections[0].score >= CERTAIN
        ids = tuple(dict.fromkeys(label.split("#", 1)[0] for label, score in ranked if score > 0))[:3]
        titles = tuple(self._policies[identifier].title_in(language) for identifier in ids)
        return Selection(sections, certain, titles, ids)


def make_entries(policies: Mapping[str, Policy], prefix: str = "", prose: bool = True) -> list[Entry]:
    """Examples and, with ``prose``, headings; an example of the whole policy stands for its first section."""
    entries = []
    for policy in policies.values():
        if not policy.sections:
            continue
        first = policy.sections[0].slug
        name = f"{prefix}{policy.id}"
        entries += [Entry(e.text, e.language, f"{name}#{e.section or first}") for e in policy.examples]
        if prose:
            entries += [
                Entry(f"{policy.title}: {s.title}", policy.language, f"{name}#{s.slug}") for s in policy.sections
            ]
    return entries


def _selected(label: str, score: float) -> Selected:
    policy, section = label.split("#", 1)
    return Selected(policy, section, score)
