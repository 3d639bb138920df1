//! Text of others, and how wide it is.

use super::super::table::printable;

/// Most characters of a text that are looked at; more than any place has room for.
const MAX_CHARS: usize = 800;
const ELLIPSIS: char = '…';
/// Keeps what follows it in the direction of Arabic and Hebrew.
const RIGHT_TO_LEFT_MARK: char = '\u{200F}';

/// A size of print.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Font {
    /// Units of the picture, of which it is 720 wide.
    pub size: f64,
    pub bold: bool,
}

impl Font {
    pub const TITLE: Font = Font { size: 17.0, bold: true };
    pub const SUBTITLE: Font = Font { size: 13.0, bold: false };
    pub const LABEL: Font = Font { size: 12.0, bold: false };
    pub const SMALL: Font = Font { size: 10.5, bold: false };

    /// About as wide as the text can get in the fonts of the picture: a little more than words are in DejaVu Sans, the
    /// widest of them, whose widths these are by groups of letters.
    pub fn width(self, text: &str) -> f64 {
        text.chars().map(width_of).sum::<f64>() * self.em()
    }

    fn em(self) -> f64 {
        if self.bold { self.size * 1.13 } else { self.size }
    }

    /// The text, cut with `…` to a width.
    pub fn fit(self, text: &str, max_width: f64) -> String {
        if self.width(text) <= max_width {
            return text.to_owned();
        }
        let mut cut = self.prefix(text, max_width - self.width(&ELLIPSIS.to_string())).trim_end().to_owned();
        let is_right_to_left = cut.chars().next_back().is_some_and(is_right_to_left);
        cut.push(ELLIPSIS);
        // Without it the ellipsis would stand before the word that it cuts.
        if is_right_to_left {
            cut.push(RIGHT_TO_LEFT_MARK);
        }
        cut
    }

    /// The text in lines of at most a width, broken at spaces where there are any; the last line is cut.
    pub fn wrap(self, text: &str, max_width: f64, max_lines: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() && lines.len() < max_lines {
            if lines.len() + 1 == max_lines {
                lines.push(self.fit(rest, max_width));
                break;
            }
            let fitting = self.prefix(rest, max_width);
            let is_whole = fitting.len() == rest.len() || rest[fitting.len()..].starts_with(' ');
            let line = match fitting.rfind(' ') {
                Some(space) if !is_whole => &fitting[..space],
                _ => fitting,
            };
            if line.is_empty() {
                break;
            }
            lines.push(line.trim_end().to_owned());
            rest = rest[line.len()..].trim_start();
        }
        lines
    }

    /// As much of the text as fits. Marks stay with the letter that they stand on.
    fn prefix(self, text: &str, max_width: f64) -> &str {
        let mut width = 0.0;
        for (at, c) in text.char_indices() {
            width += width_of(c) * self.em();
            if width > max_width {
                return text[..at].trim_end_matches('\u{200D}');
            }
        }
        text
    }
}

/// Widths in ems.
fn width_of(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '\'' => 0.31,
        ' ' | 'f' | 't' | 'r' | '.' | ',' | ':' | ';' | '!' | '|' | '/' | '(' | ')' | '[' | ']' | '-' | '·' => 0.42,
        'm' | 'M' | 'W' | '@' | '%' | '—' | ELLIPSIS => 1.0,
        'w' | '+' | '=' | '<' | '>' | '~' | '#' | '&' | '−' | '×' => 0.84,
        'A'..='Z' => 0.79,
        '\0'..='~' => 0.64,
        '\u{1F000}'.. => 1.4,
        _ => match console::measure_text_width(c.encode_utf8(&mut [0; 4])) {
            0 => 0.0,
            1 => 0.85,
            _ => 1.05,
        },
    }
}

fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{0590}'..='\u{08FF}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFC}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// Text of others on one line, without what would steer the print, and without what XML cannot hold.
pub(super) fn clean(text: &str) -> String {
    let text: String = text.chars().take(MAX_CHARS).collect();
    let text = printable(&text).replace(['\u{FFFE}', '\u{FFFF}', '\u{2028}', '\u{2029}'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text as it stands in XML, between tags or in quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_room() {
        let font = Font::LABEL;
        let long = "delivery ".repeat(20);
        let cut = font.fit(&long, 100.0);
        assert!(cut.ends_with("…") && font.width(&cut) <= 100.0 && font.width(&cut) > 80.0, "{cut}");
        assert_eq!(font.fit("late", 100.0), "late");
        assert!(font.fit(&"توصيل".repeat(20), 100.0).ends_with("…\u{200F}"));
        assert_eq!(font.fit(&"e\u{301}".repeat(20), 28.0), "e\u{301}e\u{301}…", "marks stay with their letters");
        assert_eq!(font.fit("late", 0.0), "…");
    }

    #[test]
    fn text_is_broken_at_spaces_or_anywhere() {
        let font = Font::LABEL;
        assert_eq!(font.wrap("late again and again", 63.0, 3), ["late", "again and", "again"]);
        assert_eq!(font.wrap("late again", 400.0, 3), ["late again"]);
        assert_eq!(font.wrap("配送が遅い", 30.0, 3), ["配送", "が遅", "い"]);
        assert_eq!(font.wrap("late again and again", 63.0, 2), ["late", "again a…"]);
        assert!(font.wrap("  ", 60.0, 2).is_empty());
        assert!(font.wrap("late again", 1.0, 2).is_empty(), "ends where nothing fits");
    }

    #[test]
    fn text_of_others_is_plain() {
        assert_eq!(clean("a\u{0}\u{202E}b\n c\u{FFFF}d\u{2028}"), "a b c d");
        assert_eq!(escape("<a href=\"x\">'&'"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    }
}
