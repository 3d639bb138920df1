//! Colours, in light and in dark.
//!
//! Categories are those of Okabe and Ito (Color Universal Design, 2008), which people who see no red or no green can tell
//! apart, without their yellow, which does not show on white. Of sentiments, negative and positive are a dark orange and
//! a blue, and the others greys.

/// The colour of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Of negative mentions.
    Negative,
    /// Of neutral mentions.
    Neutral,
    /// Of positive mentions.
    Positive,
    /// Of mentions without a sentiment.
    Unscored,
    /// Of all the categories that have no colour of their own.
    Other,
    /// Of a category, by its number from 0; the same again after eight.
    Nth(usize),
}

/// What is drawn in a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Areas and dots.
    Fill,
    Stroke,
    /// Text on the ground of the picture.
    Text,
    /// Text on an area of the colour.
    On,
}

/// A colour on a light and on a dark ground.
struct Paint {
    class: &'static str,
    light: Shades,
    dark: Shades,
}

/// Areas and lines; text, which needs more contrast; text on areas.
struct Shades(&'static str, &'static str, &'static str);

const WHITE: &str = "#fff";
const BLACK: &str = "#1c1c1c";

const SENTIMENTS: [Paint; 5] = [
    Paint { class: "neg", light: Shades("#c85200", "#b34700", WHITE), dark: Shades("#d9661a", "#f08b4b", BLACK) },
    Paint { class: "neu", light: Shades("#b3b3b3", "#6b6b6b", BLACK), dark: Shades("#8a8f96", "#b4b9bf", BLACK) },
    Paint { class: "pos", light: Shades("#0072b2", "#00659e", WHITE), dark: Shades("#3a94cf", "#6fb7e6", BLACK) },
    Paint { class: "uns", light: Shades("#dedede", "#6b6b6b", BLACK), dark: Shades("#4a4f55", "#a8adb3", WHITE) },
    Paint { class: "oth", light: Shades("#999999", "#6b6b6b", BLACK), dark: Shades("#7d8289", "#a8adb3", BLACK) },
];

const CATEGORIES: [Paint; 8] = [
    Paint { class: "c0", light: Shades("#0072b2", "#00659e", WHITE), dark: Shades("#3a94cf", "#6fb7e6", BLACK) },
    Paint { class: "c1", light: Shades("#e69f00", "#946600", BLACK), dark: Shades("#e69f00", "#f0b63c", BLACK) },
    Paint { class: "c2", light: Shades("#009e73", "#007d5b", BLACK), dark: Shades("#17b58a", "#3fcaa3", BLACK) },
    Paint { class: "c3", light: Shades("#cc79a7", "#a84c7f", BLACK), dark: Shades("#d58db5", "#e2a6c6", BLACK) },
    Paint { class: "c4", light: Shades("#56b4e9", "#1f78ad", BLACK), dark: Shades("#7cc8f2", "#9bd6f7", BLACK) },
    Paint { class: "c5", light: Shades("#d55e00", "#b34f00", WHITE), dark: Shades("#e4752a", "#f08b4b", BLACK) },
    Paint { class: "c6", light: Shades("#1c1c1c", "#1c1c1c", WHITE), dark: Shades("#f0f0f0", "#f0f0f0", BLACK) },
    Paint { class: "c7", light: Shades("#7a3b69", "#7a3b69", WHITE), dark: Shades("#f0e442", "#f0e442", BLACK) },
];

/// The paint of what is not data.
#[derive(Debug)]
pub(super) struct Furniture {
    class: &'static str,
    property: &'static str,
    light: &'static str,
    dark: &'static str,
}

pub(super) const GROUND: Furniture = Furniture { class: "ground", property: "fill", light: WHITE, dark: "#14171a" };
pub(super) const INK: Furniture = Furniture { class: "ink", property: "fill", light: "#1c1c1c", dark: "#ececec" };
pub(super) const MUTED: Furniture = Furniture { class: "muted", property: "fill", light: "#5c5c5c", dark: "#a8adb3" };
pub(super) const GRID: Furniture = Furniture { class: "grid", property: "stroke", light: "#e3e3e3", dark: "#2c3137" };
pub(super) const AXIS: Furniture = Furniture { class: "axis", property: "stroke", light: "#4d4d4d", dark: "#a8adb3" };
pub(super) const ALARM: Furniture = Furniture { class: "alarm", property: "stroke", light: "#b3402a", dark: "#ff8a70" };
const FURNITURE: [Furniture; 6] = [GROUND, INK, MUTED, GRID, AXIS, ALARM];

impl Furniture {
    /// The attributes that paint in this colour, as [`Colour::attributes`].
    pub fn attributes(&self) -> String {
        format!(r#"class="{}" {}="{}""#, self.class, self.property, self.light)
    }
}

impl Colour {
    fn paint(self) -> &'static Paint {
        match self {
            Colour::Negative => &SENTIMENTS[0],
            Colour::Neutral => &SENTIMENTS[1],
            Colour::Positive => &SENTIMENTS[2],
            Colour::Unscored => &SENTIMENTS[3],
            Colour::Other => &SENTIMENTS[4],
            Colour::Nth(n) => &CATEGORIES[n % CATEGORIES.len()],
        }
    }

    /// The attributes that paint in this colour. They stand for light ground; where styles are read, the class makes
    /// them fit dark ground.
    pub(super) fn attributes(self, role: Use) -> String {
        let paint = self.paint();
        let (prefix, property) = role.class_and_property();
        format!(r#"class="{prefix}-{}" {property}="{}""#, paint.class, role.shade(&paint.light))
    }
}

impl Use {
    const ALL: [Use; 4] = [Use::Fill, Use::Stroke, Use::Text, Use::On];

    fn class_and_property(self) -> (&'static str, &'static str) {
        match self {
            Use::Fill => ("fill", "fill"),
            Use::Stroke => ("line", "stroke"),
            Use::Text => ("text", "fill"),
            Use::On => ("on", "fill"),
        }
    }

    fn shade(self, shades: &Shades) -> &'static str {
        match self {
            Use::Fill | Use::Stroke => shades.0,
            Use::Text => shades.1,
            Use::On => shades.2,
        }
    }
}

/// The rules for dark ground of all the classes that a picture uses.
pub(super) fn dark_rules(body: &str) -> String {
    let mut rules = String::new();
    let mut add = |class: &str, property: &str, shade: &str| {
        if body.contains(&format!(r#"class="{class}""#)) {
            rules += &format!(".{class}{{{property}:{shade}}}");
        }
    };
    for Furniture { class, property, dark, .. } in FURNITURE {
        add(class, property, dark);
    }
    for paint in SENTIMENTS.iter().chain(&CATEGORIES) {
        for role in Use::ALL {
            let (prefix, property) = role.class_and_property();
            add(&format!("{prefix}-{}", paint.class), property, role.shade(&paint.dark));
        }
    }
    format!("<style>@media(prefers-color-scheme:dark){{{rules}}}</style>")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// Relative luminance, WCAG 2.1.
    fn luminance(colour: &str) -> f64 {
        let hex = colour.trim_start_matches('#');
        let channel = |i: usize| {
            let digits = if hex.len() == 3 { hex[i..=i].repeat(2) } else { hex[2 * i..2 * i + 2].to_owned() };
            let value = f64::from(u8::from_str_radix(&digits, 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_has_contrast_on_light_and_on_dark() {
        let grounds = (GROUND.light, GROUND.dark);
        for paint in SENTIMENTS.iter().chain(&CATEGORIES) {
            for (shades, ground) in [(&paint.light, grounds.0), (&paint.dark, grounds.1)] {
                let Shades(fill, text, on) = shades;
                assert!(contrast(text, ground) >= 4.5, "{} as text on {ground}", paint.class);
                assert!(contrast(on, fill) >= 3.8, "text on {} {fill}: {}", paint.class, contrast(on, fill));
            }
        }
        for Furniture { class, light, dark, .. } in [INK, MUTED] {
            assert!(contrast(light, grounds.0) >= 4.5 && contrast(dark, grounds.1) >= 4.5, "{class}");
        }
    }
}
