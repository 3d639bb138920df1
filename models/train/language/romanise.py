"""How people write languages of other scripts in Latin letters: makes training texts where there are none.

Each letter has one to three spellings, and a text uses one of them throughout, chosen by the text: informal
romanisation is not one standard. For Indic scripts the inherent vowel is written and dropped at the end of words.
"""

import random

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh|j", "з": "z", "и": "i", "й": "y|j|i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h|kh|x",
    "ц": "ts|c", "ч": "ch|4", "ш": "sh|6", "ъ": "", "ь": "|'", "ю": "yu|ju", "я": "ya|ja|ia",
}  # fmt: skip
TABLES = {
    "ru": _CYRILLIC | {"ё": "yo|e|jo", "щ": "sch|sh|shch", "ы": "y|i", "э": "e"},
    "uk": _CYRILLIC | {"г": "h|g", "ґ": "g", "и": "y|u", "і": "i", "ї": "yi|ji|i", "є": "ye|je|e", "щ": "shch|sch"},
    "be": _CYRILLIC | {"г": "h", "і": "i", "ў": "u|w", "ё": "yo|io", "ы": "y", "э": "e"},
    "bg": _CYRILLIC | {"ъ": "a|y|u", "щ": "sht|6t", "ж": "zh|j", "х": "h"},
    "mk": _CYRILLIC | {"ѓ": "gj|g", "ќ": "kj|k", "ѕ": "dz", "џ": "dz|dj", "љ": "lj|l", "њ": "nj|n", "ј": "j", "ч": "c|ch",
                       "ш": "s|sh", "ж": "z|zh", "ц": "c", "х": "h"},
    "el": {"α": "a", "ά": "a", "β": "v|b", "γ": "g", "δ": "d", "ε": "e", "έ": "e", "ζ": "z", "η": "i|h", "ή": "i|h",
           "θ": "th|8", "ι": "i", "ί": "i", "ϊ": "i", "ΐ": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x|ks|3",
           "ο": "o", "ό": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y|u", "ύ": "y|u", "ϋ": "y",
           "φ": "f|ph", "χ": "x|h|ch", "ψ": "ps", "ω": "o|w", "ώ": "o|w"},
    "hy": {"ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "y|@", "թ": "t", "ժ": "zh|j",
           "ի": "i", "լ": "l", "խ": "kh|x", "ծ": "ts|c", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "gh|x", "ճ": "ch|j",
           "մ": "m", "յ": "y", "ն": "n", "շ": "sh", "ո": "o|vo", "չ": "ch", "պ": "p", "ջ": "j", "ռ": "r", "ս": "s",
           "վ": "v", "տ": "t", "ր": "r", "ց": "c|ts", "ւ": "u|v", "փ": "p", "ք": "q|k", "օ": "o", "ֆ": "f", "և": "ev"},
    "ka": {"ა": "a", "ბ": "b", "გ": "g", "დ": "d", "ე": "e", "ვ": "v", "ზ": "z", "თ": "t", "ი": "i", "კ": "k", "ლ": "l",
           "მ": "m", "ნ": "n", "ო": "o", "პ": "p", "ჟ": "j|zh", "რ": "r", "ს": "s", "ტ": "t", "უ": "u", "ფ": "f|p",
           "ქ": "q|k", "ღ": "g|gh|r", "ყ": "y|k", "შ": "sh", "ჩ": "ch", "ც": "c|ts", "ძ": "dz", "წ": "w|ts", "ჭ": "ch|w",
           "ხ": "x|kh", "ჯ": "j", "ჰ": "h"},
    "he": {"א": "a", "ב": "b|v", "ג": "g", "ד": "d", "ה": "h|a", "ו": "o|u|v", "ז": "z", "ח": "ch|h", "ט": "t", "י": "i|y",
           "כ": "k|ch", "ך": "ch", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "a", "פ": "p|f",
           "ף": "f", "צ": "tz|ts", "ץ": "tz|ts", "ק": "k", "ר": "r", "ש": "sh", "ת": "t"},
    "fa": {"ا": "a", "آ": "a|aa", "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh|x", "د": "d",
           "ذ": "z", "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "a",
           "غ": "gh", "ف": "f", "ق": "gh|q", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "و": "o|v|u", "ه": "h|e",
           "ی": "i|y"},
}  # fmt: skip


def _indic(first: int) -> tuple[dict, dict]:
    """Consonants and vowels of an Indic block: the blocks are laid out alike."""
    consonants = "k|kh|g|gh|n|ch|chh|j|jh|n|t|th|d|dh|n|t|th|d|dh|n|n|p|ph|b|bh|m|y|r|r|l|l|l|v|sh|sh|s|h".split("|")
    vowels = {0x05: "a", 0x06: "aa|a", 0x07: "i", 0x08: "ee|i", 0x09: "u", 0x0A: "oo|u", 0x0B: "ri", 0x0E: "e", 0x0F: "e",
              0x10: "ai", 0x12: "o", 0x13: "o", 0x14: "au"}  # fmt: skip
    signs = {0x3E: "aa|a", 0x3F: "i", 0x40: "ee|i", 0x41: "u", 0x42: "oo|u", 0x43: "ri", 0x46: "e", 0x47: "e", 0x48: "ai",
             0x4A: "o", 0x4B: "o", 0x4C: "au|ou"}  # fmt: skip
    plain = {chr(first + at): spelt for at, spelt in vowels.items()} | {chr(first + 2): "n", chr(first + 1): "n"}
    return {chr(first + 0x15 + n): spelt for n, spelt in enumerate(consonants)}, (
        plain | {chr(first + at): spelt for at, spelt in signs.items()}
    )


_INDIC = {"hi": 0x900, "mr": 0x900, "ne": 0x900, "bn": 0x980, "gu": 0xA80, "pa": 0xA00, "ta": 0xB80, "te": 0xC00,
          "kn": 0xC80, "ml": 0xD00}  # fmt: skip
# Languages that drop the inherent vowel at the end of a word.
_DROPPING = ("hi", "mr", "ne", "bn", "gu", "pa")
for _code in ("ne", "gu", "pa", "te", "kn"):
    TABLES[_code] = {}


def apply(text: str, code: str) -> str:
    """The text in Latin letters, as one of its writers might spell it."""
    choose = random.Random(text)
    if code in _INDIC:
        return _apply_indic(text.lower(), code, choose)
    table = {ord(char): choose.choice(spelt.split("|")) for char, spelt in TABLES[code].items()}
    return text.lower().translate(table)


def _apply_indic(text, code, choose):
    consonants, vowels = _indic(_INDIC[code])
    chosen = {char: choose.choice(spelt.split("|")) for char, spelt in vowels.items()}
    virama = chr(_INDIC[code] + 0x4D)
    out = []
    for at, char in enumerate(text):
        after = text[at + 1] if at + 1 < len(text) else " "
        if char in consonants:
            out.append(consonants[char])
            follows = after in consonants or after.isspace() or not after.isalnum() and after not in vowels
            ends = not (after in consonants or after in vowels)
            if after != virama and follows and not (ends and code in _DROPPING):
                out.append("a")
        elif char in chosen:
            out.append(chosen[char])
        elif char != virama:
            out.append(char)
    return "".join(out)
