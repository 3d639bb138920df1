//! What stands for webhooks where they were not built in.

use std::convert::Infallible;

use super::error::DeliveryError;
use super::signature::Secret;
use super::target::{Attempt, Message};

/// A webhook, of which this build has none.
#[derive(Debug)]
pub struct Webhook(Infallible);

impl Webhook {
    /// Always [`DeliveryError::WithoutWebhooks`]: this earmark was built without the feature `webhook`.
    pub fn open(_address: &str, _secret: Option<Secret>, _timeout_ms: u64) -> Result<Webhook, DeliveryError> {
        Err(DeliveryError::WithoutWebhooks)
    }

    pub(super) fn send(&self, _message: &Message) -> Attempt {
        match self.0 {}
    }
}
