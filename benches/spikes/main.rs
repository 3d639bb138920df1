//! Measures the spike detector: does it keep to its false-alarm budget, what does it find, how fast is it?
//!
//! ```text
//! cargo bench --bench spikes -- null [--series 1000] [--weeks 9] [--step 5m] [--kinds poisson,sparse]
//!                                    [--budgets 1/week,1/month,1/quarter] [--parts alone,together,share,silence]
//! cargo bench --bench spikes -- power TAGGED.ndjson [--runs 200] [--step 15m] [--budget 2/month]
//! cargo bench --bench spikes -- speed
//! ```
//! `null` watches series without spikes, `power` plants spikes in tagged mentions of real brands. Random numbers are seeded:
//! the same command gives the same figures.

mod background;
mod kinds;
mod null;
mod power;
mod random;
mod speed;
mod work;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::str::FromStr;

const USAGE: &str = "usage: spikes null|power FILE|speed [--NAME VALUE]…; see the head of benches/spikes/main.rs";

/// What was written after the name of the measurement.
pub struct Arguments {
    files: Vec<String>,
    named: BTreeMap<String, String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, Box<dyn Error>> {
        let mut arguments = Arguments { files: Vec::new(), named: BTreeMap::new() };
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(name) => {
                    let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
                    arguments.named.insert(name.to_owned(), value);
                }
                None => arguments.files.push(word),
            }
        }
        Ok(arguments)
    }

    fn value<T: FromStr>(&self, name: &str, default: T) -> Result<T, Box<dyn Error>>
    where
        T::Err: Error + 'static,
    {
        self.named.get(name).map_or(Ok(default), |text| text.parse().map_err(Into::into))
    }

    fn list(&self, name: &str, default: &str) -> Vec<String> {
        self.named.get(name).map_or(default, String::as_str).split(',').map(str::to_owned).collect()
    }

    fn step_seconds(&self, default: &str) -> Result<u32, Box<dyn Error>> {
        match self.named.get("step").map_or(default, String::as_str) {
            "5m" => Ok(300),
            "15m" => Ok(900),
            "1h" => Ok(3_600),
            "1d" => Ok(86_400),
            other => Err(format!("{other:?} is no step; write 5m, 15m, 1h or 1d").into()),
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    // cargo bench adds --bench.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let measurement = words.next();
    let arguments = Arguments::read(words)?;
    match measurement.as_deref() {
        Some("null") => null::run(&arguments),
        Some("power") => power::run(&arguments),
        Some("speed") => speed::run(&arguments),
        _ => Err(USAGE.into()),
    }
}
