"""What can be changed with `--set name=value`; EXPERIMENTS.md says how these were chosen."""

from dataclasses import dataclass


@dataclass
class Settings:
    """The knobs of the recipe."""

    vocab: int = 32_000
    sample_chars: int = 40_000_000
    seed: int = 1
    opinion: float = 0.6  # how much the other folds' opinion of a text counts against its label
    # The bag.
    buckets: int = 860_000
    dim: int = 16
    units: int = 32
    epochs: int = 3
    rate: float = 0.3
    drop: float = 0.5
    folds: int = 4
    # The reader.
    reader_dim: int = 128
    reader_layers: int = 2
    reader_heads: int = 4
    reader_inner: int = 512
    gram_dim: int = 16
    gram_rate: float = 0.03
    gram_drop: float = 0.3
    read_texts: int = 4_600_000
    read_rate: float = 1e-3
    tune_texts: int = 3_000_000
    tune_rate: float = 4e-4
    reader_share: float = 1.0  # how much the reader's logits count beside the bag's
