"""Which languages the detector answers, and how the collections name them."""

# ISO 639-3, as the files of sentences are named, to the codes that earmark answers.
OF_FILE = {
    "ab": "ab", "afr": "af", "amh": "am", "ara": "ar", "arq": "arq", "arz": "ar", "asm": "as", "ast": "ast", "aze": "az",
    "bak": "ba", "bel": "be", "bem": "bem", "ben": "bn", "bod": "bo", "bos": "bs", "bre": "br", "bul": "bg", "cat": "ca",
    "ceb": "ceb", "ces": "cs", "chv": "cv", "ckb": "ckb", "cnh": "cnh", "cym": "cy", "dan": "da", "deu": "de", "div": "dv",
    "dzo": "dz", "ell": "el", "eng": "en", "epo": "eo", "est": "et", "eus": "eu", "ewe": "ee", "fao": "fo", "fas": "fa",
    "fij": "fj", "fin": "fi", "fra": "fr", "fry": "fy", "fuc": "ff", "gla": "gd", "gle": "ga", "glg": "gl", "grn": "gn",
    "guj": "gu", "hau": "ha", "heb": "he", "hin": "hi", "hmn": "hmn", "hrv": "hr", "hsb": "hsb", "hun": "hu", "hye": "hy",
    "ibo": "ig", "ind": "id", "isl": "is", "ita": "it", "jpn": "ja", "kab": "kab", "kan": "kn", "kat": "ka", "kaz": "kk",
    "khm": "km", "kin": "rw", "kir": "ky", "kor": "ko", "kur": "ku", "lao": "lo", "lat": "la", "lav": "lv", "lit": "lt",
    "ltz": "lb", "lug": "lg", "mal": "ml", "mar": "mr", "mkd": "mk", "mlg": "mg", "mlt": "mt", "mon": "mn", "mri": "mi",
    "msa": "ms", "mya": "my", "nde": "nd", "nep": "ne", "nld": "nl", "nno": "nn", "nob": "nb", "nso": "nso", "nya": "ny",
    "oci": "oc", "ori": "or", "orm": "om", "pan": "pa", "pol": "pl", "por": "pt", "pus": "ps", "roh": "rm", "ron": "ro",
    "rus": "ru", "sah": "sah", "sin": "si", "slk": "sk", "slv": "sl", "smo": "sm", "sna": "sn", "snd": "sd", "som": "so",
    "spa": "es", "sqi": "sq", "srp": "sr", "ssw": "ss", "swa": "sw", "swe": "sv", "tah": "ty", "tam": "ta", "tat": "tt",
    "tel": "te", "tgk": "tg", "tgl": "tl", "tha": "th", "tir": "ti", "ton": "to", "tsn": "tn", "tuk": "tk", "tur": "tr",
    "uig": "ug", "ukr": "uk", "urd": "ur", "uzb": "uz", "ven": "ve", "vie": "vi", "war": "war", "wol": "wo", "xho": "xh",
    "yid": "yi", "yor": "yo", "yue": "yue", "zho": "zh", "zul": "zu",
}  # fmt: skip
# Codes of the labelled texts that have another name here.
OF_TAG = {"no": "nb", "fil": "tl"}
# The 75 languages of lingua, whose exam is the anchor.
LINGUA = (
    "sq ar hy az eu be bn bs bg ca zh hr cs da nl en eo et fi fr lg ka de el gu he hi hu is id ga it ja kk ko la lv lt mk "
    "ms mi mr mn nb nn fa pl pt pa ro ru sr sn sk sl so st es sw sv tl ta te th ts tn tr uk ur vi cy xh yo zu af"
).split()
# Languages whose own script is not Latin: their text in Latin letters is romanised, and answered as CODE-Latn.
ROMANISED = (
    "ru uk bg mk be el hy ka he ar aeb arq ary fa ur hi mr ne bn as ta te kn ml gu pa si am ti th ko ja zh yue my km lo"
).split()
OFTEN = ("gl",)  # beside those of LINGUA
# What is added to the scores, in nats: English is met more often than any other language, romanised text less often than
# text in the language's own script, and not many write in the languages outside LINGUA on the platforms that brands watch.
ENGLISH_PRIOR = 0.7
ROMANISED_PRIOR = -0.7
RARE_PRIOR = -1.5
