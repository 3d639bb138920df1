//! Signatures after [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0, section "Signature scheme": HMAC-SHA256
//! of `<key>.<timestamp>.<payload>`, in base64.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::DeliveryError;

/// What the text of a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret, after the specification.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Secrets that sign at the same time.
const MAX_SECRETS: usize = 4;
/// The most bytes of a file with secrets.
const MAX_FILE_BYTES: u64 = 4 << 10;

/// What sender and receiver of a webhook share: `whsec_` and 24 to 64 random bytes in base64. While one secret takes the
/// place of another, both may be given, with white space between; then both sign, and the receiver takes either.
///
/// It is never printed: not in errors, not for debugging.
#[derive(Clone)]
pub struct Secret {
    signers: Vec<Hmac<Sha256>>,
}

impl Secret {
    /// The secret in a variable of the environment.
    pub fn from_env(name: &str) -> Result<Secret, DeliveryError> {
        let place = format!("the environment variable {name}");
        match std::env::var(name) {
            Ok(text) => Secret::parse(&text, &place),
            Err(std::env::VarError::NotPresent) => Err(wrong(&place, "it is not set")),
            Err(std::env::VarError::NotUnicode(_)) => Err(wrong(&place, "it is not text")),
        }
    }

    /// The secret in a file.
    pub fn from_file(path: &Path) -> Result<Secret, DeliveryError> {
        let place = format!("the file {}", path.display());
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
        read.map_err(|error| wrong(&place, &error.to_string()))?;
        Secret::parse(&text, &place)
    }

    /// Reads the text of a secret; `place` says in errors where it comes from.
    pub fn parse(text: &str, place: &str) -> Result<Secret, DeliveryError> {
        let signers = text.split_whitespace().map(|word| signer(word).map_err(|problem| wrong(place, problem)));
        let signers = signers.collect::<Result<Vec<_>, _>>()?;
        match signers.len() {
            0 => Err(wrong(place, "it is empty")),
            1..=MAX_SECRETS => Ok(Secret { signers }),
            _ => Err(wrong(place, "it holds more than four")),
        }
    }

    /// The value of the header `webhook-signature`: one signature per secret, with spaces between. `timestamp_s` is the
    /// time of the attempt in seconds since 1970.
    pub fn sign(&self, key: &str, timestamp_s: i64, payload: &str) -> String {
        let signed = format!("{key}.{timestamp_s}.{payload}");
        let sign = |signer: &Hmac<Sha256>| {
            let mac = signer.clone().chain_update(signed.as_bytes()).finalize().into_bytes();
            format!("v1,{}", BASE64_STANDARD.encode(mac))
        };
        self.signers.iter().map(sign).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn signer(word: &str) -> Result<Hmac<Sha256>, &'static str> {
    let encoded = word.strip_prefix(PREFIX).unwrap_or(word);
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| "it is not base64")?;
    if !SECRET_BYTES.contains(&bytes.len()) {
        return Err("it has fewer than 24 or more than 64 bytes");
    }
    Hmac::new_from_slice(&bytes).map_err(|_| "its length is wrong")
}

fn wrong(place: &str, problem: &str) -> DeliveryError {
    DeliveryError::Secret { place: place.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The example of the reference libraries of Standard Webhooks.
    const TEXT: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn sign(text: &str) -> String {
        let secret = Secret::parse(text, "the test").unwrap();
        assert!(!format!("{secret:?}").contains(&text[6..]));
        secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#)
    }

    #[test]
    fn a_signature_is_that_of_other_libraries() {
        assert_eq!(sign(TEXT), SIGNATURE);
        assert_eq!(sign(&format!("{}\n", &TEXT[6..])), SIGNATURE);
    }

    #[test]
    fn two_secrets_sign_while_one_takes_the_place_of_the_other() {
        let both = sign(&format!("{TEXT} whsec_{}", BASE64_STANDARD.encode([7; 32])));
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.starts_with(&format!("{SIGNATURE} v1,")));
    }

    #[test]
    fn what_is_no_secret_is_refused_without_showing_it() {
        let long = BASE64_STANDARD.encode([7; 65]);
        let many = [TEXT; 5].join(" ");
        for text in ["", "  \n", "hunter2!", "whsec_aHVudGVyMg==", &long, &many] {
            let error = Secret::parse(text, "the file secret.txt").unwrap_err();
            assert!(error.is_user_error());
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("the file secret.txt") && !shown.contains("hunter2") && !shown.contains(&long));
        }
        assert!(Secret::from_env("EARMARK_TEST_NO_SUCH_SECRET").unwrap_err().is_user_error());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.txt");
        assert!(Secret::from_file(&path).unwrap_err().is_user_error());
        std::fs::write(&path, TEXT).unwrap();
        assert!(Secret::from_file(&path).is_ok());
    }
}
