//! Lengths of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// A length of time: `15m`, `6h`, `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(Duration);

/// What was written is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no length of time; write a number of s, m, h, d or w, such as 15m, 6h or 2d")]
pub struct LengthError(String);

impl Length {
    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Length {
        Length(Duration::from_secs(seconds))
    }

    /// So many hours.
    pub const fn from_hours(hours: u64) -> Length {
        Length::from_secs(hours * 3_600)
    }

    /// In whole seconds.
    pub fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// In seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl FromStr for Length {
    type Err = LengthError;

    fn from_str(text: &str) -> Result<Length, LengthError> {
        let refused = || LengthError(text.to_owned());
        let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(refused)?;
        let number: u64 = text.strip_suffix(unit).unwrap_or_default().trim().parse().map_err(|_| refused())?;
        let seconds = number.checked_mul(seconds).filter(|&seconds| seconds > 0).ok_or_else(refused)?;
        // Longer than a time can be from 1970 on.
        if seconds > 1 << 37 { Err(refused()) } else { Ok(Length::from_secs(seconds)) }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_secs();
        // Weeks read worse than days.
        let unit = UNITS.into_iter().skip(1).find(|(_, unit)| seconds.is_multiple_of(*unit)).unwrap_or(("s", 1));
        write!(f, "{}{}", seconds / unit.1, unit.0)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Length, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        let cases = [
            ("15m", "15m", 900),
            ("90m", "90m", 5_400),
            ("60m", "1h", 3_600),
            ("2w", "14d", 1_209_600),
            ("45s", "45s", 45),
        ];
        for (text, written, seconds) in cases {
            let length: Length = text.parse().unwrap();
            assert_eq!((length.to_string().as_str(), length.as_secs()), (written, seconds));
        }
        for text in ["", "m", "0h", "-1h", "1.5h", "1mo", "99999999999999d", "1hh", "ten m"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }
}
