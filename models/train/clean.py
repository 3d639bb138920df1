"""The text clean-up `social-v1`: what every text goes through before it is tokenized.

The engine does the same in Rust, so each step is written to be ported one to one: no regular
expressions, no locale, and every character class named by a Unicode property. `clean_cases.jsonl`
holds inputs and expected outputs for both sides.
"""

import unicodedata

from unicode_tables import ALPHABETIC_MARKS, WHITE_SPACE

ENTITIES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&apos;": "'",
    "&nbsp;": "\u00a0",
}
URL_STARTS = ("http://", "https://", "www.")
LONGEST_URL_START = max(map(len, URL_STARTS))
HANDLE_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
REMOVED = frozenset("\ufe0f\u200b\ufeff\u00ad")
MAX_REPEATS = 3


def clean(text: str) -> str:
    """Return `text` in the form that the tokenizer was trained on."""
    text = decode_entities(text)
    text = unicodedata.normalize("NFKC", text)
    text = replace_urls(text)
    text = replace_handles(text)
    text = text.lower()
    text = remove_invisible(text)
    text = cut_repeats(text)
    return squeeze_space(text)


def decode_entities(text: str) -> str:
    """Decode the seven entities in one pass, so that `&amp;lt;` becomes `&lt;` and stays so."""
    if "&" not in text:
        return text
    out = []
    i = 0
    while i < len(text):
        entity = _entity_at(text, i) if text[i] == "&" else None
        if entity is None:
            out.append(text[i])
            i += 1
        else:
            out.append(ENTITIES[entity])
            i += len(entity)
    return "".join(out)


def _entity_at(text: str, i: int) -> str | None:
    for entity in ENTITIES:
        if text.startswith(entity, i):
            return entity
    return None


def is_letter_or_digit(char: str) -> bool:
    """Alphabetic or Numeric, which is what Rust's `char::is_alphanumeric` tests."""
    return char.isalnum() or char in ALPHABETIC_MARKS


def replace_urls(text: str) -> str:
    """Put `http` in the place of each address, up to the next white space."""
    if "://" not in text and "." not in text:
        return text
    out = []
    i = 0
    while i < len(text):
        if _url_starts_at(text, i):
            out.append("http")
            while i < len(text) and text[i] not in WHITE_SPACE:
                i += 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def _url_starts_at(text: str, i: int) -> bool:
    if text[i] not in "hHwW":
        return False
    head = _ascii_lower(text[i : i + LONGEST_URL_START])
    return head.startswith(URL_STARTS) and not (i > 0 and is_letter_or_digit(text[i - 1]))


def _ascii_lower(text: str) -> str:
    """Lower-case A to Z only: `str.lower` would turn the Kelvin sign and others into ASCII."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def replace_handles(text: str) -> str:
    """Put `@user` in the place of each handle; an address such as `a@b.c` is not one."""
    if "@" not in text:
        return text
    out = []
    i = 0
    while i < len(text):
        end = _handle_end(text, i)
        if end > i:
            out.append("@user")
            i = end
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def _handle_end(text: str, i: int) -> int:
    """Where the handle that starts at `i` ends, or `i` if none starts there."""
    if text[i] != "@" or (i > 0 and is_letter_or_digit(text[i - 1])):
        return i
    end = i + 1
    while end < len(text) and text[end] in HANDLE_CHARS:
        end += 1
    return end if end > i + 1 else i


def remove_invisible(text: str) -> str:
    """Drop control characters (category Cc) that are not white space, and four invisible ones."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if not _is_invisible(c))


def _is_invisible(char: str) -> bool:
    if char in REMOVED:
        return True
    return (char < " " or "\x7f" <= char <= "\x9f") and char not in WHITE_SPACE


def cut_repeats(text: str) -> str:
    """Keep three of any longer run of one character: emphasis stays, its length does not."""
    out = []
    run = 0
    previous = ""
    for char in text:
        run = run + 1 if char == previous else 1
        previous = char
        if run <= MAX_REPEATS:
            out.append(char)
    return "".join(out)


def squeeze_space(text: str) -> str:
    """Make each run of white space one space, and trim."""
    spaced = "".join(" " if c in WHITE_SPACE else c for c in text)
    return " ".join(word for word in spaced.split(" ") if word)
