//! What is delivered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::DeliveryError;

/// The most bytes of one notice as JSON.
pub const MAX_NOTICE_BYTES: usize = 64 << 10;
/// The most characters of an id.
const MAX_ID_CHARS: usize = 128;

/// One thing to tell about an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Names the alarm: 1 to 128 ASCII letters, digits, `-` and `_`.
    pub id: String,
    /// Names this notice among those of the alarm, which are sent in this order.
    pub sequence: u32,
    /// What became of the alarm.
    pub kind: NoticeKind,
    /// When it became so.
    pub at: Timestamp,
    /// The alarm itself.
    pub body: Value,
}

/// What became of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum NoticeKind {
    Opened,
    Updated,
    Closed,
}

impl NoticeKind {
    /// The type of event in what is sent.
    fn event_type(self) -> &'static str {
        match self {
            NoticeKind::Opened => "alarm.opened",
            NoticeKind::Updated => "alarm.updated",
            NoticeKind::Closed => "alarm.closed",
        }
    }
}

impl Notice {
    /// What names this notice everywhere and for ever: `<id>-<sequence>`.
    pub fn key(&self) -> String {
        format!("{}-{}", self.id, self.sequence)
    }

    /// An id goes into a header and into what is signed, where a full stop separates.
    pub(super) fn check_id(&self) -> Result<(), DeliveryError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.id.is_empty() || self.id.len() > MAX_ID_CHARS || !self.id.bytes().all(is_plain) {
            return Err(DeliveryError::Id { id: self.id.chars().take(MAX_ID_CHARS).collect() });
        }
        Ok(())
    }

    /// What is sent: the form that Standard Webhooks recommends, with the id and sequence beside. The same notice gives
    /// the same bytes each time.
    pub(super) fn payload(&self) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Payload<'a> {
            r#type: &'static str,
            timestamp: Timestamp,
            id: &'a str,
            sequence: u32,
            data: &'a Value,
        }
        serde_json::to_string(&Payload {
            r#type: self.kind.event_type(),
            timestamp: self.at,
            id: &self.id,
            sequence: self.sequence,
            data: &self.body,
        })
    }
}
