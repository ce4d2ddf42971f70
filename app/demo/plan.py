"""Who orders what and what becomes of it: fixed by the seed and the same on every day.

Only whole days before and after today and minutes of the day are planned here; ``orders`` turns them into dates.
"""

from collections import deque
from dataclasses import dataclass, replace
from random import Random

from app.demo.catalogue import FINAL_SALE, Offer
from app.demo.people import Person
from app.demo.scenarios import FINISHED, MOVING, WAITING, Scenario
from app.demo.source import SEED
from app.models import PaymentMethod

FIRST_NUMBER = "12345"
"""The order of the README's first example: the first customer's first one, waiting for restock."""
_FIRST_OFFER = "P001-03"  # the linen wrap dress in M, sage


@dataclass(frozen=True, slots=True)
class Plan:
    """One order to be made. Days count back from today, ``due_in`` ahead; minutes are of the local day."""

    scenario: Scenario
    person: Person
    lines: tuple[tuple[Offer, int], ...]
    method: PaymentMethod
    placed_ago: int
    shipped_ago: int
    ended_ago: int
    due_in: int
    minute: int
    number: str = ""

    @property
    def random(self) -> Random:
        return Random(f"{SEED}:order:{self.number}")  # noqa: S311 - a repeatable demo, no secret


def plan_orders(people: list[Person], offers: list[Offer]) -> list[Plan]:
    """All plans by rising number, which is rising age of the newest last."""
    random = Random(f"{SEED}:plan")  # noqa: S311 - a repeatable demo, no secret
    waiting = _first_in_each_language(people)
    queue = deque(waiting + _shuffled([person for person in people if person not in waiting], random))
    plans = []
    for scenario in _spread_scenarios():
        if len(queue) < len(people):
            queue.extend(_shuffled(people, random))
        plans.append(_plan_order(scenario, _take(queue, scenario), offers, random))
    plans[0] = _make_first(plans[0], offers)
    return _number(plans)


def _first_in_each_language(people: list[Person]) -> list[Person]:
    return list({person.customer.language: person for person in reversed(people)}.values())[::-1]


def _shuffled(people: list[Person], random: Random) -> list[Person]:
    return random.sample(people, len(people))


def _spread_scenarios() -> list[Scenario]:
    """One entry an order. The first go round the troubles that hold an order back, so that each language has one."""
    left = {scenario.name: scenario.count for scenario in WAITING}
    spread = []
    while any(left.values()):
        for scenario in WAITING[:4] if any(left[each.name] for each in WAITING[:4]) else WAITING[4:]:
            if left[scenario.name]:
                left[scenario.name] -= 1
                spread.append(scenario)
    return spread + [scenario for scenario in (*MOVING, *FINISHED) for _ in range(scenario.count)]


def _take(queue: deque[Person], scenario: Scenario) -> Person:
    """The first who can have this scenario; the others keep their place."""
    for person in queue:
        if (person.is_abroad or not scenario.only_abroad) and (person.can_pay_cash or scenario.cash != "always"):
            queue.remove(person)
            return person
    raise LookupError(f"Nobody can have an order of kind {scenario.name}.")


def _plan_order(scenario: Scenario, person: Person, offers: list[Offer], random: Random) -> Plan:
    ended = random.randint(*scenario.days_ago)
    transit = random.randint(4, 8)
    handling = random.randint(1, 2)
    shipped = ended if scenario.stage == "shipped" else ended + transit
    return Plan(
        scenario=scenario,
        person=person,
        lines=_choose_lines(scenario, offers, random),
        method=_choose_method(scenario, person, random),
        placed_ago=_placed_ago(scenario, ended, shipped, handling),
        shipped_ago=shipped,
        ended_ago=ended,
        due_in=random.randint(*scenario.due_in) if scenario.due_in else 0,
        minute=random.randint(8 * 60, 21 * 60),
    )


def _placed_ago(scenario: Scenario, ended: int, shipped: int, handling: int) -> int:
    if scenario.stage == "placed":
        return ended
    return (ended if scenario.stage == "cancelled" else shipped) + handling


def _choose_lines(scenario: Scenario, offers: list[Offer], random: Random) -> tuple[tuple[Offer, int], ...]:
    if scenario.returns:
        offers = [offer for offer in offers if offer.product.category not in FINAL_SALE]
    least = 2 if scenario.returns == "some" or scenario.name == "split" else 1
    chosen: dict[str, Offer] = {}
    for offer in random.sample(offers, 8):
        chosen.setdefault(offer.product.id, offer)
    count = max(least, random.choice((1, 1, 2, 2, 3)))
    return tuple((offer, random.choice((1, 1, 1, 2))) for offer in list(chosen.values())[:count])


def _choose_method(scenario: Scenario, person: Person, random: Random) -> PaymentMethod:
    methods = person.customer.payment_methods
    cash = [method for method in methods if method.kind == "cod"]
    if cash and (scenario.cash == "always" or (scenario.cash == "may" and random.random() < 0.3)):
        return cash[0]
    return random.choice([method for method in methods if method.kind != "cod"])


def _make_first(plan: Plan, offers: list[Offer]) -> Plan:
    offer = next(offer for offer in offers if offer.variant.id == _FIRST_OFFER)
    return replace(plan, lines=((offer, 1),), placed_ago=6, ended_ago=6, due_in=5)


def _number(plans: list[Plan]) -> list[Plan]:
    """Numbers rise with time, three apart, so that the first plan gets FIRST_NUMBER."""
    first = plans[0]
    ordered = sorted(plans, key=lambda plan: (-plan.placed_ago, plan.minute))
    start = int(FIRST_NUMBER) - 3 * ordered.index(first)
    return [replace(plan, number=str(start + 3 * place)) for place, plan in enumerate(ordered)]
