"""Makes many mentions of a few: repeats streams with new ids and later times.

    python make_mentions.py STREAM… --mentions 1000000 --out FILE

STREAM is NDJSON, plain or .gz, of raw or tagged mentions. Copy 0 is the streams as they are; copy n has "-n" behind
every id and is published n × --days later. The same streams give the same bytes.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

IDS = ("id", "in_reply_to", "thread_id")
TIME = "%Y-%m-%dT%H:%M:%SZ"


def main() -> None:
    """Write the mentions to a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("streams", nargs="+", type=Path, metavar="STREAM")
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=30, help="between two copies")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    base = [json.loads(line) for path in arguments.streams for line in lines(path)]
    if not base:
        parser.error("there are no mentions")
    with arguments.out.open("w", encoding="utf-8") as file:
        for number in range(arguments.mentions):
            copy, place = divmod(number, len(base))
            mention = copied(base[place], copy, copy * timedelta(days=arguments.days))
            file.write(json.dumps(mention, ensure_ascii=False, separators=(",", ":")) + "\n")


def lines(path: Path) -> Iterator[str]:
    """The lines of a file that say something."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as file:
        yield from filter(str.strip, file)


def copied(mention: dict, copy: int, later: timedelta) -> dict:
    """The mention as its n-th copy."""
    if not copy:
        return mention
    changed = {name: f"{mention[name]}-{copy}" for name in IDS if mention.get(name)}
    if mention.get("created_at"):
        changed["created_at"] = (datetime.strptime(mention["created_at"], TIME) + later).strftime(TIME)
    return mention | changed


if __name__ == "__main__":
    main()
