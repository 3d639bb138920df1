//! Webhooks: a POST of JSON, signed after [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0.

use std::fmt;
use std::io::Read;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body, Proxy};

use super::error::DeliveryError;
use super::signature::Secret;
use super::target::{Attempt, Message, excerpt};

/// The most bytes of an answer that are read; only a failure's are.
const MAX_ANSWER_BYTES: u64 = 2 << 10;

/// An address that notices are POSTed to.
///
/// The headers are `webhook-id` (the notice's key: the same at each attempt), `webhook-timestamp` (of the attempt) and,
/// with a secret, `webhook-signature`. An answer of 2xx means taken; a failure to reach it, 408, 425, 429 and 5xx mean
/// later, heeding `Retry-After`; any other answer means never. Redirects are not followed. `HTTPS_PROXY`, `HTTP_PROXY`,
/// `ALL_PROXY` and `NO_PROXY` are heeded.
pub struct Webhook {
    agent: Agent,
    address: Uri,
    /// Scheme and host: the rest of an address is often a secret.
    shown: String,
    secret: Option<Secret>,
}

impl Webhook {
    /// Prepares to post to an `http` or `https` address; nothing is opened yet. Without a secret notices are not signed.
    pub fn open(address: &str, secret: Option<Secret>, timeout_ms: u64) -> Result<Webhook, DeliveryError> {
        Webhook::through(Proxy::try_from_env(), address, secret, timeout_ms)
    }

    pub(super) fn through(
        proxy: Option<Proxy>,
        address: &str,
        secret: Option<Secret>,
        timeout_ms: u64,
    ) -> Result<Webhook, DeliveryError> {
        let wrong = |problem| DeliveryError::Address { problem };
        let address: Uri = address.parse().map_err(|_| wrong("cannot be read"))?;
        let Some(scheme) = address.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)) else {
            return Err(wrong("does not begin with https:// or http://"));
        };
        let host = address.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let port = address.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{scheme}://{host}{port}");
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(timeout_ms)))
            .max_redirects(0)
            .http_status_as_error(false)
            // Alarms are rare; a connection kept for the next one would be a dead one.
            .max_idle_connections(0)
            .user_agent(concat!("earmark/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy)
            .build()
            .new_agent();
        Ok(Webhook { agent, address, shown, secret })
    }

    pub(super) fn send(&self, message: &Message) -> Attempt {
        let timestamp_s = Timestamp::now().as_second();
        let mut request = self
            .agent
            .post(&self.address)
            .header("content-type", "application/json")
            .header("webhook-id", message.key)
            .header("webhook-timestamp", timestamp_s.to_string());
        if let Some(secret) = &self.secret {
            request = request.header("webhook-signature", secret.sign(message.key, timestamp_s, message.payload));
        }
        match request.send(message.payload) {
            Ok(response) => self.judge(response),
            Err(error) => Attempt::failed(format!("{} cannot be reached: {error}", self.shown)),
        }
    }

    fn judge(&self, response: Response<Body>) -> Attempt {
        let status = response.status();
        if status.is_success() {
            return Attempt::Delivered;
        }
        let retry_after_ms = retry_after_ms(response.headers(), Timestamp::now());
        let location = response.headers().get("location").map(|value| excerpt(value.as_bytes()));
        let mut answer = Vec::new();
        // What came before the connection broke is still worth showing.
        let _ = response.into_body().into_reader().take(MAX_ANSWER_BYTES).read_to_end(&mut answer);
        let problem = match (location.filter(|_| status.is_redirection()), excerpt(&answer)) {
            (Some(location), _) => format!("{} sends on to {location}; give that address", self.shown),
            (None, said) if said.is_empty() => format!("{} answers {status}", self.shown),
            (None, said) => format!("{} answers {status}: {said}", self.shown),
        };
        match status.as_u16() {
            408 | 425 | 429 | 500..=599 => Attempt::Failed { problem, retry_after_ms },
            _ => Attempt::Refused { problem },
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({})", self.shown)
    }
}

/// How long the header `Retry-After` asks to wait: seconds or a date, RFC 9110 section 10.2.3.
fn retry_after_ms(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let value = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let date = rfc2822::parse(value).ok()?.timestamp();
    u64::try_from(date.duration_since(now).as_millis()).ok()
}
