//! The sheet that a chart is drawn on: title above, axes, foot below.

use super::canvas::{Anchor, Canvas, font, short};
use super::scale::Scale;
use super::style::{AXIS, Furniture, GRID, GROUND, INK, MUTED, dark_rules};
use super::text::{Font, clean, escape};
use super::ticks::time_ticks;
use super::time::TimeScale;
use super::{Chart, TimeAxis, Unit};

/// Width of the picture; all lengths are in its units, pixels unless it is scaled.
pub(super) const WIDTH: f64 = 720.0;
/// Kept free on the left and on the right.
pub(super) const MARGIN: f64 = 16.0;
/// Height of the area of charts over time.
pub(super) const PLOT_HEIGHT: f64 = 250.0;
const FONTS: &str = "Helvetica Neue,Helvetica,Arial,Liberation Sans,DejaVu Sans,Noto Sans,sans-serif";

/// A picture in the making: what is drawn so far, and how far down it reaches.
pub(super) struct Sheet {
    pub canvas: Canvas,
    /// Where the next part begins.
    pub y: f64,
    title: String,
    notes: Vec<String>,
}

/// The area of the data of a chart over time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub top: f64,
    pub bottom: f64,
    pub scale: Scale,
    pub time: TimeScale,
}

impl Frame {
    pub fn y(&self, value: f64) -> f64 {
        self.bottom - self.scale.place(value) * (self.bottom - self.top)
    }
}

/// Where moments lie beside an axis of values, with `tail` units kept free on the right.
pub(super) fn time_scale(x: &TimeAxis, scale: Scale, unit: Unit, tail: f64) -> TimeScale {
    let room = scale.marks().map(|mark| Font::LABEL.width(&scale.label(mark, unit))).fold(0.0, f64::max);
    TimeScale::new(x, MARGIN + room + 8.0, WIDTH - MARGIN - tail)
}

impl Sheet {
    /// A sheet with its title and subtitle.
    pub fn new(chart: &Chart) -> Sheet {
        let title = clean(&chart.title);
        let mut sheet = Sheet { canvas: Canvas::default(), y: 12.0, title: title.clone(), notes: Vec::new() };
        sheet.paragraph(&title, &INK, Font::TITLE, 2);
        sheet.paragraph(chart.subtitle.as_deref().unwrap_or_default(), &MUTED, Font::SUBTITLE, 2);
        sheet.y += 8.0;
        sheet
    }

    /// Says something at the foot.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Says at the foot that some of the data are not drawn.
    pub fn note_left_out(&mut self, count: usize, what: &str) {
        if count > 0 {
            let verb = if count == 1 { "is" } else { "are" };
            self.note(format!("{count} more {what} {verb} not shown."));
        }
    }

    fn paragraph(&mut self, text: &str, paint: &Furniture, size: Font, max_lines: usize) {
        let lines = size.wrap(&clean(text), WIDTH - 2.0 * MARGIN, max_lines);
        if lines.is_empty() {
            return;
        }
        let (top, leading) = (self.y, (size.size * 1.3).round());
        self.y += leading * lines.len() as f64;
        self.canvas.group(&format!("{} {}", paint.attributes(), font(size)), |canvas| {
            for (i, line) in lines.iter().enumerate() {
                canvas.text(MARGIN, top + leading * i as f64 + size.size, Anchor::Start, line);
            }
        });
    }

    /// Draws the axes of a chart over time: `head` units are kept free above its area, `tail` units to its right.
    pub fn time_frame(&mut self, x: &TimeAxis, scale: Scale, unit: Unit, head: f64, tail: f64) -> Frame {
        let marks: Vec<(f64, String)> = scale.marks().map(|mark| (mark, scale.label(mark, unit))).collect();
        let time = time_scale(x, scale, unit, tail);
        let (left, right) = (time.left, time.right);
        let top = self.y + head + 6.0;
        let frame = Frame { top, bottom: top + PLOT_HEIGHT, scale, time };
        self.canvas.group(&format!("{} stroke-width=\"1\"", GRID.attributes()), |canvas| {
            for (mark, _) in marks.iter().filter(|(mark, _)| *mark != 0.0) {
                canvas.line((left, frame.y(*mark)), (right, frame.y(*mark)));
            }
        });
        self.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::LABEL)), |canvas| {
            for (mark, label) in &marks {
                canvas.text(left - 8.0, frame.y(*mark) + 4.0, Anchor::End, label);
            }
        });
        self.time_axis(x, &frame);
        frame
    }

    fn time_axis(&mut self, x: &TimeAxis, frame: &Frame) {
        let ticks = time_ticks(x, frame.time);
        self.canvas.group(&format!("{} stroke-width=\"1\"", AXIS.attributes()), |canvas| {
            canvas.line((frame.time.left, frame.y(0.0)), (frame.time.right, frame.y(0.0)));
            for mark in ticks.marks {
                canvas.line((mark, frame.bottom), (mark, frame.bottom + 5.0));
            }
        });
        self.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::LABEL)), |canvas| {
            for label in &ticks.labels {
                canvas.text(label.x, frame.bottom + 19.0, label.anchor, &label.text);
            }
            for label in &ticks.unders {
                canvas.text(label.x, frame.bottom + 34.0, label.anchor, &label.text);
            }
        });
        self.y = frame.bottom + if ticks.unders.is_empty() { 24.0 } else { 39.0 };
        self.notes.extend(super::time::notes(x));
    }

    /// Says in place of the data that there are none.
    pub fn nothing(&mut self) {
        let middle = self.y + 60.0;
        self.in_the_middle(middle);
        self.y += 120.0;
    }

    /// Says at a height, over empty axes, that there are no data.
    pub fn in_the_middle(&mut self, y: f64) {
        self.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::SUBTITLE)), |canvas| {
            canvas.text(WIDTH / 2.0, y, Anchor::Middle, "no mentions");
        });
    }

    /// The document, with notes and source at its foot.
    pub fn finish(mut self, source_note: &str, description: &str) -> String {
        self.y += 6.0;
        let notes = self.notes.join(" ");
        self.paragraph(&notes, &MUTED, Font::SMALL, 3);
        self.paragraph(source_note, &MUTED, Font::SMALL, 4);
        let (width, height) = (short(WIDTH), short((self.y + 10.0).ceil()));
        let (title, description) = (escape(&self.title), escape(&clean(description)));
        let ground = GROUND.attributes();
        let body = format!("<rect {ground} width=\"{width}\" height=\"{height}\"/>\n{}", self.canvas.into_string());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" font-family=\"{FONTS}\">\n<title>{title}</title>\n<desc>{description}</desc>\n{}\n{body}</svg>\n",
            dark_rules(&body)
        )
    }
}
