"""A streamed text cut into segments that can be judged one by one (DESIGN, section 4).

Owns where a segment ends, in every script, whatever the chunks it arrives in. Leaves the judging to ``replies``.
"""

import unicodedata

import regex

from app.guardrails.lexicon import load_shared

_SPACE_AFTER = 40
"""Graphemes after which a space ends a segment in scripts that write no sentence marks (DESIGN, section 4)."""

# These end a sentence wherever they stand; those of _SOFT only before white space (links, numbers, codes hold them).
_HARD = frozenset("。！？｡။។៕؟۔।॥๚๛")
_SOFT = frozenset(".!?…ฯ")
_CLOSERS = frozenset("\"'”’»›)]}）］｝」』】》〉*_")
_UNSPACED = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_LAST_TOKEN = regex.compile(r"\S+$")
_LATIN = regex.compile(r"\p{Latin}")


class Segmenter:
    """Feed chunks, get finished segments; the segments joined are the text fed, whatever the chunks were."""

    def __init__(self) -> None:
        self._text = ""
        self._next = 0
        self._graphemes = 0

    def feed(self, text: str) -> list[str]:
        """Add a chunk; return the segments that it completed."""
        self._text += text
        return self._cut(final=False)

    def flush(self) -> list[str]:
        """The text is over: return what is left (nothing or one segment, seldom more)."""
        segments = self._cut(final=True)
        if self._text:
            segments.append(self._text)
        self._text, self._next, self._graphemes = "", 0, 0
        return segments

    def _cut(self, *, final: bool) -> list[str]:
        segments = []
        while self._next < len(self._text):
            character = self._text[self._next]
            if character in _HARD or character in _SOFT or character.isspace():
                end = self._end_of_run(self._next)
                if end == len(self._text) and not final:
                    break  # what follows decides, and it has not arrived
                if self._ends_segment(self._next, end):
                    segments.append(self._text[:end])
                    self._text, self._next, self._graphemes = self._text[end:], 0, 0
                    continue
                self._graphemes += end - self._next
                self._next = end
                continue
            self._graphemes += not unicodedata.combining(character) and unicodedata.category(character) != "Mn"
            self._next += 1
        return segments

    def _end_of_run(self, start: int) -> int:
        """End of the marks, closing brackets and white space that begin at ``start``."""
        end = start
        if not self._text[start].isspace():
            while end < len(self._text) and (self._text[end] in _HARD or self._text[end] in _SOFT):
                end += 1
            while end < len(self._text) and self._text[end] in _CLOSERS:
                end += 1
        while end < len(self._text) and self._text[end].isspace():
            end += 1
        return end

    def _ends_segment(self, start: int, end: int) -> bool:
        run, before, after = self._text[start:end], self._text[:start], self._text[end : end + 1]
        if not before.strip():
            return False  # a mark or blank line at the start belongs to what follows
        if "\n" in run:
            return True
        if not _HARD.isdisjoint(run):
            return True
        if _SOFT.isdisjoint(run):
            return self._space_ends(before, end)
        if not after:
            return True
        return run[-1].isspace() and self._mark_ends(run, before, after)

    def _mark_ends(self, run: str, before: str, after: str) -> bool:
        if after.islower():
            return False
        if set(run.strip()) - _CLOSERS != {"."}:
            return True
        found = _LAST_TOKEN.search(before)
        written = found.group().lstrip("(\"'“‘«[") if found else ""
        token = written.casefold()
        if token.isdecimal() and len(token) <= 2:
            return False  # "3. Mai", "2. Go to"
        if "." in token and not any(c.isdecimal() for c in token) and "@" not in token and "/" not in token:
            return False  # "พ.ค.", "z.B.", "p.m."
        initial = len(written) == 1 and written.isupper()
        return bool(written) and not initial and token not in _ABBREVIATIONS

    def _space_ends(self, before: str, end: int) -> bool:
        if self._graphemes < _SPACE_AFTER or end >= len(self._text):
            return False
        previous, following = before[-1], self._text[end]
        if not (_UNSPACED.match(previous) or _UNSPACED.match(following)):
            return False
        if any(c.isdecimal() or c.isnumeric() or unicodedata.category(c) == "Sc" for c in (previous, following)):
            return False
        if following in _HARD or following in _SOFT or following in "%ฯๆ៖៛":
            return False
        found = _LAST_TOKEN.search(before)
        return found is not None and found.group() not in _DATE_WORDS


_ABBREVIATIONS = frozenset(load_shared("segments")["abbreviations"])
_DATE_WORDS = frozenset(load_shared("segments")["date_words"])
