//! What was logged.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// Writes down what this thread logs, until it is dropped.
#[derive(Debug)]
pub struct Log(());

thread_local! {
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl Log {
    /// Listens to this thread from now on.
    ///
    /// The subscriber is the process's: one of a thread alone would miss what another thread met first.
    ///
    /// # Panics
    /// Where the process has another subscriber.
    pub fn listen() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).expect("the only subscriber"));
        HEARD.set(Some(String::new()));
        Self(())
    }

    /// Returns what was logged so far, a line an event.
    pub fn text(&self) -> String {
        HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("auth_layer")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        HEARD.with_borrow_mut(|heard| {
            if let Some(text) = heard {
                event.record(&mut Writer(text));
                text.push('\n');
            }
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
