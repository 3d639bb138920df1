//! Language codes: ISO 639-1 where there is one, else 639-3; `CODE-Latn` where a language of another script is romanised.

use super::model::Model;
use super::scripts::Script;

/// Scripts that the model has no class for, because one language is all that is met in them.
pub(super) const ONE_LANGUAGE: [(Script, &str); 6] = [
    (Script::Cher, "chr"),
    (Script::Mong, "mn"),
    (Script::Nkoo, "nqo"),
    (Script::Olck, "sat"),
    (Script::Syrc, "syr"),
    (Script::Tfng, "zgh"),
];

/// What platforms call languages that have another code here.
const ALIASES: [(&str, &str); 10] = [
    ("cmn", "zh"),
    ("fil", "tl"),
    ("in", "id"),
    ("iw", "he"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("kmr", "ku"),
    ("mo", "ro"),
    ("no", "nb"),
    ("sh", "sr"),
];

/// Languages in which one's words are mostly the other's too.
const RELATIVES: [&[&str]; 8] = [
    &["ar", "aeb", "arq", "ary"],
    &["bs", "hr", "sr"],
    &["en", "pcm"],
    &["id", "ms"],
    &["nb", "nn", "no"],
    &["tl", "fil"],
    &["zh", "yue"],
    &["ku", "ckb"],
];

/// The codes of all classes, those of several scripts more than once.
fn answers(model: &'static Model) -> impl Iterator<Item = &'static str> {
    let classes =
        model.groups().iter().flat_map(|group| &group.codes).map(String::as_str).filter(|code| !code.is_empty());
    classes.chain(ONE_LANGUAGE.iter().map(|(_, code)| *code))
}

/// The languages a detector may answer besides `und` and `zxx`, sorted.
pub(super) fn known(model: &'static Model) -> Vec<&'static str> {
    let mut codes: Vec<&str> = answers(model).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The known code that a platform's tag stands for: `en-US` is `en`, `no` is `nb`, `hi-Latn` is itself.
pub(super) fn canonical(tag: &str, model: &'static Model) -> Option<&'static str> {
    let find = |tag: &str| {
        let aliased = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(tag)).map_or(tag, |(_, code)| code);
        answers(model).find(|code| code.eq_ignore_ascii_case(aliased))
    };
    find(tag).or_else(|| find(tag.split(['-', '_']).next().unwrap_or(tag)))
}

/// The language of a code without its script: `hi` of `hi-Latn`.
pub(super) fn base(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

/// True if words of one language are mostly words of the other: the same language, or a close relative, in any script.
pub(crate) fn share_words(one: &str, other: &str) -> bool {
    let (one, other) = (base(one), base(other));
    one == other || RELATIVES.iter().any(|family| family.contains(&one) && family.contains(&other))
}
