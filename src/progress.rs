//! What a person sees while browsers work: on a terminal a line that moves, elsewhere plain lines.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;
use crate::secrets::Secrets;

/// Tells what is going on, on standard error.
#[derive(Debug, Clone)]
pub struct Progress {
    bar: ProgressBar,
    console: Console,
    quiet: bool,
}

impl Progress {
    /// Tells of so many requests in browsers.
    #[must_use]
    pub fn new(requests: usize, console: Console) -> Self {
        let bar = ProgressBar::new(requests as u64);
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self {
            bar,
            console,
            quiet: false,
        }
    }

    /// Tells nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            bar: ProgressBar::hidden(),
            console: Console::default(),
            quiet: true,
        }
    }

    /// What must not be told.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        self.console.secrets()
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| self.console.tell(line));
        }
    }

    /// From now on, so many other requests are counted.
    pub fn begin(&self, requests: usize) {
        self.bar.set_length(requests as u64);
        self.bar.set_position(0);
    }

    /// A request is under way.
    pub fn asking(&self, words: &str) {
        self.bar.set_message(self.console.short(words));
        self.bar.inc(1);
    }

    /// All requests of a user have come to an end.
    pub fn user_done(&self, user: &str, requests: usize) {
        self.say(&format!("{user}: {requests} requests made"));
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_is_counted_from_its_own_beginning() {
        let progress = Progress::silent();
        progress.begin(2);
        progress.asking("a sign-in");
        progress.asking("another");
        progress.begin(300);
        progress.asking("hostile request 1");
        let bar = &progress.bar;
        assert_eq!((bar.position(), bar.length()), (1, Some(300)));
    }
}
