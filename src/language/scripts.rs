//! Script groups: what one set of languages competes in. Mirrored by `models/train/language/words.py`.

use serde::Deserialize;

/// A script, or scripts that are written together: Han and kana are one group, because Japanese mixes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Script {
    /// Arabic.
    Arab,
    /// Armenian.
    Armn,
    /// Bengali.
    Beng,
    /// Cherokee.
    Cher,
    /// Cyrillic.
    Cyrl,
    /// Devanagari.
    Deva,
    /// Ethiopic.
    Ethi,
    /// Georgian.
    Geor,
    /// Greek.
    Grek,
    /// Gujarati.
    Gujr,
    /// Gurmukhi.
    Guru,
    /// Hangul.
    Hang,
    /// Han, Hiragana and Katakana.
    Hani,
    /// Hebrew.
    Hebr,
    /// Khmer.
    Khmr,
    /// Kannada.
    Knda,
    /// Lao.
    Laoo,
    /// Latin.
    Latn,
    /// Malayalam.
    Mlym,
    /// Mongolian.
    Mong,
    /// Myanmar.
    Mymr,
    /// N'Ko.
    Nkoo,
    /// Ol Chiki.
    Olck,
    /// Oriya.
    Orya,
    /// Sinhala.
    Sinh,
    /// Syriac.
    Syrc,
    /// Tamil.
    Taml,
    /// Telugu.
    Telu,
    /// Tifinagh.
    Tfng,
    /// Thaana.
    Thaa,
    /// Thai.
    Thai,
    /// Tibetan.
    Tibt,
}

impl Script {
    /// The script of a letter or mark; none for characters of scripts that earmark does not tell.
    pub(super) fn of(c: char) -> Option<Script> {
        use Script::*;
        let script = match c as u32 {
            0x41..=0x5A | 0x61..=0x7A | 0xAA | 0xBA | 0xC0..=0x2AF => Latn,
            0x370..=0x3FF | 0x1F00..=0x1FFF | 0x1D6A8..=0x1D7CB => Grek,
            0x400..=0x52F | 0x1C80..=0x1C8F | 0x2DE0..=0x2DFF | 0xA640..=0xA69F => Cyrl,
            0x531..=0x58F | 0xFB13..=0xFB17 => Armn,
            0x591..=0x5FF | 0xFB1D..=0xFB4F => Hebr,
            0x600..=0x6FF | 0x750..=0x77F | 0x8A0..=0x8FF | 0xFB50..=0xFDFF | 0xFE70..=0xFEFE => Arab,
            0x700..=0x74F => Syrc,
            0x780..=0x7BF => Thaa,
            0x7C0..=0x7FF => Nkoo,
            0x900..=0x97F | 0xA8E0..=0xA8FF => Deva,
            0x980..=0x9FF => Beng,
            0xA00..=0xA7F => Guru,
            0xA80..=0xAFF => Gujr,
            0xB00..=0xB7F => Orya,
            0xB80..=0xBFF => Taml,
            0xC00..=0xC7F => Telu,
            0xC80..=0xCFF => Knda,
            0xD00..=0xD7F => Mlym,
            0xD80..=0xDFF => Sinh,
            0xE00..=0xE7F => Thai,
            0xE80..=0xEFF => Laoo,
            0xF00..=0xFFF => Tibt,
            0x1000..=0x109F => Mymr,
            0x10A0..=0x10FF | 0x1C90..=0x1CBF | 0x2D00..=0x2D2F => Geor,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xFFA0..=0xFFDC => Hang,
            0x1200..=0x139F | 0x2D80..=0x2DDF => Ethi,
            0x13A0..=0x13FF => Cher,
            0x1780..=0x17FF => Khmr,
            0x1800..=0x18AF => Mong,
            0x1C50..=0x1C7F => Olck,
            0x1D00..=0x1DBF | 0x1E00..=0x1EFF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF | 0xAB30..=0xAB6F => Latn,
            0xFB00..=0xFB06 | 0xFF21..=0xFF3A | 0xFF41..=0xFF5A | 0x1D400..=0x1D6A7 => Latn,
            0x2D30..=0x2D7F => Tfng,
            0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3041..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x9FFF => Hani,
            0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x20000..=0x323AF => Hani,
            _ => return None,
        };
        Some(script)
    }

    /// What a character says, in letters of an alphabet: a syllable or ideograph says more.
    pub(super) fn weight(self) -> usize {
        match self {
            Script::Hani => 3,
            Script::Hang => 2,
            _ => 1,
        }
    }

    /// True where letters have an upper case.
    pub(super) fn has_case(self) -> bool {
        use Script::*;
        matches!(self, Latn | Cyrl | Grek | Armn | Geor | Cher)
    }

    /// True where words are written apart.
    pub(super) fn has_spaces(self) -> bool {
        use Script::*;
        !matches!(self, Hani | Thai | Laoo | Khmr | Mymr | Tibt)
    }

    /// True where a word of one or two letters over and over is laughter (`hahaha`, `kkkk`, `ههههه`).
    pub(super) fn laughs(self) -> bool {
        matches!(self, Script::Latn | Script::Cyrl | Script::Arab | Script::Hebr | Script::Grek)
    }

    /// The script's ISO 15924 code; `Hani` stands for kana too.
    pub fn code(self) -> &'static str {
        use Script::*;
        match self {
            Arab => "Arab",
            Armn => "Armn",
            Beng => "Beng",
            Cher => "Cher",
            Cyrl => "Cyrl",
            Deva => "Deva",
            Ethi => "Ethi",
            Geor => "Geor",
            Grek => "Grek",
            Gujr => "Gujr",
            Guru => "Guru",
            Hang => "Hang",
            Hani => "Hani",
            Hebr => "Hebr",
            Khmr => "Khmr",
            Knda => "Knda",
            Laoo => "Laoo",
            Latn => "Latn",
            Mlym => "Mlym",
            Mong => "Mong",
            Mymr => "Mymr",
            Nkoo => "Nkoo",
            Olck => "Olck",
            Orya => "Orya",
            Sinh => "Sinh",
            Syrc => "Syrc",
            Taml => "Taml",
            Telu => "Telu",
            Tfng => "Tfng",
            Thaa => "Thaa",
            Thai => "Thai",
            Tibt => "Tibt",
        }
    }
}
