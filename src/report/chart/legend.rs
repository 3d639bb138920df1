//! Legends, above the data.

use super::canvas::{Anchor, Canvas, font};
use super::sheet::{MARGIN, Sheet, WIDTH};
use super::style::{ALARM, AXIS, Colour, INK, Use};
use super::text::{Font, clean};

const SWATCH: f64 = 14.0;
const ROW: f64 = 18.0;

/// What stands before a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Swatch {
    Area(Colour),
    Line(Colour),
    /// A broken line in the colour of the axes.
    Expected,
    /// What would not have been an alarm.
    Range,
    Alarm,
}

/// Draws names with their swatches, in rows from the left, and moves the sheet below them. Names that are empty are left
/// out.
pub(super) fn draw(sheet: &mut Sheet, entries: &[(Swatch, &str)]) {
    let (mut x, mut y) = (MARGIN, sheet.y + 12.0);
    let mut drawn = false;
    for (swatch, name) in entries {
        let name = Font::LABEL.fit(&clean(name), WIDTH - 2.0 * MARGIN - SWATCH - 6.0);
        if name.is_empty() {
            continue;
        }
        let width = SWATCH + 6.0 + Font::LABEL.width(&name);
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + ROW);
        }
        draw_swatch(sheet, *swatch, x, y - 4.0);
        sheet.canvas.group(&format!("{} {}", INK.attributes(), font(Font::LABEL)), |canvas| {
            canvas.text(x + SWATCH + 6.0, y, Anchor::Start, &name);
        });
        x += width + 16.0;
        drawn = true;
    }
    if drawn {
        sheet.y = y + 8.0;
    }
}

fn draw_swatch(sheet: &mut Sheet, swatch: Swatch, x: f64, y: f64) {
    let canvas = &mut sheet.canvas;
    let area = |canvas: &mut Canvas| canvas.rect(x, y - 5.0, SWATCH, 10.0);
    let line = |canvas: &mut Canvas| canvas.line((x, y), (x + SWATCH, y));
    match swatch {
        Swatch::Area(colour) => canvas.group(&colour.attributes(Use::Fill), area),
        Swatch::Line(colour) => {
            canvas.group(&format!("{} stroke-width=\"2.5\"", colour.attributes(Use::Stroke)), line);
        }
        Swatch::Expected => canvas.group(&expected_line(), line),
        Swatch::Range => canvas.group(&range_area(), area),
        Swatch::Alarm => canvas.group(&alarm_mark(), |canvas| canvas.dot(x + SWATCH / 2.0, y, 4.0)),
    }
}

/// How the line of what was expected is drawn, in legends and charts.
pub(super) fn expected_line() -> String {
    format!("{} stroke-dasharray=\"4 2\"", AXIS.attributes())
}

/// How the range of what would not have been an alarm is drawn.
pub(super) fn range_area() -> String {
    format!("{} fill-opacity=\"0.32\"", Colour::Other.attributes(Use::Fill))
}

/// How an alarm is marked.
pub(super) fn alarm_mark() -> String {
    format!("{} stroke-width=\"2\" fill=\"none\"", ALARM.attributes())
}
