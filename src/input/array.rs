//! The elements of one JSON array, found without holding more than one of them.

use super::lines::Window;
use super::reject::{Fault, MAX_TRUNCATED_RAW_BYTES, RejectReason};

/// Where the splitter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Inside,
    After,
}

/// Splits an array into its elements. Commas are not insisted on; a bracket that is missing inside an element makes
/// the element end later, at the latest with the input.
#[derive(Debug)]
pub(super) struct Elements {
    state: State,
}

/// The next stretch of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// An element of that many bytes, at the front of the window.
    Whole(usize),
    /// An element that is too long, of which only the beginning was kept, and its line; it has been taken.
    TooLong { head: Vec<u8>, line: u64 },
    /// Bytes at the front of the window that are no element.
    Stray(usize, Fault),
    /// The array was never closed, and that has not been said before.
    Unclosed(Fault),
}

impl Elements {
    pub(super) fn new() -> Elements {
        Elements { state: State::Before }
    }

    /// Finds the next element and takes what is before it; `None` at the end or at damage.
    pub(super) fn next(&mut self, window: &mut Window, limit: usize) -> Option<Element> {
        loop {
            let Some(byte) = window.byte(0) else { return self.end(window) };
            match (self.state, byte) {
                (_, b' ' | b'\t' | b'\r' | b'\n') => window.take(1),
                (State::Before, b'[') => {
                    self.state = State::Inside;
                    window.take(1);
                }
                (State::Inside, b',') => window.take(1),
                (State::Inside, b']') => {
                    self.state = State::After;
                    window.take(1);
                }
                (State::Inside, _) => return find_end(window, limit),
                (State::Before | State::After, _) => return stray(window),
            }
        }
    }

    fn end(&mut self, window: &Window) -> Option<Element> {
        if window.is_damaged() || self.state != State::Inside {
            return None;
        }
        self.state = State::After;
        let message = "the array is not closed; the file may have been cut off";
        Some(Element::Unclosed(Fault::new(RejectReason::InvalidJson, message)))
    }
}

/// Finds where the element at the front of the window ends.
fn find_end(window: &mut Window, limit: usize) -> Option<Element> {
    let mut nesting = Nesting::default();
    let mut length = 0;
    while length <= limit {
        match window.byte(length) {
            None if window.is_damaged() => return None,
            None => return Some(Element::Whole(length)),
            Some(byte) => match nesting.step(byte) {
                Step::Inside => length += 1,
                Step::EndsBefore => return Some(Element::Whole(length)),
                Step::EndsAfter => return Some(Element::Whole(length + 1)),
            },
        }
    }
    let line = window.line();
    let head = window.bytes()[..length.min(MAX_TRUNCATED_RAW_BYTES)].to_vec();
    window.take(length);
    while let Some(byte) = window.byte(0) {
        match nesting.step(byte) {
            Step::Inside => window.take(1),
            Step::EndsBefore => break,
            Step::EndsAfter => {
                window.take(1);
                break;
            }
        }
    }
    Some(Element::TooLong { head, line })
}

fn stray(window: &mut Window) -> Option<Element> {
    let mut length = 0;
    while length < MAX_TRUNCATED_RAW_BYTES && window.byte(length).is_some_and(|byte| byte != b'\n') {
        length += 1;
    }
    if window.is_damaged() && window.byte(length).is_none() {
        return None;
    }
    Some(Element::Stray(length, Fault::new(RejectReason::InvalidJson, "text outside of the array")))
}

enum Step {
    Inside,
    EndsBefore,
    EndsAfter,
}

/// Knows strings and brackets, and nothing else of JSON.
#[derive(Default)]
struct Nesting {
    depth: u64,
    is_in_string: bool,
    is_escaped: bool,
}

impl Nesting {
    fn step(&mut self, byte: u8) -> Step {
        if self.is_in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_in_string = false,
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return Step::EndsBefore,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Step::EndsAfter;
                }
            }
            _ => {}
        }
        Step::Inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT_BYTES: usize = 20;

    fn split(text: &str) -> Vec<String> {
        let mut window = Window::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        let mut elements = Elements::new();
        let mut found = Vec::new();
        while let Some(element) = elements.next(&mut window, LIMIT_BYTES) {
            let (mark, length) = match element {
                Element::Whole(length) => ("", length),
                Element::Stray(length, _) => ("stray ", length),
                Element::TooLong { head, .. } => {
                    found.push(format!("long {}", head.len()));
                    continue;
                }
                Element::Unclosed(_) => {
                    found.push("unclosed".to_string());
                    continue;
                }
            };
            found.push(format!("{mark}{}", String::from_utf8_lossy(&window.bytes()[..length])));
            window.take(length);
        }
        found
    }

    #[test]
    fn splits_at_the_outer_commas() {
        assert_eq!(
            split(r#" [ {"a":[1,2]} , "b,]" ,3,{"c":"\"}"}]"#),
            [r#"{"a":[1,2]}"#, r#""b,]" "#, "3", r#"{"c":"\"}"}"#]
        );
        assert_eq!(split("[]"), [""; 0]);
        assert_eq!(split("[1]\nx y\nz"), ["1", "stray x y", "stray z"]);
        assert_eq!(split("[1,}2"), ["1", "}", "2", "unclosed"]);
    }

    #[test]
    fn an_element_too_long_is_passed_over() {
        let exact = format!("\"{}\"", "x".repeat(LIMIT_BYTES - 2));
        let long = format!("{{\"{}\"}}", "x".repeat(100 * LIMIT_BYTES));
        assert_eq!(split(&format!("[{exact},{long},2]")), [exact.as_str(), "long 21", "2"]);
        let object = format!("{{\"{}\":1}}", "x".repeat(LIMIT_BYTES - 6));
        assert_eq!(object.len(), LIMIT_BYTES);
        assert_eq!(split(&format!("[{object}]")), [object]);
    }
}
