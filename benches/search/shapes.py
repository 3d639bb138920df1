"""The shapes of queries, and queries of each with words picked from the collection by how often they occur."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

from ask import Field, Near, Not, Or, Part, Phrase, Published, Query, Raw, Tag, Word

# Shares of all mentions.
RARE = (1e-5, 1e-4)
MIDDLING = (1e-3, 1e-2)
FREQUENT = (3e-2, 1.0)
FEWEST = 2
NEAR_DISTANCE = 5
LOOSE_SLOP = 3

URL = re.compile(r"https?://\S+")
EXPRESSION = re.compile(r"(?:[^\W_]|[ \t\-_/'#@&])+")
WORD = re.compile(r"[^\W_]+")
TAG = re.compile(r"(?<![\w#@&/.])[#@][A-Za-z][A-Za-z0-9]{2,}(?![\w#@&/-])")


@dataclass(frozen=True)
class Shape:
    """A kind of query, an example with words replaced by their kinds, and queries."""

    name: str
    example: str
    queries: list[Query]


@dataclass
class Collection:
    """In how many mentions everything occurs."""

    mentions: int = 0
    words: Counter[str] = field(default_factory=Counter)
    rows: dict[int, Counter[tuple[str, ...]]] = field(default_factory=lambda: {n: Counter() for n in (2, 3, 4)})
    pairs: Counter[tuple[str, ...]] = field(default_factory=Counter)
    company: set[tuple[str, str]] = field(default_factory=set)
    capitalised: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    brands: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def within(self, counts: Counter, band: tuple[float, float]) -> set:
        """What occurs in such a share of the mentions."""
        least, most = max(FEWEST, band[0] * self.mentions), band[1] * self.mentions
        return {item for item, count in counts.items() if least <= count <= most}


def read(path: Path) -> Collection:
    """Counts everything in a file of tagged mentions."""
    found = Collection()
    texts = Counter()
    with path.open(encoding="utf-8") as file:
        for line in file:
            mention = json.loads(line)
            texts[mention["text"]] += 1
            found.mentions += 1
            found.brands[mention.get("brand") or ""] += 1
            found.topics.update({topic["topic"].split("/")[0] for topic in mention["topics"]})
            found.days[(mention.get("created_at") or "")[:10]] += 1
    for text, count in texts.items():
        add(found, text, count)
    rare, middling, frequent = (found.within(found.words, band) for band in (RARE, MIDDLING, FREQUENT))
    chosen = middling | frequent
    for text, count in texts.items():
        words = set(map(str.lower, WORD.findall(text)))
        found.company.update((word, other) for word in words & rare for other in words & frequent)
        found.pairs.update(dict.fromkeys(neighbours(text, chosen), count))
    return found


def neighbours(text: str, chosen: set[str]) -> set[tuple[str, str]]:
    """Pairs of chosen words, near each other, in order."""
    pairs = set()
    for span in expressions(text):
        places = [(place, word) for place, word in enumerate(span) if word in chosen]
        for (place, word), (other_place, other) in combinations(places, 2):
            if word != other and other_place - place <= NEAR_DISTANCE + 1:
                pairs.add((word, other))
    return pairs


def add(found: Collection, text: str, count: int) -> None:
    """Counts the words of a text, those of addresses left out."""
    words = WORD.findall(URL.sub(".", text))
    found.words.update(dict.fromkeys(map(str.lower, words), count))
    found.capitalised.update(dict.fromkeys(filter(str.istitle, words), count))
    found.tags.update(dict.fromkeys(map(str.lower, TAG.findall(text)), count))
    for size, rows in found.rows.items():
        spans = expressions(text)
        rows.update(dict.fromkeys({row for span in spans for row in zip(*(span[n:] for n in range(size)))}, count))


def expressions(text: str) -> list[list[str]]:
    """The words of a text, punctuation between the lists."""
    return [WORD.findall(span.lower()) for span in EXPRESSION.findall(URL.sub(".", text))]


def pick(candidates: Iterable, salt: str, count: int) -> list:
    """Some of the candidates, the same every time; fewer where there are not so many."""
    return sorted(candidates, key=lambda item: hashlib.sha256(f"{salt} {item}".encode()).digest())[:count]


def is_plain(word: str, letters: int = 3) -> bool:
    """True of words that are the same to every engine."""
    return word.isascii() and word.isalpha() and len(word) >= letters


def shapes(found: Collection, count: int) -> list[Shape]:
    """All shapes with so many queries each."""
    rare, middling, frequent = (
        {word for word in found.within(found.words, band) if is_plain(word)} for band in (RARE, MIDDLING, FREQUENT)
    )
    content = {word for word in middling if len(word) >= 5}
    pairs = {pair for pair in found.within(found.pairs, (1e-4, 1.0)) if set(pair) <= middling}
    rows = {
        size: {row for row in found.within(found.rows[size], (1e-4, 1e-2)) if all(map(is_plain, row)) and distinct(row)}
        for size in found.rows
    }
    made = []

    def shape(
        name: str, example: str, items: Iterable, parts: Callable[..., tuple[Part, ...]], limit: int = 10
    ) -> None:
        made.append(Shape(name, example, [Query(parts(item), limit) for item in pick(items, name, count)]))

    def groups(size: int) -> list[tuple[str, ...]]:
        words = pick(content, f"groups of {size}", len(content))
        return [tuple(words[at : at + size]) for at in range(0, len(words) - size + 1, size)]

    company = [(word, other) for word, other in found.company if word in rare and other in frequent]
    often = [pair for pair in found.pairs if set(pair) <= frequent]
    frequent_rows = [row for row in rows[4] if set(row) <= frequent] or [
        row for row in rows[4] if set(row) <= frequent | middling
    ]
    long_rows = [row for row in rows[2] if all(len(word) >= 6 for word in row)]
    brands = [brand for brand, _ in found.brands.most_common(count) if brand]
    brand_words = [(word, brand) for brand in brands for word in pick(frequent, brand, 1)]
    ranges = [(word, *days) for word, days in zip(pick(frequent, "days", count), periods(found, count))]
    cased = [word for word in found.within(found.capitalised, MIDDLING) if is_plain(word, 4)]
    cased = [word for word in cased if found.words[word.lower()] > 1.2 * found.capitalised[word]]
    tags = found.within(found.tags, (5e-5, 1e-1))

    shape("one rare word", "RARE", rare, lambda word: (Word(word),))
    shape("one frequent word", "FREQUENT", frequent, lambda word: (Word(word),))
    shape("two words", "WORD WORD", pairs, lambda pair: tuple(map(Word, pair)))
    shape("rare and frequent", "RARE FREQUENT", company, lambda pair: tuple(map(Word, pair)))
    shape("two frequent words", "FREQUENT FREQUENT", often, lambda pair: tuple(map(Word, pair)))
    shape("one of three", "WORD OR WORD OR WORD", groups(3), lambda words: (Or(words),))
    shape("one of ten", "WORD OR … OR WORD", groups(10), lambda words: (Or(words),))
    shape("without", "FREQUENT NOT FREQUENT", often, lambda pair: (Word(pair[0]), Not(pair[1])))
    shape("phrase of two", '"WORD WORD"', rows[2], lambda row: (Phrase(row),))
    shape("phrase of four, frequent", '"FREQUENT …"', frequent_rows, lambda row: (Phrase(row),))
    shape(
        "loose phrase",
        f'"WORD WORD WORD"~{LOOSE_SLOP}',
        rows[3],
        lambda row: (Phrase((row[1], row[0], row[2]), LOOSE_SLOP),),
    )
    shape("near", "WORD NEAR/5 WORD", pairs, lambda pair: (Near(pair[:1], pair[1:], NEAR_DISTANCE),))
    shape("near, frequent", "FREQUENT NEAR/5 FREQUENT", often, lambda pair: (Near(pair[:1], pair[1:], NEAR_DISTANCE),))
    shape(
        "near, of groups",
        "(WORD OR WORD OR WORD) NEAR/5 (WORD OR …)",
        zip(*[iter(pick(pairs, "groups", 3 * count))] * 3),
        lambda pairs: (Near(*zip(*pairs), NEAR_DISTANCE),),
    )
    shape(
        "near, in order",
        "WORD NEAR/5f WORD",
        pairs,
        lambda pair: (Near(pair[:1], pair[1:], NEAR_DISTANCE, ordered=True),),
    )
    shape("open end", "WOR*", {word[:5] for word in content if len(word) >= 7}, lambda stem: (Word(f"{stem}*"),))
    shape("open beginning", "*ORD", {word[-5:] for word in content if len(word) >= 8}, lambda end: (Word(f"*{end}"),))
    shape("open letter", "W?RD", content, lambda word: (Word(f"{word[:2]}?{word[3:]}"),))
    shape("phrase, open end", '"WORD WOR*"', long_rows, lambda row: (Phrase((row[0], f"{row[1][:4]}*")),))
    shape("phrase, open middle", '"WOR* WORD"', long_rows, lambda row: (Phrase((f"{row[0][:4]}*", row[1])),))
    shape("spelled so", 'raw:"Word"', cased, lambda word: (Raw(word),))
    shape("hashtag", "#TAG", [tag for tag in tags if tag[0] == "#"], lambda tag: (Tag(tag),))
    shape("handle", "@NAME", [tag for tag in tags if tag[0] == "@"], lambda tag: (Tag(tag),))
    shape(
        "word, brand, sentiment",
        "FREQUENT brand:… sentiment:negative",
        brand_words,
        lambda item: (Word(item[0]), Field("brand", item[1]), Field("sentiment", "negative")),
    )
    shape(
        "word, month",
        "FREQUENT created_at:[… TO …}",
        ranges,
        lambda item: (Word(item[0]), Published(*item[1:])),
    )
    shape(
        "topic and sentiment",
        "topic:… sentiment:negative",
        found.within(found.topics, (1e-3, 1.0)),
        lambda topic: (Field("topic", topic), Field("sentiment", "negative")),
    )
    shape(
        "count only",
        "FREQUENT brand:…, no hits",
        brand_words,
        lambda item: (Word(item[0]), Field("brand", item[1])),
        limit=0,
    )
    return made


def distinct(row: tuple[str, ...]) -> bool:
    """True where no word comes twice."""
    return len(set(row)) == len(row)


def periods(found: Collection, count: int) -> list[tuple[str, str]]:
    """Spans of 30 days that begin where a part of the mentions is over."""
    days = sorted(day for day in found.days.elements() if day)
    begins = [date.fromisoformat(days[len(days) * n // (count + 1)]) for n in range(1, count + 1)]
    return [(day.isoformat(), (day + timedelta(days=30)).isoformat()) for day in begins]
