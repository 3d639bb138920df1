//! The detector's features: character n-grams within words, and whole words, as hashes.
//!
//! A word stands between two spaces, which take part in its n-grams. Mirrored by `models/train/language/grams.py`.

/// The longest n-gram, in characters.
const LONGEST: usize = 5;
const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
const PRIME: u64 = 0xD6E8_FEB8_6659_FD93;
/// Set in every hash; the hash of an n-gram is never zero while the recipe counts it.
const TOP: u64 = 1 << 63;

fn extend(hash: u64, c: char) -> u64 {
    let hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(PRIME);
    hash ^ (hash >> 32)
}

/// The hash of some characters as they stand.
pub(super) fn hash(characters: &[char]) -> u64 {
    characters.iter().fold(SEED, |hash, &c| extend(hash, c))
}

/// Where an n-gram may live in the table: the set of rows, and the mark by which its row is known.
pub(super) fn slot(hash: u64, sets: u64) -> (usize, u16) {
    let mixed = hash.wrapping_mul(SEED);
    ((((mixed >> 32) * sets) >> 32) as usize, mixed as u16)
}

/// Adds the hashes of the n-grams of a word, and of the word itself; `spaced` is the word between two spaces.
pub(super) fn add_hashes(spaced: &[char], hashes: &mut Vec<u64>) {
    for start in 0..spaced.len() - 1 {
        let gram = &spaced[start..(start + LONGEST).min(spaced.len())];
        let mut hash = extend(SEED, gram[0]);
        if start > 0 {
            hashes.push(hash | TOP);
        }
        for &c in &gram[1..] {
            hash = extend(hash, c);
            hashes.push(hash | TOP);
        }
    }
    let word = &spaced[1..spaced.len() - 1];
    if word.len() >= LONGEST - 1 {
        hashes.push(word.iter().fold(SEED + 1, |hash, &c| extend(hash, c)) | TOP);
    }
}
