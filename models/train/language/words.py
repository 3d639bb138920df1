"""The words of a text as the detector reads them: mirrored by `src/language/words.rs`.

`words_cases.jsonl` holds both to the same results.
"""

import string
import unicodedata
from itertools import pairwise

# Script groups by block, inclusive ranges of code points, sorted. A group is what one set of languages competes in:
# Han and kana are one, because Japanese mixes them. Mirrored by `src/language/scripts.rs`.
BLOCKS = (
    (0x41, 0x5A, "Latn"), (0x61, 0x7A, "Latn"), (0xAA, 0xAA, "Latn"), (0xBA, 0xBA, "Latn"),
    (0xC0, 0x24F, "Latn"), (0x250, 0x2AF, "Latn"), (0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl"),
    (0x531, 0x58F, "Armn"), (0x591, 0x5FF, "Hebr"), (0x600, 0x6FF, "Arab"), (0x700, 0x74F, "Syrc"),
    (0x750, 0x77F, "Arab"), (0x780, 0x7BF, "Thaa"), (0x7C0, 0x7FF, "Nkoo"), (0x8A0, 0x8FF, "Arab"),
    (0x900, 0x97F, "Deva"), (0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru"), (0xA80, 0xAFF, "Gujr"),
    (0xB00, 0xB7F, "Orya"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu"), (0xC80, 0xCFF, "Knda"),
    (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh"), (0xE00, 0xE7F, "Thai"), (0xE80, 0xEFF, "Laoo"),
    (0xF00, 0xFFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"), (0x13A0, 0x13FF, "Cher"), (0x1780, 0x17FF, "Khmr"), (0x1800, 0x18AF, "Mong"),
    (0x1C50, 0x1C7F, "Olck"), (0x1C80, 0x1C8F, "Cyrl"), (0x1C90, 0x1CBF, "Geor"), (0x1D00, 0x1DBF, "Latn"),
    (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"), (0x2C60, 0x2C7F, "Latn"), (0x2D00, 0x2D2F, "Geor"),
    (0x2D30, 0x2D7F, "Tfng"), (0x2D80, 0x2DDF, "Ethi"), (0x2DE0, 0x2DFF, "Cyrl"), (0x2E80, 0x2FDF, "Hani"),
    (0x3005, 0x3007, "Hani"), (0x3041, 0x30FF, "Hani"), (0x3130, 0x318F, "Hang"), (0x31F0, 0x31FF, "Hani"),
    (0x3400, 0x9FFF, "Hani"), (0xA640, 0xA69F, "Cyrl"), (0xA720, 0xA7FF, "Latn"), (0xA8E0, 0xA8FF, "Deva"),
    (0xA960, 0xA97F, "Hang"), (0xAB30, 0xAB6F, "Latn"), (0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"), (0xFB13, 0xFB17, "Armn"), (0xFB1D, 0xFB4F, "Hebr"), (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFE, "Arab"), (0xFF21, 0xFF3A, "Latn"), (0xFF41, 0xFF5A, "Latn"), (0xFF66, 0xFF9F, "Hani"),
    (0xFFA0, 0xFFDC, "Hang"), (0x1D400, 0x1D6A7, "Latn"), (0x1D6A8, 0x1D7CB, "Grek"), (0x20000, 0x323AF, "Hani"),
)  # fmt: skip
# What a character of a dense script is worth in letters of an alphabet.
DENSE = {"Hani": 3, "Hang": 2}
# Scripts in which a word of one or two letters over and over is laughter.
LAUGHING = ("Latn", "Cyrl", "Arab", "Hebr", "Grek")
LAUGHS = "hjxхһהهχ"
APOSTROPHES = "'’ʼ‘`ʻ"
NON_JOINER, JOINER = "\u200c", "\u200d"
MAX_LETTERS = 600
MAX_WORD = 100
MAX_ENTITY = 8
TATWEEL = "\u0640"
VOWELS = "aeiouy"


def _spread():
    table = {}
    for first, last, script in BLOCKS:
        for point in range(first, last + 1):
            table[chr(point)] = script
    return table


_SCRIPT = _spread()


def is_letter(char: str) -> bool:
    """A letter, or a mark that belongs to one."""
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nl"


def words(text: str) -> list[tuple[str, str]]:
    """The words of a text with their script groups, folded, without what says nothing of the language."""
    found, letters = [], 1  # the engine counts the spaces around words too
    for token in text.split():
        if token.isascii() and is_masked(token):
            continue
        for raw, script in _split(token):
            for word in fold(raw, script):
                if letters < MAX_LETTERS:
                    found.append((word, script))
                    letters += len(word) + 1
            if letters >= MAX_LETTERS:
                return found
    return found


def is_masked(token: str) -> bool:
    """Handles, addresses, mails and the mark of a repost, among tokens of ASCII characters."""
    domain = token[1:].partition("@")[2].rstrip(string.punctuation)
    return token == "RT" or token[0] == "@" or "://" in token or token[:4].lower() == "www." or "." in domain


def _masked_length(token: str, at: int) -> int:
    """The length of the handle or address that stands there, among letters of an unspaced script; 0 if none does."""
    rest = token[at : at + 8].lower()
    if token[at] in "@＠":
        end = at + 1
        while end < len(token) and token[end].isascii() and (token[end].isalnum() or token[end] == "_"):
            end += 1
        return end - at
    if rest.startswith(("http://", "https://", "www.")):
        end = at
        while end < len(token) and token[end].isascii():
            end += 1
        return end - at
    return 0


def _split(token: str):
    """Runs of letters of one script; digits stay inside where they may be letters (`3ala`, `sa7`)."""
    hashtag = token[:1] in "#＃"
    word, script, last = [], None, ""
    at = 0
    while at < len(token):
        char = token[at]
        masked = _masked_length(token, at)
        if not masked and char == "&":
            masked = _entity_length(token, at)
        if masked:
            yield from _pieces(word, script)
            word, script, last = [], None, " "
            at += masked
            continue
        at += 1
        here = _SCRIPT.get(char) if is_letter(char) else None
        if unicodedata.category(char)[0] == "M" and word:
            word += [char] * (len(word) < MAX_WORD)
        elif here:
            apart = here != (script or "Latn")
            if apart or hashtag and char.isupper() and last.islower() or len(word) >= MAX_WORD:
                yield from _pieces(word, script)
                word, script = [], None
            word.append(char)
            script = here
        elif word and (char in APOSTROPHES or char in (NON_JOINER, JOINER)):
            word += ["'" if char in APOSTROPHES else char] * (len(word) < MAX_WORD)
        elif char.isascii() and char.isdigit() and script in (None, "Latn"):
            word += [char] * (len(word) < MAX_WORD)
        else:
            yield from _pieces(word, script)
            word, script = [], None
        last = char
    yield from _pieces(word, script)


def _entity_length(token: str, at: int) -> int:
    """The length of the HTML entity that stands there; 0 if none does."""
    end = token.find(";", at, at + MAX_ENTITY)
    content = token[at + 1 : end].lstrip("#")
    return end + 1 - at if end > 0 and content.isascii() and content.isalnum() else 0


def _pieces(word: list[str], script: str | None):
    """A word as it is, or its letters alone where its digits are numbers."""
    if script is None:
        return
    text = "".join(word)
    digits = [c for c in text if c.isascii() and c.isdigit()]
    if not digits:
        yield text, script
        return
    runs = any(a.isdigit() and b.isdigit() for a, b in pairwise(text))
    if not runs and len(text) - len(digits) >= 3 and all(c in "2356789" for c in digits):
        yield text, script
        return
    for piece in "".join(" " if c.isascii() and c.isdigit() else c for c in text).split():
        yield piece, script


def fold(word: str, script: str) -> list[str]:
    """Lower case, compatibility forms, no more than two of a letter in a row; nothing if it is laughter.

    A compatibility form may be several words: ﷺ.
    """
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
    word = "".join(c.lower() for c in word if c not in (JOINER, TATWEEL))
    parts = [part.strip("'" + NON_JOINER) for part in word.split(" ")]
    return [_cut(part) for part in parts if part and not (script in LAUGHING and _is_laughter(part))]


def _cut(word: str) -> str:
    kept = ""
    for c in word[:MAX_WORD]:
        if kept[-2:] != c + c:
            kept += c
    return kept


def _is_laughter(word: str) -> bool:
    first, others = word[0], set(word) - {word[0]}
    if not others:
        return len(word) >= 3
    second = next(iter(others))
    changes = sum(a != b for a, b in pairwise(word))
    laughs = first in LAUGHS or second in LAUGHS or _is_consonant(first) and _is_consonant(second)
    return len(others) == 1 and changes >= 3 and (len(word) >= 6 or laughs)


def _is_consonant(char: str) -> bool:
    return "a" <= char <= "z" and char not in VOWELS


def main_script(found: list[tuple[str, str]]) -> str | None:
    """The script that most of the letters are in."""
    weight = {}
    for word, script in found:
        weight[script] = weight.get(script, 0) + len(word) * DENSE.get(script, 1)
    return max(weight, key=lambda s: (weight[s], s)) if weight else None
