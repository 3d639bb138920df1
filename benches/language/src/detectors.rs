//! The detectors, each as a function from a text to a code and a confidence.

use earmark::language::{Detector, LanguageOptions, UNDETERMINED};

/// Answers the code of a text's language and how sure it is; `None` if it cannot tell.
type Detect = Box<dyn Fn(&str) -> Option<(String, f64)>>;

/// A detector under examination.
pub struct Contestant {
    pub name: &'static str,
    /// The languages it knows, where the exam has others too.
    pub languages: Option<Vec<String>>,
    pub detect: Detect,
}

/// All contestants, earmark first.
pub fn contestants() -> anyhow::Result<Vec<Contestant>> {
    let lingua_languages = lingua::Language::all();
    let of_lingua: Vec<String> = lingua_languages.iter().map(|l| l.iso_code_639_1().to_string()).collect();
    let earmark = |name, options: LanguageOptions| -> anyhow::Result<Contestant> {
        let detector = Detector::new(&options)?;
        let detect = move |text: &str| {
            let language = detector.detect(text);
            (language.code != UNDETERMINED).then(|| (language.code.to_owned(), language.confidence))
        };
        Ok(Contestant { name, languages: None, detect: Box::new(detect) })
    };
    let known_by_lingua = of_lingua.clone();
    let of_lingua_always = LanguageOptions { languages: of_lingua, min_confidence: 0.0, ..Default::default() };
    let lingua = |name, low_accuracy: bool| {
        let mut builder = lingua::LanguageDetectorBuilder::from_all_languages();
        builder.with_preloaded_language_models();
        if low_accuracy {
            builder.with_low_accuracy_mode();
        }
        let detector = builder.build();
        let detect = move |text: &str| {
            detector.detect_language_of(text).map(|language| (language.iso_code_639_1().to_string(), 1.0))
        };
        Contestant { name, languages: Some(known_by_lingua.clone()), detect: Box::new(detect) }
    };
    let whichlang = |text: &str| Some((code_of(whichlang::detect_language(text).three_letter_code()), 1.0));
    Ok(vec![
        earmark("earmark, all languages", LanguageOptions::default())?,
        earmark("earmark, lingua's languages, always answering", of_lingua_always)?,
        lingua("lingua, high accuracy", false),
        lingua("lingua, low accuracy", true),
        Contestant {
            name: "whatlang",
            languages: Some(whatlang::Lang::all().iter().map(|lang| code_of(lang.code())).collect()),
            detect: Box::new(plain_whatlang),
        },
        Contestant {
            name: "whichlang",
            languages: Some(whichlang::LANGUAGES.iter().map(|lang| code_of(lang.three_letter_code())).collect()),
            detect: Box::new(whichlang),
        },
    ])
}

/// whatlang as it comes, its ISO 639-3 codes put in the exam's.
fn plain_whatlang(text: &str) -> Option<(String, f64)> {
    let info = whatlang::detect(text)?;
    Some((code_of(info.lang().code()), info.confidence()))
}

/// The exam's code of an ISO 639-3 code.
fn code_of(three: &str) -> String {
    let three = match three {
        "cmn" => "zho",
        "pes" => "fas",
        three => three,
    };
    let two = isolang::Language::from_639_3(three).and_then(|language| language.to_639_1());
    two.unwrap_or(three).to_owned()
}
