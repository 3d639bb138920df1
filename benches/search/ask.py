"""What a query asks, and how each engine is asked it."""

import re
from dataclasses import dataclass
from itertools import permutations

OTHER = "(?:[^ ]+ )"


class Inexpressible(Exception):
    """The engine has no way to ask this."""


@dataclass(frozen=True)
class Word:
    """A word, or with `*` and `?` any that looks so."""

    text: str


@dataclass(frozen=True)
class Phrase:
    """Words in a row, or with `slop` in any order with so many others between them."""

    words: tuple[str, ...]
    slop: int | None = None


@dataclass(frozen=True)
class Near:
    """A word of the left beside one of the right, at most `distance` others between them."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    distance: int
    ordered: bool = False


@dataclass(frozen=True)
class Or:
    """One of several words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    """Mentions without a word."""

    word: str


@dataclass(frozen=True)
class Raw:
    """A word in this spelling."""

    text: str


@dataclass(frozen=True)
class Tag:
    """A hashtag or handle, with its sign."""

    text: str


@dataclass(frozen=True)
class Field:
    """`brand`, `sentiment` or `topic` (whose children count) has this value."""

    name: str
    value: str


@dataclass(frozen=True)
class Published:
    """Published on or after one day and before another."""

    since: str
    until: str


Part = Word | Phrase | Near | Or | Not | Raw | Tag | Field | Published


@dataclass(frozen=True)
class Query:
    """Mentions of which all parts are true; the newest `limit` of them, and how many there are."""

    parts: tuple[Part, ...]
    limit: int = 10


def earmark(query: Query) -> str:
    """The query in earmark's language."""
    return " ".join(map(_earmark, query.parts))


def _earmark(part: Part) -> str:
    match part:
        case Word(text) | Tag(text):
            return text
        case Phrase(words, slop):
            return f'"{" ".join(words)}"' + (f"~{slop}" if slop else "")
        case Near(left, right, distance, ordered):
            return f"{_any(left)} NEAR/{distance}{'f' if ordered else ''} {_any(right)}"
        case Or(words):
            return _any(words)
        case Not(word):
            return f"NOT {word}"
        case Raw(text):
            return f'raw:"{text}"'
        case Field(name, value):
            return f'{name}:"{value}"'
        case Published(since, until):
            return f"created_at:[{since} TO {until}}}"


def _any(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"({' OR '.join(words)})"


@dataclass(frozen=True)
class Fts5:
    """An FTS5 expression, and what else must hold of the row: its text is spelled so, its fields, its time.

    Of a spelling: the column, what is in it, and a `GLOB` pattern of it with a blank before and behind.
    """

    match: str
    spelled: tuple[tuple[str, str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    published: Published | None = None


def fts5(query: Query) -> Fts5:
    """The query for SQLite."""
    positive = [expression for part in query.parts if (expression := _fts5(part))]
    match = " AND ".join(f"({expression})" for expression in positive)
    for part in query.parts:
        if isinstance(part, Not):
            match = f'({match}) NOT "{part.word}"'
    spelled = [_spelled(part) for part in query.parts if isinstance(part, Raw | Tag)]
    published = [part for part in query.parts if isinstance(part, Published)]
    fields = tuple(part for part in query.parts if isinstance(part, Field))
    return Fts5(match, tuple(spelled), fields, published[0] if published else None)


def _spelled(part: Raw | Tag) -> tuple[str, str, str]:
    column, behind = ("lower(records.text)", "_") if isinstance(part, Tag) else ("records.text", "")
    return column, part.text, f"*[^0-9A-Za-z]{part.text}[^0-9A-Za-z{behind}]*"


def _fts5(part: Part) -> str:
    match part:
        case Word(text):
            return _fts5_words((text,))
        case Phrase(words, None):
            return _fts5_words(words)
        case Phrase(words, slop):
            # FTS5 counts all that is between the first word and the last.
            return f"NEAR({' '.join(map(_quoted, words))}, {slop + len(words) - 2})"
        case Near(_, _, _, True):
            raise Inexpressible("NEAR has no order")
        case Near(left, right, distance):
            return " OR ".join(f"NEAR({_quoted(a)} {_quoted(b)}, {distance})" for a in left for b in right)
        case Or(words):
            return " OR ".join(map(_quoted, words))
        case Raw(text):
            return _quoted(text)
        case Tag(text):
            return _quoted(text[1:])
        case _:
            return ""


def _fts5_words(words: tuple[str, ...]) -> str:
    phrase = " ".join(words)
    if "?" in phrase or "*" in phrase[:-1]:
        raise Inexpressible("only the end of a last word may be left open")
    return f'"{phrase.rstrip("*")}"{" *" if phrase.endswith("*") else ""}'


def _quoted(word: str) -> str:
    return f'"{word}"'


@dataclass(frozen=True)
class Condition:
    """A condition in DuckDB's SQL, and its parameters."""

    sql: str
    parameters: tuple[str, ...]


def duckdb(query: Query) -> list[Condition]:
    """The conditions of the query in DuckDB, on `words`: the folded words of a text, a blank on either side of each."""
    return [condition for part in query.parts for condition in _duckdb(part)]


def _duckdb(part: Part) -> list[Condition]:
    match part:
        case Word(text):
            return [_in_words((text,))]
        case Phrase(words, None):
            return [_in_words(words)]
        case Phrase(words, slop):
            return [Condition("regexp_matches(words, ?)", (_loose(words, slop),))]
        case Near(left, right, distance, ordered):
            one, other = (f"(?:{'|'.join(words)})" for words in (left, right))
            orders = [(one, other)] if ordered else [(one, other), (other, one)]
            pattern = "|".join(f" {first} {OTHER}{{0,{distance}}}{last} " for first, last in orders)
            return [Condition("regexp_matches(words, ?)", (pattern,))]
        case Or(words):
            either = " OR ".join("contains(words, ?)" for _ in words)
            return [Condition(f"({either})", tuple(f" {word} " for word in words))]
        case Not(word):
            return [Condition("NOT contains(words, ?)", (f" {word} ",))]
        case Raw(text):
            return [_in_words((text.lower(),)), _in_text("text", text)]
        case Tag(text):
            return [_in_words((text[1:],)), _in_text("lower(text)", text, "_")]
        case Field("topic", value):
            sql = "len(list_filter(topics, lambda topic: topic = ? OR starts_with(topic, ?))) > 0"
            return [Condition(sql, (value, f"{value}/"))]
        case Field(name, value):
            return [Condition(f"{name} = ?", (value.lower(),))]
        case Published(since, until):
            return [Condition("created_at >= ?::TIMESTAMP AND created_at < ?::TIMESTAMP", (since, until))]


def _in_words(words: tuple[str, ...]) -> Condition:
    phrase = f" {' '.join(words)} "
    stem = phrase.removesuffix("* ").removeprefix(" *")
    if not set("*?") & set(stem):
        return Condition("contains(words, ?)", (stem,))
    pattern = re.sub(r"[*?]", lambda sign: "[^ ]*" if sign[0] == "*" else "[^ ]", phrase)
    return Condition("regexp_matches(words, ?)", (pattern,))


def _in_text(column: str, word: str, letters: str = "") -> Condition:
    return Condition(f"regexp_matches({column}, ?)", (rf"(?:^|[^\pL\pN]){re.escape(word)}(?:$|[^\pL\pN{letters}])",))


def _loose(words: tuple[str, ...], slop: int) -> str:
    """A pattern of words in any order, so many others between them in all."""

    def from_(rest: tuple[str, ...], left: int) -> str:
        if len(rest) == 1:
            return f"{OTHER}{{0,{left}}}{rest[0]} "
        return "(?:" + "|".join(f"{OTHER}{{{n}}}{rest[0]} {from_(rest[1:], left - n)}" for n in range(left + 1)) + ")"

    return "|".join(f" {order[0]} {from_(order[1:], slop)}" for order in permutations(words))
