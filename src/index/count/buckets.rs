//! Which bucket a moment belongs to.

/// How time is divided.
#[derive(Debug, Clone)]
pub(crate) enum Buckets {
    /// Everything in one, mentions without a time too.
    Whole,
    /// At given starts.
    Starts(Starts),
    /// Steps of one length.
    Steps {
        /// The first second of the first step, since 1970.
        start: i64,
        /// Seconds in a step.
        step_seconds: u32,
        /// How many; what comes after them is in no bucket.
        steps: u32,
    },
}

impl Buckets {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Buckets::Whole => 1,
            Buckets::Starts(starts) => starts.seconds.len(),
            Buckets::Steps { steps, .. } => *steps as usize,
        }
    }

    /// The bucket of a mention that was published then.
    pub(super) fn of(&self, second: Option<i64>) -> Option<usize> {
        match self {
            Buckets::Whole => Some(0),
            Buckets::Starts(starts) => starts.bucket(second?),
            &Buckets::Steps { start, step_seconds, steps } => {
                let after = second?.checked_sub(start).filter(|&after| after >= 0)?;
                let step = usize::try_from(after / i64::from(step_seconds.max(1))).ok()?;
                (step < steps as usize).then_some(step)
            }
        }
    }
}

/// Buckets that reach from their start to the next one's, the last one without end.
#[derive(Debug, Clone)]
pub(crate) struct Starts {
    /// In seconds since 1970, ascending.
    seconds: Vec<i64>,
    /// Buckets are looked up in slots of one length: the bucket of the first second of each.
    slots: Vec<u32>,
    slot_seconds: i64,
}

impl Starts {
    /// Slots for each bucket: the more, the fewer steps are left from the slot to the bucket.
    const SLOTS_PER_BUCKET: usize = 2;

    pub(crate) fn new(seconds: Vec<i64>) -> Starts {
        let (first, last) = (seconds.first().copied().unwrap_or(0), seconds.last().copied().unwrap_or(0));
        let slot_seconds = (last - first) / (seconds.len() * Starts::SLOTS_PER_BUCKET).max(1) as i64 + 1;
        let slot_starts = (first..=last).step_by(slot_seconds as usize);
        let slots = slot_starts.map(|slot| seconds.partition_point(|&start| start <= slot) as u32 - 1);
        let slots = if seconds.is_empty() { Vec::new() } else { slots.collect() };
        Starts { seconds, slots, slot_seconds }
    }

    fn bucket(&self, second: i64) -> Option<usize> {
        let after = second - self.seconds.first()?;
        if after < 0 {
            return None;
        }
        let slot = usize::try_from(after / self.slot_seconds).ok()?;
        let mut bucket = self.slots.get(slot).or(self.slots.last()).copied()? as usize;
        while self.seconds.get(bucket + 1).is_some_and(|&next| next <= second) {
            bucket += 1;
        }
        Some(bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_lead_to_the_bucket_that_a_search_finds() {
        for seconds in [vec![], vec![-5], vec![0, 1], vec![-86_400, 0, 3_600, 3_601, 90_000], vec![7, 1_000_000]] {
            let starts = Starts::new(seconds.clone());
            let near = seconds.iter().flat_map(|&start| [start - 1, start, start + 1, start + 40_000]);
            for second in near.chain([0, -9_223_372_036, 9_223_372_036]) {
                let found = seconds.partition_point(|&start| start <= second).checked_sub(1);
                assert_eq!(starts.bucket(second), found, "{seconds:?} at {second}");
            }
        }
    }

    #[test]
    fn steps_begin_and_end() {
        let steps = Buckets::Steps { start: -10, step_seconds: 5, steps: 3 };
        let found = [-11, -10, -6, -5, 4, 5].map(|second| steps.of(Some(second)));
        assert_eq!(found, [None, Some(0), Some(0), Some(1), Some(2), None]);
        assert_eq!((steps.len(), steps.of(None), Buckets::Whole.of(None)), (3, None, Some(0)));
    }
}
