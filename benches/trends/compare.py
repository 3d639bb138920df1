"""Compares trends in earmark and DuckDB: the same mentions, the same requests, turn about, in the same minutes.

    cargo build --release
    target/release/trend-bench make INDEX --columns COLUMNS.csv [--mentions N]
    pip install -r requirements.txt
    python compare.py INDEX COLUMNS.csv --work DIR [--report FILE.md]

Mentions are invented, the same every time. First it is made sure that every way gives the same counts to every request.
What a request takes is measured within the process that has the mentions open, up to the numbers of the answer, before
they are written out. In DIR is DuckDB's database, made when it is not there (delete it for other mentions).
"""

import argparse
import gc
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

import engines
import shapes
from engines import Counts, DuckDb, Earmark
from shapes import Request, Shape

HERE = Path(__file__).resolve().parent
COLD_RUNS = 5
Engine = Earmark | DuckDb


@dataclass
class Outcome:
    """How the engines did on a shape: mentions found by each request, and by engine the microseconds of all runs."""

    name: str
    found: list[int] = field(default_factory=list)
    micros: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Ask everything and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path, help="the index that `trend-bench make` made")
    parser.add_argument("columns", type=Path, help="the columns that it wrote; not read where the database is there")
    parser.add_argument("--work", type=Path, required=True, help="folder for DuckDB's database")
    parser.add_argument("--program", type=Path, default=HERE / "target" / "release" / "trend-bench")
    parser.add_argument("--also", type=Path, help="another build of the program, for a column of its own")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of DuckDB; default: one for each core")
    parser.add_argument("--memory", default="8GB", help="most that DuckDB may use while the database is made")
    parser.add_argument("--rounds", type=int, default=20, help="most runs of each request")
    parser.add_argument("--seconds", type=float, default=60, help="for the rounds of a shape, each way")
    parser.add_argument("--only", default="", help="shapes whose name has this in it")
    parser.add_argument("--report", type=Path, help="where to write the table; default: standard output")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    database = arguments.work / "mentions.duckdb"
    program = arguments.program.resolve()
    engines.make_duckdb(arguments.columns, database, arguments.threads, arguments.memory)
    opened = cold_and_warm(program, arguments.index, database, arguments.threads)
    connection = engines.open_duckdb(database, arguments.threads, read_only=True)
    ways: list[Engine] = [Earmark(program, arguments.index), *engines.ways(connection)]
    if arguments.also:
        ways.append(Earmark(arguments.also.resolve(), arguments.index, "earmark, other build"))
    words = connection.execute("SELECT word, mentions FROM words ORDER BY word").fetchall()
    brands = connection.execute("SELECT brand FROM mentions GROUP BY 1 ORDER BY count(*) DESC, 1").fetchall()
    (mentions,) = connection.execute("SELECT count(*) FROM mentions").fetchone()
    outcomes = []
    gc.disable()
    for shape in shapes.shapes(words, [brand for (brand,) in brands], mentions):
        if arguments.only in shape.name:
            print(shape.name, file=sys.stderr)
            outcomes.append(ask_all(shape, ways, arguments.rounds, arguments.seconds))
            gc.collect()
    sizes = connection.execute("SELECT mentions, lists FROM sizes").fetchone()
    head = introduction(mentions, arguments.threads, folder_bytes(arguments.index), sizes)
    text = "\n".join([head, "", *table(outcomes), "", *opened]) + "\n"
    if arguments.report:
        arguments.report.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def ask_all(shape: Shape, ways: list[Engine], rounds: int, seconds: float) -> Outcome:
    """Asks all requests of a shape, once to compare the counts, then in rounds for the time."""
    outcome = Outcome(shape.name)
    for request in shape.requests:
        outcome.found.append(agreed_total(request, ways))
    spent = {way.name: 0.0 for way in ways if way.can(shape.requests[0])}
    for turn in range(rounds):
        for number, request in enumerate(shape.requests):
            first = (turn + number) % len(ways)
            for way in ways[first:] + ways[:first]:
                if spent.get(way.name, seconds) < seconds:
                    micros = way.micros(request)
                    outcome.micros.setdefault(way.name, []).append(micros)
                    spent[way.name] += micros / 1e6
    return outcome


def agreed_total(request: Request, ways: list[Engine]) -> int:
    """The number counted, which must be the same every way, as must every count be."""
    expected: Counts = ways[0].counts(request)
    for way in ways[1:]:
        if way.can(request) and way.counts(request) != expected:
            raise ValueError(f"{way.name} counts {request} otherwise")
    return sum(expected.values())


def introduction(mentions: int, threads: int, index_bytes: int, sizes: tuple[int, int]) -> str:
    """What was measured, and on what."""
    columns, lists = (size / 1e9 for size in sizes)
    return (
        f"{mentions:,} mentions. {processor()}, {os.cpu_count()} cores; DuckDB {duckdb.__version__} with {threads} "
        f"threads. On disk: earmark {index_bytes / 1e9:.2f} GB, DuckDB {columns:.2f} GB, its lists {lists:.2f} GB."
    )


def table(outcomes: list[Outcome]) -> list[str]:
    """The times, and those of all requests with a word and a brand together."""
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.micros if name != engines.ICU))
    lines = [
        f"| shape | requests | counted, median | {' | '.join(names)} | times | times, wide |",
        f"| --- | ---: | ---: | {'---: | ' * len(names)}---: | ---: |",
    ]
    pairs = [outcome for outcome in outcomes if outcome.name.endswith("word and brand")]
    for outcome in ([together("day × sentiment, word and brand: all", pairs)] if pairs else []) + outcomes:
        found = f"{len(outcome.found)} | {statistics.median(outcome.found):,.0f}"
        cells = [latency(outcome.micros[name]) if name in outcome.micros else "–" for name in names]
        cells += [
            advantage(outcome, names[0], engines.SAME_COLUMNS),
            advantage(outcome, names[0], [engines.WIDE_LISTS]),
        ]
        lines.append(f"| {outcome.name} | {found} | {' | '.join(cells)} |")
    for outcome in outcomes:
        if engines.ICU in outcome.micros:
            lines += ["", f"{outcome.name}, with ICU in place of offsets: {latency(outcome.micros[engines.ICU])}."]
    return lines


def together(name: str, outcomes: list[Outcome]) -> Outcome:
    """Several shapes as one."""
    every = Outcome(name)
    for outcome in outcomes:
        every.found += outcome.found
        for way, micros in outcome.micros.items():
            every.micros.setdefault(way, []).extend(micros)
    return every


def advantage(outcome: Outcome, ours: str, theirs: Sequence[str]) -> str:
    """How many times as long the quickest of these ways takes."""
    medians = [statistics.median(outcome.micros[name]) for name in theirs if name in outcome.micros]
    return f"{min(medians) / statistics.median(outcome.micros[ours]):.2f}" if medians else "–"


def latency(micros: list[float]) -> str:
    """The median and the 99th percentile in milliseconds, three digits of each."""
    ordered = sorted(micros)
    values = (statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))])
    return " / ".join(f"{value / 1e3:.{0 if value >= 1e5 else 1 if value >= 1e4 else 2}f}" for value in values)


def cold_and_warm(program: Path, index: Path, database: Path, threads: int) -> list[str]:
    """The time from opening to the first answer in a new process, files on disk only, and files in memory."""
    request = Request("bota", "brand-03")
    lines = ["| milliseconds to open, and to the first answer | earmark | DuckDB, lists |", "| --- | ---: | ---: |"]
    for name, is_cold in (("from disk", True), ("from memory", False)):
        micros: tuple[list[tuple[float, float]], ...] = ([], [])
        for _ in range(COLD_RUNS):
            if is_cold:
                forget([*index.iterdir(), database])
            micros[0].append(first_of_earmark(program, index, request))
            micros[1].append(first_of_duckdb(database, threads, request))
        cells = [" + ".join(f"{statistics.median(part) / 1e3:.1f}" for part in zip(*runs)) for runs in micros]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def first_of_earmark(program: Path, index: Path, request: Request) -> tuple[float, float]:
    """The microseconds of opening the index and of the first answer."""
    earmark = Earmark(program, index)
    answered = earmark.micros(request)
    earmark.close()
    return earmark.open_micros, answered


def first_of_duckdb(database: Path, threads: int, request: Request) -> tuple[float, float]:
    """The same of DuckDB, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(open_and_ask, (database, threads, request))


def open_and_ask(database: Path, threads: int, request: Request) -> tuple[float, float]:
    """The microseconds of opening the database and of the first answer."""
    started = time.perf_counter()
    connection = engines.open_duckdb(database, threads, read_only=True)
    opened = (time.perf_counter() - started) * 1e6
    return opened, engines.ways(connection)[0].micros(request)


def forget(files: list[Path]) -> None:
    """Makes the system forget what it has of files in memory."""
    for path in files:
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def folder_bytes(folder: Path) -> int:
    """The size of all files."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


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
