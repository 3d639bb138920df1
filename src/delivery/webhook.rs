//! Webhooks: a POST of JSON, signed after [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0.

use std::fmt;
use std::io::Read;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::uri::PathAndQuery;
use ureq::http::{HeaderMap, Response, StatusCode, Uri};
use ureq::{Agent, Body, Proxy};

use super::error::DeliveryError;
use super::signature::Secret;
use super::target::{Attempt, Message, excerpt};

/// The most bytes of an answer that are read; only a failure's are.
const MAX_ANSWER_BYTES: u64 = 2 << 10;

/// An address that notices are POSTed to.
///
/// The headers are `webhook-id` (the notice's key: the same at each attempt), `webhook-timestamp` (of the attempt) and,
/// with a secret, `webhook-signature`. An answer of 2xx means taken; 410 (gone) means never; any other, and a failure to reach
/// it, mean later, heeding `Retry-After`: a receiver that is being deployed may answer anything. Redirects are not followed. `HTTPS_PROXY`, `HTTP_PROXY`,
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
        if !address.scheme_str().is_some_and(|scheme| ["http", "https"].contains(&scheme)) {
            return Err(wrong("does not begin with https:// or http://"));
        }
        let shown = shown(&address).ok_or_else(|| wrong("names no host"))?;
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
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()?.parse().ok());
        let location = location.as_ref().and_then(shown).unwrap_or_else(|| "another place".to_owned());
        let retry_after_ms = retry_after_ms(response.headers(), Timestamp::now());
        let mut answer = Vec::new();
        // What came before the connection broke is still worth showing.
        let _ = response.into_body().into_reader().take(MAX_ANSWER_BYTES).read_to_end(&mut answer);
        let said = self.without_address(&excerpt(&answer));
        let problem = match said {
            _ if status.is_redirection() => format!("{} sends on to {location}; give that address", self.shown),
            said if said.is_empty() => format!("{} answers {status}", self.shown),
            said => format!("{} answers {status}: {said}", self.shown),
        };
        match status {
            StatusCode::GONE => Attempt::Refused { problem },
            _ => Attempt::Failed { problem, retry_after_ms },
        }
    }

    /// What was said, without the part of our address that is often a secret.
    fn without_address(&self, said: &str) -> String {
        let secrets = [self.address.path_and_query().map_or("", PathAndQuery::as_str), self.address.path()];
        let secrets = secrets.into_iter().chain(self.address.query()).filter(|secret| secret.len() > 1);
        secrets.fold(said.to_owned(), |said, secret| said.replace(secret, "/…"))
    }
}

/// Scheme and host of an address: the rest of one is often a secret.
fn shown(address: &Uri) -> Option<String> {
    let host = address.host().filter(|host| !host.is_empty())?;
    let port = address.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", address.scheme_str()?))
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
