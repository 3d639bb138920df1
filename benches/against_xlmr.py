"""How many times faster the shipped model is than one of XLM-R base's shape, in the same engine, in the same minutes.

    cargo build --release && python benches/against_xlmr.py [--onnxruntime LIBRARY]

One worker each, turn about, three rounds; the median rate of the model stage, and of all of `earmark tag`, in mentions per
second of one core. Needs models/train/requirements.txt; makes its bundle in target/bench/.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "target" / "bench"
ROUNDS = 3
MENTIONS = {"shipped": 504, "xlmr-base int8": 60}


def main() -> None:
    """Make what is missing, run, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--onnxruntime", help="the ONNX Runtime library; tract alone is measured without")
    arguments = parser.parse_args()
    bundle = WORK / "xlmr-base-int8"
    if not (bundle / "model.onnx").exists():
        subprocess.run([sys.executable, ROOT / "benches" / "xlmr_base.py", bundle], check=True)
    models = {"shipped": ROOT / "models" / "sentiment", "xlmr-base int8": bundle}
    inputs = {name: excerpt(name, count) for name, count in MENTIONS.items()}
    runtimes = {"tract": ["--runtime", "tract"]}
    if arguments.onnxruntime:
        runtimes = {"ONNX Runtime": ["--onnxruntime", arguments.onnxruntime]} | runtimes
    print("| runtime | model | model stage, mentions/s | tag, mentions/s |\n| --- | --- | ---: | ---: |")
    for runtime, options in runtimes.items():
        rates = {name: [] for name in models}
        for _ in range(ROUNDS):
            for name, folder in models.items():
                rates[name].append(run(inputs[name], folder, options))
        medians = {name: [statistics.median(values) for values in zip(*runs)] for name, runs in rates.items()}
        for name, (stage, whole) in medians.items():
            print(f"| {runtime} | {name} | {stage:,.0f} | {whole:,.0f} |")
        ratios = [a / b for a, b in zip(*medians.values())]
        print(f"| {runtime} | ratio | {ratios[0]:.0f} × | {ratios[1]:.0f} × |")


def excerpt(name: str, count: int) -> Path:
    """The first mentions of the example, each text once."""
    lines = (ROOT / "examples" / "mentions.ndjson").read_text(encoding="utf-8").splitlines()
    texts = {json.loads(line)["text"]: line for line in lines}
    path = WORK / f"{name.replace(' ', '-')}.ndjson"
    path.write_text("\n".join(list(texts.values())[:count]) + "\n", encoding="utf-8")
    return path


def run(mentions: Path, bundle: Path, options: list[str]) -> tuple[float, float]:
    """Mentions per second of one core: in the model stage, and in all stages of `earmark tag`."""
    command = [ROOT / "target/release/earmark", "tag", mentions, "--model", bundle, *options]
    command += ["-j1", "--timings", "--out", "/dev/null"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    count = int(re.search(r"^read +([\d,]+)", printed, re.M).group(1).replace(",", ""))
    seconds = {
        stage: float(re.search(rf"^ *{stage} +([\d.]+)", printed, re.M).group(1)) for stage in ("model", "all stages")
    }
    return count / seconds["model"], count / seconds["all stages"]


main()
