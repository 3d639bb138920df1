//! Elements of SVG, written one after the other.

use std::fmt::Write;

use super::text::{Font, clean, escape};

/// Which end of a text is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The elements so far. Text is cleaned and escaped, whosever it is; attributes are not: they are ours.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    out: String,
}

impl Canvas {
    /// Draws elements that share attributes.
    pub fn group(&mut self, attributes: &str, draw: impl FnOnce(&mut Canvas)) {
        self.write(format_args!("<g {attributes}>"));
        draw(self);
        self.out.push_str("</g>\n");
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        self.write(format_args!(r#"<text x="{}" y="{}"{anchor}>{}</text>"#, short(x), short(y), escape(&clean(text))));
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.path(&Path::default().start(x1, y1).line(x2, y2));
    }

    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let [x, y, width, height] = [x, y, width, height].map(short);
        self.write(format_args!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}"/>"#));
    }

    pub fn dot(&mut self, x: f64, y: f64, radius: f64) {
        self.write(format_args!(r#"<circle cx="{}" cy="{}" r="{}"/>"#, short(x), short(y), short(radius)));
    }

    /// Draws a path, unless it is empty.
    pub fn path(&mut self, path: &Path) {
        if !path.0.is_empty() {
            self.write(format_args!(r#"<path d="{}"/>"#, path.0));
        }
    }

    pub fn into_string(self) -> String {
        self.out
    }

    fn write(&mut self, text: std::fmt::Arguments) {
        // Writing to a string does not fail.
        let _ = self.out.write_fmt(text);
    }
}

/// The commands of a path.
#[derive(Debug, Default)]
pub(super) struct Path(String);

impl Path {
    pub fn start(self, x: f64, y: f64) -> Path {
        self.command('M', &[x, y])
    }

    pub fn line(self, x: f64, y: f64) -> Path {
        self.command('L', &[x, y])
    }

    /// To this height, straight up or down.
    pub fn vertical(self, y: f64) -> Path {
        self.command('V', &[y])
    }

    /// To this place, straight left or right.
    pub fn horizontal(self, x: f64) -> Path {
        self.command('H', &[x])
    }

    pub fn close(mut self) -> Path {
        self.0.push('Z');
        self
    }

    /// A line through all points.
    pub fn along(self, points: &[(f64, f64)]) -> Path {
        let (Some(first), rest) = (points.first(), points.get(1..).unwrap_or_default()) else { return self };
        rest.iter().fold(self.start(first.0, first.1), |path, point| path.line(point.0, point.1))
    }

    fn command(mut self, letter: char, numbers: &[f64]) -> Path {
        self.0.push(letter);
        for (i, number) in numbers.iter().enumerate() {
            if i > 0 {
                self.0.push(' ');
            }
            self.0.push_str(&short(*number));
        }
        self
    }
}

/// A number with at most two decimals, as short as it can be written.
pub(super) fn short(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

/// The attributes of a size of print.
pub(super) fn font(font: Font) -> String {
    let weight = if font.bold { r#" font-weight="bold""# } else { "" };
    format!(r#"font-size="{}"{weight}"#, font.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0.0, -0.001, 1.0, 1.005, 12.3456, -7.5].map(short), ["0", "0", "1", "1", "12.35", "-7.5"]);
        assert_eq!(Path::default().along(&[(1.0, 2.0), (3.0, 4.5)]).close().0, "M1 2L3 4.5Z");
        assert!(Path::default().along(&[]).0.is_empty());
    }
}
