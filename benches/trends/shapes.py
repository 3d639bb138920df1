"""The shapes of requests, and requests of each with words and brands picked by how often they occur."""

import random
from dataclasses import dataclass

SEED = 6
# Shares of all mentions.
BANDS = {"rare": (1e-6, 1e-4), "medium": (1e-4, 1e-2), "frequent": (1e-2, 1.0)}
FEWEST = 2
LAST_MONTH = ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z")


@dataclass(frozen=True)
class Request:
    """Mentions of a word and a brand, counted by the values of a field in buckets of a time zone."""

    word: str | None = None
    brand: str | None = None
    by: str = "sentiment"
    interval: str = "1d"
    tz: str = "UTC"
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Shape:
    """A kind of request, and requests."""

    name: str
    requests: list[Request]


def shapes(words: list[tuple[str, int]], brands: list[str], mentions: int) -> list[Shape]:
    """All shapes. `words` with the number of their mentions; `brands` from the most frequent."""
    chance = random.Random(SEED)
    in_band = {
        band: [word for word, count in words if max(FEWEST, least * mentions) <= count < most * mentions]
        for band, (least, most) in BANDS.items()
    }
    large, medium, small = brands[:5], brands[5:15], brands[15:]
    some_brands = [chance.choice(third) for third in (large, medium, small) for _ in range(4)]

    def pairs(band: str, count: int) -> list[Request]:
        return [
            Request(chance.choice(in_band[band]), chance.choice((large, medium, small)[n % 3])) for n in range(count)
        ]

    def of_brands(**asked: str) -> list[Request]:
        return [Request(brand=brand, **asked) for brand in some_brands]

    return [
        Shape("day × sentiment, rare word and brand", pairs("rare", 17)),
        Shape("day × sentiment, medium word and brand", pairs("medium", 17)),
        Shape("day × sentiment, frequent word and brand", pairs("frequent", 16)),
        Shape("day × sentiment, brand", of_brands()),
        *(
            Shape(f"day × sentiment, {band} word", [Request(chance.choice(in_band[band])) for _ in range(8)])
            for band in BANDS
        ),
        Shape("day × sentiment, everything", [Request()]),
        Shape(
            "hour × sentiment, brand, last month", of_brands(interval="1h", since=LAST_MONTH[0], until=LAST_MONTH[1])
        ),
        Shape("month × brand, everything", [Request(by="brand", interval="1mo")]),
        Shape("week × topic, brand, New York", of_brands(by="topic", interval="1w", tz="America/New_York")),
    ]
