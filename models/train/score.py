"""Macro-F1 on the dev texts, per language and per domain, and the temperature."""

import numpy as np

from prepare import LABELS, WRITTEN, Rows

UMSAB_LANGS = ("ar", "en", "fr", "de", "hi", "it", "pt", "es")
LEAST_ROWS = 20
MEANS = ("umsab mean", "languages mean", "written mean")
TEMPERATURES = np.geomspace(0.3, 3.0, 93)


def macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    """Mean F1 of the classes that occur in the gold labels."""
    scores = []
    for label in np.unique(gold):
        hits = ((gold == label) & (predicted == label)).sum()
        errors = ((gold == label) != (predicted == label)).sum()
        scores.append(2 * hits / (2 * hits + errors))
    return float(np.mean(scores))


def mask_neutral(logits: np.ndarray, rows: Rows) -> np.ndarray:
    """Take neutral out of the running where a source has no neutral class."""
    masked = logits.copy()
    masked[rows.column("classes") == 2, 1] = -np.inf
    return masked


def scores(logits: np.ndarray, rows: Rows) -> dict[str, tuple[float, int]]:
    """Name → (macro-F1, number of texts); `umsab/xx` and `written/xx` apart from the rest of a language."""
    predicted = mask_neutral(logits, rows).argmax(1)
    langs, two = rows.column("lang"), rows.column("classes") == 2
    umsab = np.char.startswith(rows.column("source"), "umsab_")
    written = rows.column("source") == WRITTEN
    public = ~umsab & ~written

    def score(mask: np.ndarray) -> tuple[float, int]:
        return macro_f1(rows.label[mask], predicted[mask]), int(mask.sum())

    table = {f"umsab/{lang}": score(umsab & _is_lang(langs, lang)) for lang in UMSAB_LANGS}
    table["umsab mean"] = _mean(table)
    own, others = (
        {
            prefix + lang: score(mask & (langs == lang))
            for lang in np.unique(langs)
            if (mask & (langs == lang)).sum() >= LEAST_ROWS
        }
        for prefix, mask in (("written/", written), ("", public))
    )
    if own:
        table["written mean"] = _mean(own)
        table["written, all languages together"] = score(written)
    table["languages mean"] = _mean(others)
    table["three-class sources"] = score(public & ~two)
    table["two-class sources"] = score(public & two)
    return table | own | others


def _is_lang(langs: np.ndarray, lang: str) -> np.ndarray:
    """UMSAB's Hindi is partly romanised; it counts as one language there."""
    return (langs == lang) | (langs == f"{lang}-Latn" if lang == "hi" else False)


def _mean(table: dict[str, tuple[float, int]]) -> tuple[float, int]:
    return float(np.mean([f1 for f1, _ in table.values()])), sum(n for _, n in table.values())


def softmax(logits: np.ndarray) -> np.ndarray:
    """Shares of the classes, along the last axis."""
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def log_loss(logits: np.ndarray, rows: Rows) -> float:
    """Mean negative log-likelihood of the gold labels, every language counting the same."""
    shares = softmax(mask_neutral(logits, rows))
    losses = -np.log(np.maximum(shares[np.arange(len(shares)), rows.label], 1e-9))
    langs = rows.column("lang")
    return float(np.mean([losses[langs == lang].mean() for lang in np.unique(langs)]))


def fit_temperature(logits: np.ndarray, rows: Rows) -> float:
    """The one number by which to divide the logits for the most honest probabilities."""
    losses = [log_loss(logits / t, rows) for t in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 3)


def calibration_error(logits: np.ndarray, rows: Rows, bins: int = 15) -> float:
    """How far stated confidence and accuracy are apart, on average (Guo et al. 2017, equation 3)."""
    shares = softmax(mask_neutral(logits, rows))
    confidence, right = shares.max(1), shares.argmax(1) == rows.label
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[bin_of == b].sum() - right[bin_of == b].sum()) for b in np.unique(bin_of)]
    return float(sum(gaps) / len(rows.label))


def every_other(rows: Rows, first: int) -> np.ndarray:
    """The indices of every other row, from the first (0) or the second (1)."""
    return np.arange(first, len(rows.label), 2)


def pick(rows: Rows, index: np.ndarray) -> Rows:
    """Some of the rows."""
    return Rows([rows.texts[i] for i in index], rows.label[index], rows.group[index], rows.groups)


def report(table: dict[str, tuple[float, int]]) -> str:
    """The scores as lines of a Markdown table."""
    lines = ["| texts | macro-F1 | n |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {100 * f1:.1f} | {n} |" for name, (f1, n) in table.items()]
    return "\n".join(lines)


def label_names() -> dict[str, str]:
    """The `id2label` of a Hugging Face config."""
    return {str(i): label for i, label in enumerate(LABELS)}
