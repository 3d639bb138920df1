//! Why spikes cannot be looked for.

use super::counts::MAX_STEPS;
use super::duration::Length;
use crate::index::IndexError;
use crate::jobs::JobError;
use crate::trends::TrendError;

/// Spikes could not be looked for.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SpikeError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("cannot tell the cause of an alarm: {0}")]
    Trend(#[from] TrendError),
    #[error("cannot tell the cause of an alarm: {0}")]
    Job(#[from] JobError),
    #[error(
        "rule {rule:?}: from the first mention to the last there are more than {MAX_STEPS} steps of {step}; \
         choose longer steps or bounds of time"
    )]
    TooManySteps { rule: String, step: Length },
}

impl SpikeError {
    /// True where the person gave something wrong (exit status 2), false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            SpikeError::Index(error) => error.is_user_error(),
            SpikeError::Trend(error) => error.is_user_error(),
            SpikeError::Job(error) => error.is_user_error(),
            SpikeError::TooManySteps { .. } => true,
        }
    }
}
