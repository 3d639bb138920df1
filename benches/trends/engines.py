"""The engines: each opens what it has of the mentions, and counts them in its own process."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from shapes import Request

# By start of the bucket in seconds since 1970, and value.
Counts = dict[tuple[int, str], int]


@dataclass
class Earmark:
    """`trend-bench ask` on an earmark index."""

    program: Path
    index: Path
    name: str = "earmark"

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "ask", self.index], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.open_micros = json.loads(self.process.stdout.readline())["micros"]

    def can(self, request: Request) -> bool:
        return True

    def micros(self, request: Request) -> float:
        """How long it takes to answer once."""
        return self.ask(request, counts=False)["micros"]

    def counts(self, request: Request) -> Counts:
        """The answer."""
        return {(start, value): count for start, value, count in self.ask(request, counts=True)["counts"]}

    def ask(self, request: Request, counts: bool) -> dict:
        """The answer as it is written."""
        query = " ".join(filter(None, [request.word, request.brand and f'brand:"{request.brand}"']))
        question = {
            **{name: getattr(request, name) for name in ("by", "interval", "tz", "since", "until")},
            "query": query,
            "counts": counts,
        }
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise ValueError(f"{question}: {answer['error']}")
        return answer

    def close(self) -> None:
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()


# Weeks and months are made of days that are counted already, which is quicker than to ask of each mention for its week.
BUCKETS = {
    "1h": ("date_trunc('hour', {})", "{}"),
    "1d": ("CAST({} AS DATE)", "{}"),
    "1w": ("CAST({} AS DATE)", "date_trunc('week', {})"),
    "1mo": ("CAST({} AS DATE)", "date_trunc('month', {})"),
}
VALUES = {"sentiment": "sentiment", "brand": "brand", "topic": "unnest(topics)"}
LISTS, WIDE_LISTS, SCAN, ICU = "DuckDB, lists", "DuckDB, wide lists", "DuckDB, scan", "DuckDB, ICU"
SAME_COLUMNS = (LISTS, SCAN)
# As DuckDB's ICU tells the time of a zone.
ICU_TIME = "(created_at AT TIME ZONE 'UTC' AT TIME ZONE '{}')"
NUMBER = "(SELECT number FROM words WHERE word = $word)"


@dataclass
class DuckDb:
    """DuckDB with one way to find the mentions with a word, and one to tell the time of a zone.

    `word` is the condition, in which `$word` is the word; it and the others are put to `table`.
    """

    name: str
    connection: duckdb.DuckDBPyConnection
    word: str
    table: str = "mentions"
    by_hand: bool = True
    needs: Callable[[Request], bool] = field(default=lambda request: True)

    def can(self, request: Request) -> bool:
        """True where this way is one of its own."""
        return self.needs(request)

    def sql(self, request: Request) -> tuple[str, dict[str, str]]:
        """The query with its parameters."""
        moment, bucket = BUCKETS[request.interval]
        asked = {
            self.word: ("word", request.word),
            "brand = $brand::brand_name": ("brand", request.brand),
            "created_at >= $since": ("since", request.since and request.since.removesuffix("Z")),
            "created_at < $until": ("until", request.until and request.until.removesuffix("Z")),
        }
        asked = {condition: (name, value) for condition, (name, value) in asked.items() if value}
        where = f" WHERE {' AND '.join(asked)}" if asked else ""
        moment = moment.format(self.local_time(request.tz))
        rows = f"SELECT {moment} AS moment, {VALUES[request.by]} AS value FROM {self.table}{where}"
        sql = f"SELECT moment AS bucket, value, count(*) AS mentions FROM ({rows}) GROUP BY ALL"
        if bucket != "{}":
            sql = f"""SELECT {bucket.format("bucket")} AS bucket, value, sum(mentions)::BIGINT AS mentions
                FROM ({sql}) GROUP BY ALL"""
        return f"SELECT bucket, enum_code(value) AS value, mentions FROM ({sql})", dict(asked.values())

    def local_time(self, tz: str) -> str:
        """The time of publication as the clock of a zone shows it."""
        if tz == "UTC":
            return "created_at"
        if not self.by_hand:
            return ICU_TIME.format(tz)
        changes = offsets(tz, datetime(2024, 1, 1), datetime(2026, 1, 1))
        cases = "".join(f" WHEN created_at < '{until}' THEN {seconds}" for until, seconds in changes[:-1])
        return f"(created_at + to_seconds(CASE{cases} ELSE {changes[-1][1]} END))"

    def micros(self, request: Request) -> float:
        """How long it takes to answer once, into columns of numbers."""
        sql, parameters = self.sql(request)
        started = time.perf_counter()
        self.connection.execute(sql, parameters).fetchnumpy()
        return (time.perf_counter() - started) * 1e6

    def counts(self, request: Request) -> Counts:
        """The answer."""
        sql, parameters = self.sql(request)
        enum = f"SELECT unnest(enum_range(NULL::{request.by}_name))"
        names = [name for (name,) in self.connection.execute(enum).fetchall()]
        zone = ZoneInfo(request.tz)
        counts = {}
        for bucket, value, count in self.connection.execute(sql, parameters).fetchall():
            start = datetime(bucket.year, bucket.month, bucket.day, getattr(bucket, "hour", 0), tzinfo=zone)
            counts[int(start.timestamp()), names[value]] = count
        return counts


def offsets(tz: str, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """The offsets of a zone in seconds, each with the hour in UTC at which it ends."""
    zone, found = ZoneInfo(tz), []
    hour = since
    while hour < until:
        seconds = int(hour.replace(tzinfo=UTC).astimezone(zone).utcoffset().total_seconds())
        hour += timedelta(hours=1)
        if found and found[-1][1] == seconds:
            found[-1] = (hour, seconds)
        else:
            found.append((hour, seconds))
    return found


ENUMS = ("brand", "channel", "language", "sentiment", "country", "kind")
TOPICS = "string_split(coalesce(topics, '(none)'), '|')"


def make_duckdb(columns: Path, database: Path, threads: int, memory: str) -> None:
    """Puts the columns into a database, in their order, and beside them the list of mentions of each word."""
    if database.exists():
        return
    partial = database.with_name(f"{database.name}.partial")
    partial.unlink(missing_ok=True)
    connection = open_duckdb(partial, threads)
    connection.execute(f"SET memory_limit = '{memory}'")
    rows = f"read_csv('{columns}', header = true, types = {{'topics': 'VARCHAR', 'rating': 'FLOAT'}})"
    for name in ENUMS:
        connection.execute(
            f"CREATE TYPE {name}_name AS ENUM (SELECT {name} FROM {rows} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 1)"
        )
    connection.execute(
        f"CREATE TYPE topic_name AS ENUM (SELECT DISTINCT unnest({TOPICS}) AS topic FROM {rows} ORDER BY topic)"
    )
    connection.execute(f"""
        CREATE TABLE mentions AS SELECT
            n::INTEGER AS n, id, make_timestamp(created_at * 1000000) AS created_at,
            {", ".join(f"{name}::{name}_name AS {name}" for name in ENUMS)},
            negative::FLOAT AS negative, neutral::FLOAT AS neutral, positive::FLOAT AS positive,
            {TOPICS}::topic_name[] AS topics, author, likes, shares, replies, views, followers, rating, text
        FROM {rows}""")
    connection.execute("CHECKPOINT")
    of_mentions = partial.stat().st_size
    words = "SELECT *, unnest(list_distinct(string_split(trim(text), ' '))) AS word FROM mentions"
    connection.execute("CREATE TABLE words (word VARCHAR PRIMARY KEY, number USMALLINT, mentions INTEGER)")
    connection.execute(f"""
        INSERT INTO words SELECT word, row_number() OVER (ORDER BY count(*) DESC, word) - 1, count(*)
        FROM ({words}) GROUP BY word""")
    connection.execute(f"""
        CREATE TABLE lists AS SELECT number AS word, n, created_at, brand, sentiment
        FROM ({words}) JOIN words USING (word) ORDER BY number, n""")
    connection.execute("CHECKPOINT")
    sizes = (of_mentions, partial.stat().st_size - of_mentions)
    connection.execute("CREATE TABLE sizes AS SELECT ? AS mentions, ? AS lists", sizes)
    connection.close()
    partial.rename(database)


def open_duckdb(database: Path, threads: int, **options: bool) -> duckdb.DuckDBPyConnection:
    """Opens a database."""
    return duckdb.connect(database, config={"threads": threads}, **options)


def ways(connection: duckdb.DuckDBPyConnection) -> list[DuckDb]:
    """The ways to ask DuckDB: by the list of mentions of a word, by a list that has the columns with it, by a look at
    every text; and with the time of a zone by its calendar, in place of offsets written into the query."""

    def has_word(request: Request) -> bool:
        return request.word is not None

    return [
        DuckDb(LISTS, connection, f"n IN (SELECT n FROM lists WHERE word = {NUMBER})"),
        DuckDb(WIDE_LISTS, connection, f"word = {NUMBER}", table="lists", needs=has_word),
        DuckDb(SCAN, connection, "contains(text, ' ' || $word || ' ')", needs=has_word),
        DuckDb(ICU, connection, "", by_hand=False, needs=lambda request: request.tz != "UTC"),
    ]
