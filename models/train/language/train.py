"""Train earmark's language detector: from sentences, words and labelled texts to `detector.bin`.

Every step keeps its result in the work folder and is skipped where the result is there.
"""

import argparse
import json
import time
from pathlib import Path

from language import calibrate
from language import corpus
from language import detector
from language import export
import numba
import numpy as np
from language import score
from language import steps
from language.codes import LINGUA

ROWS = 440_000
DIM = 32
ROUNDS = 28
VISITS = 3_000_000  # of spans a round
RATE = 0.5
WORD_SHARE = 0.3
SEED = 1


def main() -> None:
    """Run the steps that have not been run."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with language/, sentiment/ and lexicons/")
    parser.add_argument("--written", type=Path, default=here.parent / "written", help="mentions written for earmark")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate results")
    parser.add_argument("--out", type=Path, default=here.parent.parent / "language/detector.bin")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    numba.set_num_threads(args.threads)

    started = time.time()
    if not (args.work / "classes.json").exists():
        corpus.gather(args.data, args.written, args.work, args.threads)
    data = steps.load(args.work)
    print(f"{len(data['class'])} texts and words of {len(data['classes'])} classes: {time.time() - started:.0f} s")
    model = _fit(args, data)
    _finish(args, data["classes"], model)


def _fit(args, data):
    path = args.work / "model.npz"
    if path.exists():
        return detector.Detector.load(path)
    started = time.time()

    def report(number, loss):
        print(f"round {number}: loss {loss:.3f}, {time.time() - started:.0f} s", flush=True)

    def descend(some, rounds):
        model = detector.new_detector(steps.choose(some, ROWS), len(some["classes"]), DIM, SEED)
        return detector.fit(model, steps.texts_of(some), rounds, VISITS, args.threads, RATE, WORD_SHARE, report)

    model = descend(steps.without_mislabelled(data, descend(data, 1)), ROUNDS)
    model.save(path)
    return model


def _finish(args, classes, model):
    """Calibrate on every other held-out text, report on the rest, and write the file."""
    priors = steps.priors(classes)
    rounded, _, _ = export.quantised(model)
    read = {shape: score.Read.of(rows, classes, rounded, priors) for shape, rows in score.everything(args.data).items()}
    halves = [part.half(0) for part in read.values()]
    knots = calibrate.fit(
        np.concatenate([part.scores for part in halves]),
        np.concatenate([part.found for part in halves]),
        np.concatenate([part.label for part in halves]),
    )
    codes = np.array([entry["name"].split("/")[0] for entry in classes])
    for shape, part in read.items():
        print(f"{shape}: {score.summary(part.half(1), codes, knots, None if shape == 'tweets' else LINGUA)}")
    described = [entry | {"prior": prior} for entry, prior in zip(classes, priors, strict=True)]
    export.write(model, described, knots, args.out)
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")
    cases = corpus.written_for_detector(held_out=True)
    answers = score.Read.of(cases, classes, rounded, priors).answers(codes, knots)
    with (args.out.parent / "cases.jsonl").open("w", encoding="utf-8") as out:
        for (_, text), (code, confidence) in zip(cases, answers, strict=True):
            out.write(json.dumps({"text": text, "code": code, "confidence": confidence}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
