#![allow(clippy::unwrap_used)]

use super::*;

fn detector(change: impl FnOnce(&mut LanguageOptions)) -> Detector {
    let mut options = LanguageOptions::default();
    change(&mut options);
    Detector::new(&options).unwrap()
}

fn code(text: &str) -> &'static str {
    detector(|_| {}).detect(text).code
}

#[test]
fn detects_by_script_and_by_words() {
    let cases = [
        ("Ծառայությունը շատ դանդաղ է", "hy"),
        ("서비스가 너무 느려요", "ko"),
        ("配送が遅いです", "ja"),
        ("物流太慢了,再也不买了", "zh"),
        ("จัดส่งช้ามาก", "th"),
        ("Η παράδοση άργησε πολύ", "el"),
        ("Piegāde kavējas jau trešo dienu, kauns par tādu servisu", "lv"),
        ("Paczka miała przyjść wczoraj, a kurier nawet nie zadzwonił", "pl"),
        ("The parcel was supposed to arrive yesterday and nobody called me", "en"),
        ("Почему вы опять списали деньги дважды? Это уже просто невыносимо", "ru"),
        ("Чому ви знову списали гроші двічі?", "uk"),
        ("पार्सल अजून आलं नाही, कोणी फोनही उचलत नाही", "mr"),
        ("पार्सल अभी तक नहीं आया, कोई फोन भी नहीं उठाता", "hi"),
    ];
    for (text, expected) in cases {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn short_messages_are_told_too() {
    let cases =
        [("gracias", "es"), ("paldies", "lv"), ("thank you", "en"), ("dziękuję bardzo", "pl"), ("grazie mille", "it")];
    for (text, expected) in cases {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn romanised_languages_are_recognised_as_such() {
    let cases = [
        ("bhai ye app bilkul kaam nahi kar raha hai, paise wapas karo", "hi-Latn"),
        ("pochemu vy opyat spisali dengi dvazhdy", "ru-Latn"),
        ("kalimera, pote tha erthei to dema mou re paidia", "el-Latn"),
    ];
    for (text, expected) in cases {
        let language = detector(|_| {}).detect(text);
        assert_eq!((language.code, language.script), (expected, Some("Latn")), "{text}");
    }
}

#[test]
fn texts_without_words_are_zxx() {
    let hostile = [
        "",
        " \n\t",
        "12345",
        "+371 2000 0000",
        "@someone @other_one",
        "https://example.com/a?b=c",
        "www.example.com",
        "me@example.com",
        "😂😂😂",
        "👍🏽 ❤️",
        "🇱🇻🇱🇹",
        "!!!???",
        "$9.99",
        "…",
        "hahahahaha",
        "jajajaja 😂",
        "kkkkkkk",
        "wwwww",
        "ههههههه",
        "хахаха",
        "\u{200D}\u{FE0F}\u{200B}",
        "@someone https://example.com/a 123 😡",
        "&amp; &lt; &gt;",
    ];
    for text in hostile {
        assert_eq!(code(text), NO_WORDS, "{text:?}");
    }
}

#[test]
fn what_cannot_be_told_is_und() {
    for text in ["ok", "q", "xqzt vvkpj wrrnm", "vkqzx wjpfq"] {
        assert_eq!(code(text), UNDETERMINED, "{text}");
    }
}

#[test]
fn answers_only_what_is_allowed() {
    let baltic = detector(|options| options.languages = vec!["lv".into(), "en".into()]);
    assert_eq!(baltic.detect("Piegāde kavējas jau trešo dienu").code, "lv");
    assert_eq!(baltic.detect("서비스가 너무 느려요").code, UNDETERMINED);
    assert_eq!(baltic.languages(), ["en", "lv"]);
    let armenian = detector(|options| options.languages = vec!["hy".into()]);
    assert_eq!(armenian.detect("Ծառայությունը շատ դանդաղ է").code, "hy");
    assert_eq!(armenian.detect("The parcel was supposed to arrive yesterday").code, UNDETERMINED);
    let unknown = LanguageOptions { languages: vec!["xx".into()], ..LanguageOptions::default() };
    let error = Detector::new(&unknown).unwrap_err();
    assert!(error.is_user_error() && error.to_string().contains("\"xx\"; known are ab, "), "{error}");
}

#[test]
fn a_language_can_be_forced() {
    let forced = detector(|options| options.always = Some("no".into()));
    assert_eq!(forced.detect("anything at all").code, "nb");
    assert_eq!(forced.detect("123").code, NO_WORDS);
}

#[test]
fn a_claim_settles_what_the_words_leave_open() {
    let trusting = detector(|options| options.trust_claimed = 0.9);
    let claimed = |text, tag| trusting.detect_with(text, &Hints { claimed: Some(tag), channel: None });
    let open = "super app";
    assert_eq!(claimed(open, "pl").code, "pl");
    assert_eq!(claimed(open, "de-AT").code, "de");
    assert_eq!(claimed("The parcel was supposed to arrive yesterday and nobody called", "lv").code, "en");
    assert_eq!(claimed("서비스가 너무 느려요", "lv").code, "ko");
    assert_eq!(claimed(open, "qme").code, trusting.detect(open).code);
}

#[test]
fn the_likeliest_languages_are_listed_in_order() {
    let language = detector(|options| options.top = 3).detect("Tak for den hurtige levering");
    let confidences: Vec<f64> = language.top.iter().map(|ranked| ranked.confidence).collect();
    assert_eq!(language.top.len(), 3);
    assert_eq!(language.top[0].code, language.code);
    assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
}

#[test]
fn parts_in_two_languages_are_told_apart() {
    let spans = detector(|options| options.spans = true);
    let text = "The delivery was really quick today, pero la caja llegó completamente rota y nadie me contesta";
    let language = spans.detect(text);
    let codes: Vec<&str> = language.spans.iter().map(|span| span.code).collect();
    assert_eq!(codes, ["en", "es"], "{:?}", language.spans);
    let second: String = text.chars().skip(language.spans[1].start).collect();
    assert!(second.starts_with("pero"), "{second}");

    let scripts = spans.detect("Спасибо огромное, дошло за два дня! Liels paldies kurjeram, ļoti laipns puisis");
    assert_eq!(scripts.spans.iter().map(|span| span.code).collect::<Vec<_>>(), ["ru", "lv"]);
    assert!(spans.detect("The delivery was really quick today").spans.is_empty());
}

#[test]
fn whatlang_can_be_asked_instead() {
    let baseline = detector(|options| options.engine = LanguageEngine::Whatlang);
    let language = baseline.detect("The parcel was supposed to arrive yesterday and nobody called me");
    assert_eq!((language.code, language.script), ("en", Some("Latn")));
    assert_eq!(baseline.detect("😂").code, NO_WORDS);
}

/// The answers of the trainer's own arithmetic.
#[test]
fn answers_are_those_of_the_trainer() {
    #[derive(serde::Deserialize)]
    struct Case {
        text: String,
        code: String,
        confidence: f64,
    }
    let detector = detector(|_| {});
    for line in include_str!("../../models/language/cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let language = detector.detect(&case.text);
        assert_eq!(language.code, case.code, "{}", case.text);
        assert!((language.confidence - case.confidence).abs() < 0.02, "{language:?}, not {}", case.confidence);
    }
}

#[test]
fn what_was_read_before_does_not_matter() {
    let detector = Detector::new(&LanguageOptions { top: 5, ..LanguageOptions::default() }).unwrap();
    let texts = [
        format!("{} {}", "خوب است ".repeat(80), "ﷺ".repeat(100)),
        format!("a{}", "'2'3".repeat(5000)),
        format!("salam{}", "3'".repeat(20_000)),
        "صلى الله عليه وسلمصلى وسلم".to_owned(),
        "where is my parcel, it should have come a week ago".to_owned(),
    ];
    let fresh = |text: &String| std::thread::scope(|scope| scope.spawn(|| detector.detect(text)).join().unwrap());
    let alone: Vec<Language> = texts.iter().map(fresh).collect();
    for _ in 0..2 {
        let among_others: Vec<Language> = texts.iter().rev().map(|text| detector.detect(text)).rev().collect();
        assert_eq!(among_others, alone);
    }
}
