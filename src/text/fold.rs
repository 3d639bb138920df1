//! Folding: the form in which two spellings of the same words are the same characters.
//!
//! Folded are: compatibility forms (NFKC: full width, ligatures, mathematical letters), case, accents of Latin, Greek
//! and Cyrillic letters, Arabic and Hebrew vowel points, letter variants that writers use interchangeably, typographic
//! apostrophes and invisible characters. Kept are marks that carry meaning: Indic vowel signs, kana voicing, Thai tones,
//! й. Every folded character knows which characters of the original it came from.

use std::ops::Range;

use unicode_normalization::{
    IsNormalized, UnicodeNormalization, char::canonical_combining_class, char::decompose_canonical, is_nfkc_quick,
};

use super::script;

/// Most marks that are folded together with the character before them, as in Unicode's stream-safe text format (UAX 15,
/// section 13): stacks of thousands would otherwise be read again for each of them.
const MAX_CLUSTER_MARKS: usize = 30;

/// A folded text with the way back to the original.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each byte of `text`, the index of its cluster.
    cluster_of_byte: Vec<u32>,
    /// Where each cluster starts in the original, in bytes and in characters; one more entry marks the end.
    clusters: Vec<Position>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Position {
    byte: u32,
    char: u32,
}

impl Folded {
    /// The characters of the original that a byte range of the folded text came from. The range must not be empty and
    /// must lie within the text.
    pub fn original_chars(&self, range: Range<usize>) -> Range<usize> {
        let (start, end) = self.original_positions(range);
        start.char as usize..end.char as usize
    }

    /// The bytes of the original that a byte range of the folded text came from, under the same conditions.
    pub fn original_bytes(&self, range: Range<usize>) -> Range<usize> {
        let (start, end) = self.original_positions(range);
        start.byte as usize..end.byte as usize
    }

    /// Takes back the last character, which must be one byte long.
    pub(super) fn pop_byte(&mut self) {
        self.text.pop();
        self.cluster_of_byte.pop();
    }

    fn original_positions(&self, range: Range<usize>) -> (Position, Position) {
        let first = self.cluster_of_byte[range.start] as usize;
        let last = self.cluster_of_byte[range.end - 1] as usize;
        (self.clusters[first], self.clusters[last + 1])
    }

    /// Appends a character that comes from the characters now being folded.
    pub(super) fn push(&mut self, c: char) {
        let cluster = (self.clusters.len() - 1) as u32;
        self.text.push(c);
        self.cluster_of_byte.resize(self.text.len(), cluster);
    }
}

/// Folds a text, keeping all of its punctuation and spacing.
pub fn fold(text: &str) -> Folded {
    fold_with(text, |folded, c| folded.push(c))
}

/// Folds a text, handing every folded character to `emit` together with what was made so far.
pub(super) fn fold_with(text: &str, mut emit: impl FnMut(&mut Folded, char)) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        cluster_of_byte: Vec::with_capacity(text.len()),
        clusters: Vec::with_capacity(text.len() + 1),
    };
    let mut chars = text.char_indices().enumerate().peekable();
    while let Some((char, (byte, c))) = chars.next() {
        folded.clusters.push(Position { byte: byte as u32, char: char as u32 });
        if c.is_ascii() && chars.peek().is_none_or(|&(_, (_, next))| next.is_ascii()) {
            emit(&mut folded, c.to_ascii_lowercase());
            continue;
        }
        let mut end = byte + c.len_utf8();
        let mut marks = 0;
        while let Some(&(_, (at, next))) = chars.peek() {
            marks += 1;
            if !continues_cluster(next) || marks > MAX_CLUSTER_MARKS {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        for composed in text[byte..end].nfkc() {
            fold_char(composed, &mut |c| emit(&mut folded, c));
        }
    }
    folded.clusters.push(Position { byte: text.len() as u32, char: text.chars().count() as u32 });
    folded
}

/// True for a character that normalisation may compose with, or reorder after, the one before it. Of a compatibility
/// form (half-width voicing marks, compatibility jamo) what counts is what it decomposes to.
fn continues_cluster(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let composes = |c: char| canonical_combining_class(c) != 0 || quick_check(c) == IsNormalized::Maybe;
    match quick_check(c) {
        IsNormalized::No => std::iter::once(c).nfkd().next().is_some_and(composes),
        IsNormalized::Yes | IsNormalized::Maybe => composes(c),
    }
}

fn quick_check(c: char) -> IsNormalized {
    is_nfkc_quick(std::iter::once(c))
}

/// Folds one character of NFKC text; emits nothing for what folding removes.
fn fold_char(c: char, emit: &mut impl FnMut(char)) {
    for lower in c.to_lowercase() {
        if lower.is_ascii() {
            emit(lower);
        } else if !is_dropped(lower) {
            let plain = letter_variant(without_accent(lower));
            match spelled_out(plain) {
                Some(letters) => letters.chars().for_each(&mut *emit),
                None => emit(plain),
            }
        }
    }
}

/// Marks and invisible characters that writers leave out at will.
fn is_dropped(c: char) -> bool {
    script::is_invisible(c)
        || matches!(c,
            '\u{0300}'..='\u{036F}'                          // accents that composed with nothing
            | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' // Hebrew points
            | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}' | '\u{06DF}'..='\u{06E4}' // Arabic
            | '\u{055B}' | '\u{055C}' | '\u{055E}' // Armenian intonation marks, written inside words
            | '\u{093C}') // Devanagari nukta: ज़ and ज are typed alike
}

/// Letters that are written as two where the letter is missing from the keyboard.
fn spelled_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// The plain form of letters that Unicode does not decompose, and of letters typed interchangeably.
fn letter_variant(c: char) -> char {
    match c {
        'ς' => 'σ',
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ø' => 'o',
        'ı' => 'i',
        'ħ' => 'h',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' | 'ئ' => 'ي',
        'ة' | 'ہ' | 'ھ' | 'ە' => 'ه',
        'ؤ' => 'و',
        'ک' => 'ك',
        'ँ' => 'ं',
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '\u{00B4}' | '\u{0060}' | '\u{055A}' => '\'',
        other => other,
    }
}

/// The base letter of an accented Latin, Greek or Cyrillic letter; й, whose mark makes another letter, is kept.
fn without_accent(c: char) -> char {
    if c == 'й' || !matches!(c, '\u{00C0}'..='\u{052F}' | '\u{1E00}'..='\u{1FFF}') {
        return c;
    }
    let mut base = c;
    let mut first = true;
    decompose_canonical(c, |part| {
        if std::mem::take(&mut first) {
            base = part;
        }
    });
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_spellings_together() {
        let cases = [
            ("Kavēšanās", "kavesanas"),
            ("ŁÓDŹ", "lodz"),
            ("STRASSE Straße", "strasse strasse"),
            ("İstanbul ısı", "istanbul isi"),
            ("Ёлка й", "елка й"),
            ("ΛΌΓΟΣ λόγος", "λογοσ λογοσ"),
            ("مُحَمَّد أحمد", "محمد احمد"),
            ("ｆｕｌｌ ﬁne 𝐛𝐚𝐝", "full fine bad"),
            ("ｶﾞ が", "ガ が"),
            ("मराठी ज़रूर", "मराठी जरूर"),
            ("ինչո՞ւ", "ինչու"),
            ("don’t", "don't"),
            ("Việt Nam", "viet nam"),
            ("e\u{301}te\u{301}", "ete"),
            ("Ǽ Ǿ", "ae o"),
            ("각", "각"),
            ("\u{1100}\u{1161}\u{11A8}", "각"),
            ("\u{1100}\u{3161}", "그"),
        ];
        for (text, expected) in cases {
            assert_eq!(fold(text).text, expected, "{text}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_original() {
        let text = "Ļoti e\u{301}te\u{301}, STRAẞE";
        let folded = fold(text);
        let at = folded.text.find("ete").unwrap_or_default();
        assert_eq!(folded.original_chars(at..at + 3), 5..10);
        assert_eq!(&text[folded.original_bytes(at..at + 3)], "e\u{301}te\u{301}");
        let at = folded.text.find("strasse").unwrap_or_default();
        assert_eq!(&text[folded.original_bytes(at..at + 7)], "STRAẞE");
    }

    #[test]
    fn many_marks_on_one_letter_fold_to_the_letter() {
        let text = format!("e{}", "\u{301}".repeat(50_000));
        assert_eq!(fold(&text).text, "e");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text).text;
            prop_assert_eq!(&fold(&once).text, &once);
        }

        #[test]
        fn every_byte_maps_into_the_original(text in any::<String>()) {
            for folded in [fold(&text), crate::text::canonical::canonical(&text)] {
                for (at, c) in folded.text.char_indices() {
                    let bytes = folded.original_bytes(at..at + c.len_utf8());
                    prop_assert!(text.get(bytes.clone()).is_some_and(|piece| !piece.is_empty()));
                    let chars = folded.original_chars(at..at + c.len_utf8());
                    prop_assert_eq!(text[..bytes.start].chars().count(), chars.start);
                    prop_assert_eq!(text[..bytes.end].chars().count(), chars.end);
                }
            }
        }
    }
}
