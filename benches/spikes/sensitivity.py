"""Scores the detector on labelled series with each of its defaults changed alone.

    python sensitivity.py EARMARK SCORE.py WINDOWS.json DATA_DIR

SCORE.py scores alarms as the Numenta Anomaly Benchmark does: it takes WINDOWS.json, DATA_DIR and a file of alarms. Prints a
table of Markdown.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

# The first of each is the default.
BUDGETS = ["2/month", "1/quarter", "1/month", "4/quarter", "5/quarter", "7/quarter", "8/quarter", "1/week", "2/week"]
OPTIONS = {
    "windows": [
        ["15m", "1h", "6h", "1d"], ["15m"], ["1h"], ["6h"], ["15m", "6h"], ["15m", "1h", "6h"], ["1h", "6h", "1d"],
    ],
    "level_half_life": ["168h", "84h", "336h"],
    "spread_half_life": ["336h", "168h", "672h"],
    "season_half_life": ["672h", "336h", "1344h"],
    "tail_half_life": ["672h", "336h", "1344h"],
    "warm_up": ["48h", "24h", "60h"],
    "min_value": [3, 1, 6],
    "calm": ["6h", "3h", "12h"],
    "cool_down": ["24h", "12h", "48h"],
}


def main() -> None:
    """Print the table."""
    earmark, score, windows, data = map(Path, sys.argv[1:5])
    print("| changed | to | standard | low FP | windows hit; false alarms |\n|---|---|--:|--:|---|")
    for budget in BUDGETS:
        print(row("budget", budget, scores(earmark, score, windows, data, ["--budget", budget])), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, values in OPTIONS.items():
            for value in values[1:]:
                file = Path(folder) / "detector.toml"
                file.write_text(f"{name} = {json.dumps(value)}\n", encoding="utf-8")
                print(row(name, value, scores(earmark, score, windows, data, ["--detector", str(file)])), flush=True)


def scores(earmark: Path, score: Path, windows: Path, data: Path, options: list[str]) -> dict[str, str]:
    """What the scorer prints, by the words before its colons."""
    alarms = {}
    for name in json.loads(windows.read_text(encoding="utf-8")):
        command = [earmark, "spikes", "--counts", data / name, *options]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        alarms[name] = [json.loads(line)["time"] for line in lines]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(alarms, file)
        file.flush()
        command = [sys.executable, score, windows, data, file.name]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(line.split(":", 1) for line in printed.splitlines())


def row(name: str, value: object, found: dict[str, str]) -> str:
    """A row of the table."""
    shown = ", ".join(value) if isinstance(value, list) else value
    hit = found["windows hit"].split(";")
    hits, false_alarms = hit[0].strip(), hit[1].split(":")[1].split("(")[0].strip()
    return f"| {name} | {shown} | {found['standard'].strip()} | {found['low_fp'].strip()} | {hits}; {false_alarms} |"


if __name__ == "__main__":
    main()
