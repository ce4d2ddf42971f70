"""Where one request of a message ends and the next begins, in the launch languages.

Owns parting a text. Leaves what a part asks for to ``decision``.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from app.identity import find_order_numbers, to_ascii_digits

_CLAUSE = re.compile(
    r"[,;.!?\n、，。；！？।؛،؟၊။]"
    r"|\s(?:and|then|also|dan|lalu|terus|kemudian|lepas tu|pastu|và|va|rồi|còn|at|tapos|saka|y|luego"
    r"|e|depois|et|puis|und|dann|und dann|и|потом|แล้ว|และ|ส่วน|ແລະ|ແລ້ວ|ສ່ວນ|និង|រួច|ហើយ|ပြီးတော့|နဲ့|与|和|还有|然后|aur|phir"
    r"|और|फिर|আর|এবং|மற்றும்|அப்புறம்|பிறகு|그리고|ثم|وبعدين)\s"
    r"|\s(?:แล้วก็|และ|ส่วน|ແລ້ວກໍ|ແລະ|ສ່ວນ|ហើយ|និង|រួច)(?=\S)"  # written together with what follows
    r"|\s(?:แล้ว(?=ใคร|ต้อง|ค่า|ถ้า)|ແລ້ວ(?=ໃຜ|ຕ້ອງ|ຄ່າ|ຖ້າ))",  # else it is "already"
    re.I,
)
"""Where one request may end and the next begin."""

APART = 8
"""Letters between two order numbers from which they are not just listed."""

SAYS_SOMETHING = 4
"""Letters beside the order numbers from which a clause is a request of its own."""


def split_clauses(text: str) -> list[str]:
    """Parted at marks and at "and then"."""
    return _CLAUSE.split(text)


def split_requests(text: str) -> Iterator[str]:
    """Clauses, of which none names two orders with a sentence between them."""
    for clause in split_clauses(text):
        yield from _part(clause)


def _part(clause: str) -> list[str]:
    """A clause with two order numbers and a sentence between them, parted at the space in its middle: languages that
    write no commas say two things in one."""
    plain = to_ascii_digits(clause)
    places = [match for number in find_order_numbers(clause) if (match := re.search(re.escape(number), plain, re.I))]
    for first, second in pairwise(sorted(places, key=lambda match: match.start())):
        between = clause[first.end() : second.start()]
        spaces = [space.start() for space in re.finditer(r"\s", between.rstrip()) if space.start()]
        if count_letters(between) >= APART and spaces:
            cut = first.end() + min(spaces, key=lambda at: abs(at - len(between) / 2))
            return [clause[:cut], *_part(clause[cut:])]
    return [clause]


def count_letters(text: str) -> int:
    return len(re.findall(r"[^\W\d]", text))
