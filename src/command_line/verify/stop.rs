//! Ctrl-C, or a job that is cancelled: the run ends at once, says so, and leaves a report of it.

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::NO_RUN;

/// Whether the run was asked to stop, and by what.
#[derive(Debug)]
pub(super) struct Stop(watch::Receiver<Option<&'static str>>);

impl Stop {
    /// From now on the first signal ends what waits by [`Stop::or`], and the second the process.
    ///
    /// # Errors
    /// When the operating system lets nobody listen.
    pub(super) fn listen(runtime: &Handle) -> std::io::Result<Self> {
        let _runtime = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (asked, stop) = watch::channel(None);
        runtime.spawn(async move {
            let name = next(&mut interrupt, &mut terminate).await;
            asked.send_replace(Some(name));
            next(&mut interrupt, &mut terminate).await;
            std::process::exit(i32::from(NO_RUN));
        });
        Ok(Self(stop))
    }

    /// What comes of it, unless the run is asked to stop before.
    ///
    /// # Errors
    /// What stopped it.
    pub(super) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Vec<String>> {
        let mut asked = self.0.clone();
        tokio::select! {
            // What is done is done.
            biased;
            done = work => Ok(done),
            Ok(name) = asked.wait_for(Option::is_some) => {
                let name = name.unwrap_or_default();
                Err(vec![format!(
                    "it was stopped before its end by {name}, and nothing was judged"
                )])
            }
        }
    }
}

/// The name of the next signal.
async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "Ctrl-C (SIGINT)",
        _ = terminate.recv() => "SIGTERM",
    }
}
