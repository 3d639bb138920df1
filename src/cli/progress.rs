//! The progress bar of the batch commands, on a terminal only.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use earmark::feed::FeedProgress;
use earmark::report::number;

const REFRESH: Duration = Duration::from_millis(150);

/// Shows how far a feed has come until it is dropped.
pub struct ProgressDisplay {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressDisplay {
    /// Starts showing, if anybody looks.
    pub fn start(progress: Arc<FeedProgress>, quiet: bool) -> ProgressDisplay {
        let done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&done);
        let thread = (!quiet && stderr().is_terminal()).then(|| thread::spawn(move || show(&progress, &stop)));
        ProgressDisplay { done, thread }
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn show(progress: &FeedProgress, done: &AtomicBool) {
    let bar = match progress.total_bytes() {
        Some(total) => ProgressBar::new(total).with_style(style("{bar:30} {percent:>3} %  {msg}  {eta} left")),
        None => ProgressBar::new_spinner().with_style(style("{spinner} {msg}  {elapsed}")),
    };
    while !done.load(Ordering::Relaxed) {
        let records = progress.records();
        let rate = records as f64 / bar.elapsed().as_secs_f64().max(0.001);
        bar.set_position(progress.read_bytes());
        bar.set_message(format!("{} mentions, {}/s", number(records), number(rate as u64)));
        bar.tick();
        thread::sleep(REFRESH);
    }
    bar.finish_and_clear();
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
