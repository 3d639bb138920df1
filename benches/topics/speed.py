"""How fast topics are tagged: by the shipped taxonomy, and by thousands of rules with NEAR.

    cargo build --release && python3 benches/topics/speed.py MENTIONS.ndjson [--onnxruntime LIBRARY] [--rules 5000]

The rules are made of the words of the mentions themselves, frequent and rare ones but for those of every other sentence,
so that they are often on the brink of matching: `(a OR b OR c*) NEAR/5 (d OR e) -f`, ten to a topic. One worker each, turn about, three rounds; the median rate
of the topic stage in mentions per second of one core, and its share of `earmark tag`. Makes its files in target/bench/.
"""

import argparse
import collections
import json
import random
import re
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "bench"
ROUNDS = 3
RULES_PER_TOPIC = 10
MIN_MENTIONS = 3


def vocabulary(path: Path) -> list[str]:
    """The words of at least three mentions, and at most 2 % of them, the most frequent first."""
    counts: collections.Counter[str] = collections.Counter()
    with path.open(encoding="utf-8") as lines:
        for mentions, line in enumerate(lines, 1):
            counts.update(set(re.findall(r"[a-z]{3,20}", json.loads(line)["text"].lower())))
    return [word for word, count in counts.most_common() if MIN_MENTIONS <= count <= mentions / 50]


def taxonomy(words: list[str], rules: int) -> str:
    """A taxonomy of so many rules; words are drawn evenly by the logarithm of their rank."""
    draw = random.Random(1)
    word = lambda: words[int(len(words) ** draw.random()) - 1]
    text = 'name = "synthetic"\n'
    for number in range(rules):
        if number % RULES_PER_TOPIC == 0:
            text += f'\n[[topic]]\nname = "topic-{number // RULES_PER_TOPIC}"\nrules.any = [\n'
        text += f'    "({word()} OR {word()} OR {word()}*) NEAR/5 ({word()} OR {word()}) -{word()}",\n'
        if number % RULES_PER_TOPIC == RULES_PER_TOPIC - 1:
            text += "]\n"
    return text


def topic_stage(mentions: Path, arguments: list[str]) -> tuple[float, float]:
    """Mentions per second of the topic stage, and its share of all stages in percent."""
    command = [ROOT / "target/release/earmark", "tag", mentions, "--out", "/dev/null", "-j1", "--timings", *arguments]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    seconds = {row.split()[0]: float(re.findall(r"[\d.]+", row)[0]) for row in shown.splitlines() if " % " in row}
    count = int(re.search(r"read\s+([\d,]+) =", shown)[1].replace(",", ""))
    return count / seconds["topics"], 100 * seconds["topics"] / seconds["all"]


def main() -> None:
    """Make the taxonomy, run, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mentions", type=Path)
    parser.add_argument("--onnxruntime", help="the ONNX Runtime library; the built-in runtime is used without")
    parser.add_argument("--rules", type=int, default=5_000, help="a multiple of ten")
    given = parser.parse_args()
    runtime = ["--onnxruntime", given.onnxruntime] if given.onnxruntime else ["--runtime", "tract"]
    WORK.mkdir(parents=True, exist_ok=True)
    synthetic = WORK / "topic-rules.toml"
    synthetic.write_text(taxonomy(vocabulary(given.mentions), given.rules), encoding="utf-8")
    kinds = {"shipped customer-care": [], f"{given.rules:,} rules with NEAR": ["--taxonomy", str(synthetic)]}
    measured = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind, arguments in kinds.items():
            measured[kind].append(topic_stage(given.mentions, [*runtime, *arguments]))
    print("| taxonomy | topic stage, mentions/s | share of `tag` |\n| --- | ---: | ---: |")
    for kind, runs in measured.items():
        rate, share = (statistics.median(column) for column in zip(*runs))
        print(f"| {kind} | {rate:,.0f} | {share:.1f} % |")


if __name__ == "__main__":
    main()
