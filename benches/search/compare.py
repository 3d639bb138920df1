"""Compares search in earmark, SQLite FTS5 and DuckDB: the same mentions and questions, one thread each, turn about.

    python make_mentions.py STREAM… --out mentions.ndjson
    earmark ingest mentions.ndjson --index INDEX
    earmark tag STREAM… > tagged.ndjson && python make_mentions.py tagged.ndjson --out mentions.tagged.ndjson
    pip install -r requirements.txt
    cargo build --release && python compare.py INDEX mentions.tagged.ndjson --work DIR [--report FILE.md]

Each answer is the number of all mentions found, and the records of the newest ten (earmark's parsed, and with what to
highlight; the others' as stored). What it takes is measured within the process that has the database open. Words are
picked from the mentions by how often they occur; the report tells none of them. In DIR are the databases of SQLite and
DuckDB, made when they are not there (delete them for other mentions), and every query with what each engine found
(answers.ndjson, which has words of the mentions in it).
"""

import argparse
import gc
import json
import platform
import sqlite3
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

import ask
import shapes
from engines import Answer, DuckDb, Earmark, Engine, Sqlite, TunedSqlite
from shapes import Shape

HERE = Path(__file__).resolve().parent


@dataclass
class Outcome:
    """How the engines did on a shape: by engine, answers by query, and microseconds of all runs."""

    shape: Shape
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    micros: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    """Ask everything and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path, help="the earmark index")
    parser.add_argument("tagged", type=Path, help="the same mentions as `earmark tag` writes them")
    parser.add_argument("--work", type=Path, required=True, help="folder for databases and answers")
    parser.add_argument("--program", type=Path, default=HERE / "target" / "release" / "search-bench")
    parser.add_argument("--fts", type=Path, help="DuckDB's fts.duckdb_extension; default: of duckdb-extension-fts")
    parser.add_argument("--queries", type=int, default=12, help="of each shape")
    parser.add_argument("--rounds", type=int, default=30, help="most runs of each query")
    parser.add_argument("--seconds", type=float, default=20, help="for the rounds of a shape, each engine")
    parser.add_argument("--only", help="shapes whose name has this in it")
    parser.add_argument("--report", type=Path, help="where to write the table; default: standard output")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    engines = [
        Earmark(arguments.program, arguments.index),
        Sqlite(arguments.tagged, arguments.work / "mentions.sqlite"),
        TunedSqlite(arguments.tagged, arguments.work / "mentions.sqlite"),
        DuckDb(arguments.tagged, arguments.work / "mentions.duckdb", arguments.fts or installed_fts()),
    ]
    found = shapes.read(arguments.tagged)
    outcomes = []
    gc.disable()
    for shape in shapes.shapes(found, arguments.queries):
        if shape.queries and (arguments.only or "") in shape.name:
            print(shape.name, file=sys.stderr)
            outcomes.append(ask_all(shape, engines, arguments.rounds, arguments.seconds))
            gc.collect()
    write_answers(arguments.work / "answers.ndjson", outcomes)
    text = report(found.mentions, engines, outcomes, arguments.rounds)
    if arguments.report:
        arguments.report.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def installed_fts() -> Path | None:
    """The extension, where pip installed it."""
    for folder in map(Path, sys.path):
        for path in folder.glob("duckdb_extension_fts/extensions/*/fts.duckdb_extension"):
            return path
    return None


def ask_all(shape: Shape, engines: list[Engine], rounds: int, seconds: float) -> Outcome:
    """Asks each engine all queries of a shape, once for the answers, then in rounds for the time."""
    outcome = Outcome(shape)
    spent = {}
    for engine in engines:
        try:
            outcome.answers[engine.name] = [engine.answer(query) for query in shape.queries]
            spent[engine.name] = 0.0
        except ask.Inexpressible:
            continue
    for turn in range(rounds):
        for engine in engines[turn % len(engines) :] + engines[: turn % len(engines)]:
            if spent.get(engine.name, seconds) >= seconds:
                continue
            started = time.perf_counter()
            outcome.micros[engine.name] += [engine.answer(query).micros for query in shape.queries]
            spent[engine.name] += time.perf_counter() - started
    return outcome


def write_answers(path: Path, outcomes: list[Outcome]) -> None:
    """Writes every query with what each engine found."""
    with path.open("w", encoding="utf-8") as file:
        for outcome in outcomes:
            for at, query in enumerate(outcome.shape.queries):
                found = {name: vars(answers[at]) for name, answers in outcome.answers.items()}
                line = {"shape": outcome.shape.name, "query": ask.earmark(query), "answers": found}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def report(mentions: int, engines: list[Engine], outcomes: list[Outcome], rounds: int) -> str:
    """The tables."""
    names = [engine.name for engine in engines]
    ours, others = names[0], names[1:]
    sizes = ", ".join(f"{engine.name} {engine.bytes / 1e9:.2f} GB" for engine in engines)
    ahead = sum(advantage(outcome, ours) > 1 for outcome in outcomes)
    lines = [
        f"{mentions:,} mentions. {processor()}; one thread each, in turns, everything in memory. SQLite "
        f"{sqlite3.sqlite_version}, DuckDB {duckdb.__version__}. On disk: {sizes}.",
        "",
        f"Milliseconds, p50 / p99 over all queries of a shape and their runs: {rounds} of each, fewer where an engine "
        "is slow, and then p99 is about the slowest. “Times”: the p50 of the quickest other by earmark's, more than 1 "
        f"in {ahead} of {len(outcomes)} shapes.",
        "",
        f"| shape | example | hits, median | {' | '.join(names)} | times |",
        f"| --- | --- | ---: | {'---: | ' * len(names)}---: |",
    ]
    for outcome in outcomes:
        micros = outcome.micros
        hits = statistics.median(answer.total for answer in outcome.answers[ours])
        cells = [latency(micros[name]) if name in micros else "–" for name in names]
        cells += [f"{advantage(outcome, ours):.2f}"]
        lines.append(f"| {outcome.shape.name} | `{outcome.shape.example}` | {hits:,.0f} | {' | '.join(cells)} |")
    lines += [
        "",
        "The same found? Of the queries of a shape, how many have the same count, and how many the same newest ten; in "
        "brackets the median of the other's count by earmark's, where they differ. To earmark, an emoji is a place of "
        "its own, and so is punctuation that ends an expression: no exact phrase crosses it, and every distance counts "
        "it; and earmark folds compatibility forms (™ is tm), which the others do not.",
        "",
        f"| shape | queries | {' | '.join(others)} |",
        f"| --- | ---: | {'---: | ' * len(others)}".rstrip(),
    ]
    for outcome in outcomes:
        cells = [agreement(outcome.answers[ours], outcome.answers.get(name)) for name in others]
        lines.append(f"| {outcome.shape.name} | {len(outcome.shape.queries)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def advantage(outcome: Outcome, ours: str) -> float:
    """How many times as long the quickest other takes."""
    medians = {name: statistics.median(micros) for name, micros in outcome.micros.items()}
    return min(median for name, median in medians.items() if name != ours) / medians[ours]


def latency(micros: list[float]) -> str:
    """The median and the 99th percentile in milliseconds, three digits of each."""
    ordered = sorted(micros)
    values = (statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))])
    return " / ".join(f"{value / 1e3:.{0 if value >= 1e5 else 1 if value >= 1e4 else 2}f}" for value in values)


def agreement(ours: list[Answer], theirs: list[Answer] | None) -> str:
    """How often both found the same."""
    if theirs is None:
        return "–"
    pairs = list(zip(ours, theirs))
    counts = sum(one.total == other.total for one, other in pairs)
    ids = sum(one.ids == other.ids for one, other in pairs)
    ratios = [other.total / one.total for one, other in pairs if one.total and one.total != other.total]
    return f"{counts}, {ids}" + (f" ({statistics.median(ratios):.3f})" if ratios else "")


def processor() -> str:
    """The name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
