//! What the requests to one API share, and whether anybody listens at all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;

use super::SolarSystemBuilder;
use super::behaviour::{Behaviour, Step, Unruled};
use super::claims::Trusted;
use super::endpoint::Endpoint;
use super::fault::SolarFault;
use super::gate;
use super::keys::IssuerKeys;
use super::log::Log;
use super::memory::Memory;
use crate::server::{self, Bound, Running, elapse};
use crate::tls::CertificateAuthority;

pub(super) struct SolarState {
    pub(super) trusted: Trusted,
    pub(super) keys: IssuerKeys,
    pub(super) endpoints: Vec<Endpoint>,
    /// Whether anyone gets everything.
    pub(super) open: bool,
    /// What was asked, where somebody wants to know.
    pub(super) log: Option<Log>,
    /// What a request says in `Host` that is meant for it.
    pub(super) host: String,
    port: u16,
    tls: Option<CertificateAuthority>,
    behaviour: Mutex<Arc<Behaviour>>,
    memory: Mutex<Memory>,
    life: Mutex<Life>,
}

/// Whether it is served.
enum Life {
    Alive {
        _until_dropped: Running,
    },
    Dead,
    /// Nobody wants it any more.
    Ended,
}

/// What the laxest servers do to a path before they look for what is there.
const LAX: [Step; 6] = [
    Step::Percent,
    Step::Backslashes,
    Step::Semicolons,
    Step::DotSegments,
    Step::Slashes,
    Step::Case,
];

impl SolarState {
    pub(super) fn new(builder: SolarSystemBuilder, keys: IssuerKeys, bound: &Bound) -> Arc<Self> {
        let state = Self {
            trusted: builder.trusted,
            keys,
            endpoints: builder.endpoints,
            open: builder.open,
            log: builder.logs.then(Log::default),
            host: format!("127.0.0.1:{}", bound.port),
            port: bound.port,
            tls: builder.tls,
            behaviour: Mutex::default(),
            memory: Mutex::default(),
            life: Mutex::new(Life::Dead),
        };
        state.behave(&builder.faults);
        Arc::new(state)
    }

    pub(super) fn behaviour(&self) -> Arc<Behaviour> {
        Arc::clone(&locked(&self.behaviour))
    }

    /// What it remembers; never to be held across an await.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        locked(&self.memory)
    }

    pub(super) fn set_faults(self: &Arc<Self>, faults: &[SolarFault]) {
        self.behave(faults);
        if self.is_only_dead() {
            self.rise_after(Duration::ZERO);
        }
    }

    fn behave(&self, faults: &[SolarFault]) {
        let mut behaviour = Behaviour::with(faults);
        if self.open {
            behaviour.path.served_after = LAX.to_vec();
            behaviour.path.unruled = Unruled::Open;
        }
        *locked(&self.behaviour) = Arc::new(behaviour);
        *self.memory() = Memory::default();
    }

    /// Serves until the end, or until it dies.
    pub(super) fn live(self: &Arc<Self>, bound: Bound) {
        let router = Router::new()
            .fallback(gate::serve)
            .with_state(Arc::clone(self));
        let mut life = locked(&self.life);
        if !matches!(*life, Life::Ended) {
            *life = Life::Alive {
                _until_dropped: bound.serve(router),
            };
        }
    }

    pub(super) fn end(&self) {
        *locked(&self.life) = Life::Ended;
    }

    pub(super) fn is_dead(&self) -> bool {
        !matches!(*locked(&self.life), Life::Alive { .. })
    }

    /// Listens no more: for good, or until the time has passed.
    pub(super) fn die(self: &Arc<Self>, dead_for: Option<Duration>) {
        *locked(&self.life) = Life::Dead;
        if let Some(dead_for) = dead_for {
            self.rise_after(dead_for);
        }
    }

    fn rise_after(self: &Arc<Self>, pause: Duration) {
        let state = Arc::downgrade(self);
        tokio::spawn(async move {
            elapse(pause).await;
            while let Some(state) = state.upgrade().filter(|state| state.is_only_dead()) {
                // The port is its own again as soon as the last connection to it has ended.
                match server::bind_as(state.port, state.tls.as_ref()).await {
                    Ok(bound) => state.live(bound),
                    Err(_) => elapse(Duration::from_millis(10)).await,
                }
            }
        });
    }

    fn is_only_dead(&self) -> bool {
        matches!(*locked(&self.life), Life::Dead)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
