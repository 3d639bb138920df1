"""Training of the reader: masked tokens and sentiment together, then sentiment alone.

A pass ends after a number of texts, not after a time, so that a run on another machine is the same run.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

from reader import Reader

MASK = 1  # <unk> stands in for what is masked
LENGTH_STEP = 8  # texts are padded to multiples of this many tokens, as in the engine
CHUNK = 60_000  # texts that are sorted by length together
NEGATIVES = 2048  # random tokens against which a masked one is guessed
WARM_UP = 200  # steps
LEAST_RATE = 0.02  # of the highest, at the end
GRAM_SUM = 1e-8  # what AdaGrad's sums of the n-gram rows start at
CLIP = 1.0
EVERY = 200_000  # texts between two reports and checkpoints


class Texts(NamedTuple):
    """Everything to learn from, the labelled texts first, in parallel arrays over all texts."""

    ids: np.ndarray
    starts: np.ndarray
    target: np.ndarray  # [labelled, 3]
    weight: np.ndarray  # [labelled]
    prior: np.ndarray  # [labelled, 3], added to the logits

    def lengths(self) -> np.ndarray:
        """Tokens of each text."""
        return np.diff(self.starts)

    def pad(self, texts: np.ndarray) -> np.ndarray:
        """Token ids [texts, positions], zeros at the end."""
        lengths = self.starts[texts + 1] - self.starts[texts]
        width = -(-max(1, int(lengths.max())) // LENGTH_STEP) * LENGTH_STEP
        ids = np.zeros((len(texts), width), np.int64)
        for row, (start, length) in enumerate(zip(self.starts[texts], lengths)):
            ids[row, :length] = self.ids[start : start + length]
        return ids


@dataclass
class Pass:
    """One stretch of training."""

    name: str
    texts: int  # how many, repetitions included
    rate: float
    gram_rate: float
    mask: float  # share of tokens masked
    guess: float  # how much guessing masked tokens counts beside sentiment
    drop: float  # share of n-grams left out
    batch_tokens: int = 8192


class ReaderTrainer:
    """Trains a reader in place."""

    def __init__(self, reader: Reader, texts: Texts, seed: int, report: Callable[[str], None]) -> None:
        self.reader, self.texts, self.report = reader, texts, report
        self.rng = np.random.default_rng(seed)
        torch.manual_seed(seed)
        vocab = reader.tokens.num_embeddings
        smoothed = np.bincount(texts.ids, minlength=vocab).astype(np.float64) ** 0.75
        self.cumulated = np.cumsum(smoothed / smoothed.sum())
        expected = smoothed / smoothed.sum() * NEGATIVES
        self.log_expected = torch.from_numpy(np.log(expected + 1e-9).astype(np.float32))
        self.gram_sums = torch.full((len(reader.grams),), GRAM_SUM)

    def run(
        self, plan: Pass, choose: Callable[[np.random.Generator], np.ndarray], checkpoint: Path, every: int = EVERY
    ) -> None:
        """Visit `plan.texts` texts; `choose` gives the texts of one round.

        All that is needed to go on is kept in `checkpoint` every so many texts; a run that finds one goes on there.
        """
        optimiser = self._optimiser(plan)
        seen, steps = self._resume(checkpoint, optimiser)
        began, here, told, losses = time.monotonic(), seen, seen // every, (0.0, 0.0)
        while seen < plan.texts:
            for batch in self._batches(choose(self.rng), plan.batch_tokens):
                share = min(1.0, (steps + 1) / WARM_UP) * max(LEAST_RATE, 1 - seen / plan.texts)
                for group in optimiser.param_groups:
                    group["lr"] = plan.rate * share
                losses = self._step(plan, optimiser, share, batch, losses)
                seen, steps = seen + len(batch), steps + 1
                if seen // every > told:
                    told = seen // every
                    pace = (seen - here) / (time.monotonic() - began)
                    self._keep(checkpoint, optimiser, seen, steps)
                    self.report(
                        f"{plan.name}: {seen:,} texts, {pace:.0f}/s, sentiment {losses[0]:.3f}, tokens {losses[1]:.3f}"
                    )
                if seen >= plan.texts:
                    break
        checkpoint.unlink(missing_ok=True)

    def _keep(self, checkpoint: Path, optimiser: torch.optim.Optimizer, seen: int, steps: int) -> None:
        state = {
            "reader": self.reader.state_dict(),
            "grams": self.reader.grams.detach(),
            "gram_sums": self.gram_sums,
            "optimiser": optimiser.state_dict(),
            "random": self.rng.bit_generator.state,
            "progress": (seen, steps),
        }
        new = checkpoint.with_suffix(".new")
        torch.save(state, new)
        new.replace(checkpoint)

    def _resume(self, checkpoint: Path, optimiser: torch.optim.Optimizer) -> tuple[int, int]:
        """Texts seen and steps taken; none where there is no checkpoint."""
        if not checkpoint.exists():
            return 0, 0
        state = torch.load(checkpoint, weights_only=False)
        self.reader.load_state_dict(state["reader"])
        with torch.no_grad():
            self.reader.grams.copy_(state["grams"])
        self.gram_sums = state["gram_sums"]
        optimiser.load_state_dict(state["optimiser"])
        self.rng.bit_generator.state = state["random"]
        self.report(f"goes on after {state['progress'][0]:,} texts")
        return state["progress"]

    def _optimiser(self, plan: Pass) -> torch.optim.Optimizer:
        matrices, others = [], []
        for name, weight in self.reader.named_parameters():
            (matrices if weight.dim() > 1 and not name.startswith("tokens") else others).append(weight)
        groups = [{"params": matrices, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), fused=True)

    def _batches(self, texts: np.ndarray, batch_tokens: int) -> Iterator[np.ndarray]:
        """Texts of about one length together, in random order."""
        lengths = self.texts.lengths()
        texts = self.rng.permutation(texts)
        for first in range(0, len(texts), CHUNK):
            chunk = texts[first : first + CHUNK]
            chunk = chunk[np.argsort(lengths[chunk] + self.rng.random(len(chunk)), kind="stable")]
            widths = -(-np.maximum(lengths[chunk], 1) // LENGTH_STEP) * LENGTH_STEP
            batches, start = [], 0
            while start < len(chunk):
                end = start + 1
                while end < len(chunk) and widths[end] * (end + 1 - start) <= batch_tokens:
                    end += 1
                batches.append(chunk[start:end])
                start = end
            self.rng.shuffle(batches)
            yield from batches

    def _step(
        self,
        plan: Pass,
        optimiser: torch.optim.Optimizer,
        share: float,
        batch: np.ndarray,
        losses: tuple[float, float],
    ) -> tuple[float, float]:
        ids = self.texts.pad(batch)
        hidden = (self.rng.random(ids.shape, dtype=np.float32) < plan.mask) & (ids > 0)
        states, mask = self.reader.read(np.where(hidden, MASK, ids), plan.drop, self.rng)
        labelled = batch < len(self.texts.target)
        loss = torch.zeros(())
        if labelled.any():
            rows = torch.from_numpy(labelled)
            sentiment = self._sentiment_loss(batch[labelled], states[rows], mask[rows])
            loss = loss + sentiment
            losses = (0.99 * losses[0] + 0.01 * sentiment.item(), losses[1])
        if plan.guess and hidden.any():
            guessing = self._guess_loss(states[torch.from_numpy(hidden)], ids[hidden])
            loss = loss + plan.guess * guessing
            losses = (losses[0], 0.99 * losses[1] + 0.01 * guessing.item())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), CLIP)
        optimiser.step()
        self._step_grams(plan.gram_rate * share)
        return losses

    def _sentiment_loss(self, texts: np.ndarray, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        logits = self.reader.classify(states, mask) + torch.from_numpy(self.texts.prior[texts])
        # A class that a source lacks has a log share near minus infinity, which times a zero target is no number.
        shares = F.log_softmax(logits, -1).clamp(min=-50)
        entropies = -(torch.from_numpy(self.texts.target[texts]) * shares).sum(-1)
        return (entropies * torch.from_numpy(self.texts.weight[texts])).sum() / max(64, len(texts))

    def _guess_loss(self, states: torch.Tensor, right: np.ndarray) -> torch.Tensor:
        """Sampled softmax over the right token and NEGATIVES others (Jean et al. 2015, section 3)."""
        reader, expected = self.reader, self.log_expected
        queries, right = reader.guess(states), torch.from_numpy(right)
        drawn = np.searchsorted(self.cumulated, self.rng.random(NEGATIVES))
        others = torch.from_numpy(drawn.clip(0, len(expected) - 1))
        score = (queries * reader.tokens(right)).sum(-1) + reader.guess_bias[right] - expected[right]
        rivals = queries @ reader.tokens(others).T + reader.guess_bias[others] - expected[others]
        rivals = rivals.masked_fill(others[None] == right[:, None], -1e4)
        return (torch.logsumexp(torch.cat([score[:, None], rivals], 1), 1) - score).mean()

    def _step_grams(self, rate: float) -> None:
        """AdaGrad on the n-gram rows of this batch, one sum a row."""
        gradient = self.reader.grams.grad.coalesce()
        rows, values = gradient.indices()[0], gradient.values()
        real = rows != len(self.reader.grams) - 1
        rows, values = rows[real], values[real]
        with torch.no_grad():
            self.gram_sums[rows] += (values * values).mean(1)
            self.reader.grams[rows] -= rate * values / self.gram_sums[rows].sqrt()[:, None]
        self.reader.grams.grad = None
