"""The engines: each opens what it made of the mentions, and answers queries in its process, on one thread."""

import dataclasses
import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import duckdb

import ask
from ask import Condition, Or, Query, Word


@dataclass(frozen=True)
class Answer:
    """How many mentions there are, the newest of them, and how long it took, in microseconds."""

    total: int
    ids: list[str]
    micros: float


class Engine(Protocol):
    """Answers queries; raises `Inexpressible` for those that it cannot be asked."""

    name: str
    bytes: int

    def answer(self, query: Query) -> Answer:
        """Runs the query once."""
        ...


class Earmark:
    """`search-bench` on an earmark index."""

    name = "earmark"

    def __init__(self, program: Path, index: Path) -> None:
        self.process = subprocess.Popen(
            [program, index], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.bytes = sum(path.stat().st_size for path in index.iterdir() if path.is_file())

    def answer(self, query: Query) -> Answer:
        question = {"query": ask.earmark(query), "limit": query.limit, "runs": 1}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        if "error" in found:
            raise ValueError(f"{question['query']}: {found['error']}")
        return Answer(found["total"], found["ids"], found["micros"][0])


SQLITE_TABLES = """
PRAGMA journal_mode = OFF;
CREATE TABLE mentions(n INTEGER PRIMARY KEY, id TEXT, created_at TEXT, brand TEXT COLLATE NOCASE, sentiment TEXT);
CREATE TABLE records(n INTEGER PRIMARY KEY, text TEXT, fields TEXT, record TEXT);
CREATE TABLE topics(topic TEXT, sentiment TEXT, created_at TEXT, id TEXT, n INTEGER);
CREATE VIRTUAL TABLE words
    USING fts5(text, fields, content = 'records', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2');
"""
SQLITE_INDEXES = """
INSERT INTO words(words) VALUES ('optimize');
CREATE INDEX mentions_time ON mentions(created_at DESC, id);
CREATE INDEX mentions_brand ON mentions(brand, sentiment, created_at DESC, id);
CREATE INDEX topics_time ON topics(topic, sentiment, created_at DESC, id, n);
CREATE INDEX topics_row ON topics(topic, sentiment, n);
ANALYZE;
"""


class Sqlite:
    """SQLite with FTS5 for words and indexes for fields, as much of it in memory as it wants."""

    name = "SQLite"

    def __init__(self, tagged: Path, database: Path) -> None:
        made(database, lambda path: make_sqlite(tagged, path))
        self.bytes = database.stat().st_size
        self.connection = sqlite3.connect(f"file:{database}?immutable=1", uri=True)
        self.connection.execute("PRAGMA cache_size = -4000000")
        self.connection.execute("PRAGMA mmap_size = 8000000000")

    def answer(self, query: Query) -> Answer:
        rows = self.rows(ask.fts5(query), is_count=not query.limit)
        count = f"SELECT count(*) {rows.sql}"
        newest = f"SELECT {rows.row} AS n {rows.sql} ORDER BY {rows.order} LIMIT {query.limit}"
        records = f"SELECT id, record FROM ({newest}) CROSS JOIN mentions USING (n) CROSS JOIN records USING (n)"
        started = time.perf_counter()
        (total,) = self.connection.execute(count, rows.parameters).fetchone()
        found = self.connection.execute(records, rows.parameters).fetchall() if query.limit else []
        micros = (time.perf_counter() - started) * 1e6
        return Answer(total, [row[0] for row in found], micros)

    def rows(self, asked: ask.Fts5, is_count: bool) -> "Rows":
        """What selects the rows, and orders them by time."""
        table = "topics" if any(field.name == "topic" for field in asked.fields) else "mentions"
        rows = matched(asked)
        for field in asked.fields:
            rows.add(table, f"{table}.{field.name} = ?", field.value)
        if asked.published:
            bounds = (asked.published.since, asked.published.until)
            rows.add(table, f"{table}.created_at >= ? AND {table}.created_at < ?", *bounds)
        if not is_count:
            rows.add(table)
            rows.order = f"{table}.created_at DESC, {table}.id"
        return rows


class TunedSqlite(Sqlite):
    """The same, where rows are in the order of time, and fields are words too."""

    name = "SQLite, tuned"

    def rows(self, asked: ask.Fts5, is_count: bool) -> "Rows":
        if not asked.match:
            rows = super().rows(asked, is_count=True)
        else:
            fields = [f'"{field_word(field.name, field.value)}"' for field in asked.fields]
            rows = matched(replace(asked, match=" AND ".join([f"({asked.match})", *fields])))
        if asked.published:
            bound = "SELECT n FROM mentions WHERE created_at {} ? ORDER BY created_at {}, id {} LIMIT 1"
            rows.add("words", f"words.rowid <= ({bound.format('>=', 'ASC', 'DESC')})", asked.published.since)
            rows.add("words", f"words.rowid >= ({bound.format('<', 'DESC', 'ASC')})", asked.published.until)
        rows.order = rows.row
        return rows


@dataclass
class Rows:
    """Rows of tables of which all conditions hold."""

    tables: list[str] = dataclasses.field(default_factory=list)
    conditions: list[str] = dataclasses.field(default_factory=list)
    parameters: list[str] = dataclasses.field(default_factory=list)
    order: str = ""

    def add(self, table: str, condition: str = "", *parameters: str) -> None:
        """One more condition on a table."""
        if table not in self.tables:
            self.tables.append(table)
        self.conditions += [condition] * bool(condition)
        self.parameters += parameters

    @property
    def row(self) -> str:
        """The number of the mention."""
        return number_in(self.tables[0])

    @property
    def sql(self) -> str:
        """What stands behind `SELECT …`."""
        joins = [f"{number_in(table)} = {self.row}" for table in self.tables[1:]]
        return f"FROM {' JOIN '.join(self.tables)} WHERE {' AND '.join(joins + self.conditions)}"


def number_in(table: str) -> str:
    """The number of the mention in a table."""
    return "words.rowid" if table == "words" else f"{table}.n"


def matched(asked: ask.Fts5) -> Rows:
    """The rows with these words, spelled so."""
    rows = Rows()
    if asked.match:
        rows.add("words", "words MATCH ?", asked.match)
    for column, word, pattern in asked.spelled:
        rows.add("records", f"instr({column}, ?) AND ' ' || {column} || ' ' GLOB ?", word, pattern)
    return rows


def field_word(name: str, value: str) -> str:
    """A value as a word that no text has."""
    return f"xx{name}{''.join(filter(str.isalnum, value))}"


def make_sqlite(tagged: Path, database: Path) -> None:
    """Puts tagged mentions into a database, the newest first."""
    connection = sqlite3.connect(database)
    connection.executescript(SQLITE_TABLES)
    connection.execute("CREATE TEMP TABLE lines(id TEXT, created_at TEXT, line TEXT)")
    connection.executemany("INSERT INTO lines VALUES (?, ?, ?)", map(keyed, lines(tagged)))
    newest = connection.execute("SELECT line FROM lines ORDER BY created_at DESC, id")
    for n, (line,) in enumerate(newest, 1):
        mention = json.loads(line)
        sentiment = (mention["sentiment"] or {}).get("label", "unscored")
        key = (mention.get("created_at"), mention["id"])
        connection.execute(
            "INSERT INTO mentions VALUES (?, ?, ?, ?, ?)", (n, key[1], key[0], mention.get("brand"), sentiment)
        )
        fields = f"{field_word('brand', mention.get('brand') or '')} {field_word('sentiment', sentiment)}"
        connection.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (n, mention["text"], fields, line))
        connection.execute("INSERT INTO words(rowid, text, fields) VALUES (?, ?, ?)", (n, mention["text"], fields))
        topics = [(topic, sentiment, *key, n) for topic in sorted(lineage(mention))]
        connection.executemany("INSERT INTO topics VALUES (?, ?, ?, ?, ?)", topics)
    connection.executescript(SQLITE_INDEXES)
    connection.commit()
    connection.close()


def lines(tagged: Path) -> Iterator[str]:
    """The lines of a file."""
    with tagged.open(encoding="utf-8") as file:
        yield from (line.rstrip("\n") for line in file)


def keyed(line: str) -> tuple[str, str | None, str]:
    """A line with what it is ordered by."""
    mention = json.loads(line)
    return mention["id"], mention.get("created_at"), line


def lineage(mention: dict) -> set[str]:
    """The topics of a mention and their parents."""
    topics = set()
    for tag in mention["topics"]:
        steps = tag["topic"].split("/")
        topics.update("/".join(steps[:n]) for n in range(1, len(steps) + 1))
    return topics


DUCKDB_TABLE = r"""
CREATE TABLE mentions AS
WITH lines AS (
    SELECT line, line ->> '$.text' AS text, line ->> '$.id' AS id, (line ->> '$.created_at')::TIMESTAMP AS created_at
    FROM read_csv(?, columns = {'line': 'VARCHAR'}, delim = '\1', quote = '', escape = '', header = false,
                  auto_detect = false, max_line_size = 10000000)
)
SELECT
    row_number() OVER (ORDER BY created_at DESC, id) AS n, id, created_at, lower(line ->> '$.brand') AS brand,
    coalesce(line ->> '$.sentiment.label', 'unscored') AS sentiment, line ->> '$.topics[*].topic' AS topics, text,
    ' ' || trim(regexp_replace(strip_accents(lower(text)), '[^\pL\pN]+', ' ', 'g')) || ' ' AS words, line AS record
FROM lines ORDER BY n
"""
DUCKDB_WORDS = r"""
PRAGMA create_fts_index('mentions', 'n', 'words', stemmer = 'none', stopwords = 'none', ignore = '[^\pL\pN]+',
                        strip_accents = 0, lower = 0)
"""


class DuckDb:
    """DuckDB: scans of all mentions, newest first on disk, or its extension `fts` where that is quicker."""

    name = "DuckDB"

    def __init__(self, tagged: Path, database: Path, extension: Path | None) -> None:
        made(database, lambda path: make_duckdb(tagged, path, extension))
        self.bytes = database.stat().st_size
        self.connection = open_duckdb(database, extension)
        schemas = self.connection.execute("SELECT schema_name FROM information_schema.schemata").fetchall()
        self.has_words = ("fts_main_mentions",) in schemas

        self.plans: dict[Query, list[Condition]] = {}

    def answer(self, query: Query) -> Answer:
        if query not in self.plans:
            plans = [ask.duckdb(query)] + ([looked_up(query)] if self.has_words and looked_up(query) else [])
            self.plans[query] = min(plans, key=lambda plan: self.run(query, plan).micros)
        return self.run(query, self.plans[query])

    def run(self, query: Query, conditions: list[Condition]) -> Answer:
        """Answers a query with these conditions."""
        where = " AND ".join(condition.sql for condition in conditions)
        parameters = [parameter for condition in conditions for parameter in condition.parameters]
        sql = f"SELECT count(*) FROM mentions WHERE {where}"
        if query.limit:
            sql = f"""
                WITH found AS MATERIALIZED (SELECT n FROM mentions WHERE {where})
                SELECT (SELECT count(*) FROM found), id, record FROM mentions
                WHERE n IN (SELECT n FROM found ORDER BY n LIMIT {query.limit}) ORDER BY n"""
        started = time.perf_counter()
        rows = self.connection.execute(sql, parameters).fetchall()
        micros = (time.perf_counter() - started) * 1e6
        return Answer(rows[0][0] if rows else 0, [row[1] for row in rows if query.limit], micros)


def looked_up(query: Query) -> list[Condition]:
    """The condition in terms of `fts`, if it has any."""
    match query.parts:
        case (Word(text),) if not set("*?") & set(text):
            words = text
        case (Or(alternatives),):
            words = " ".join(alternatives)
        case _:
            return []
    return [Condition("fts_main_mentions.match_bm25(n, ?) IS NOT NULL", (words,))]


def make_duckdb(tagged: Path, database: Path, extension: Path | None) -> None:
    """Puts tagged mentions into a database, the newest first."""
    connection = open_duckdb(database, extension)
    connection.execute(DUCKDB_TABLE, [str(tagged)])
    if extension:
        connection.execute(DUCKDB_WORDS)
    connection.close()


def open_duckdb(database: Path, extension: Path | None) -> duckdb.DuckDBPyConnection:
    """Opens a database for one thread."""
    connection = duckdb.connect(database)
    connection.execute("SET threads = 1")
    if extension:
        connection.load_extension(str(extension))
    return connection


def made(path: Path, make: Callable[[Path], None]) -> None:
    """Makes a file, unless it is there."""
    if path.exists():
        return
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    make(partial)
    partial.rename(path)
