//! What is logged on a thread, at every level, by any crate.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span;

/// Writes down everything that any crate of the process logs on a thread that listens, at every level.
///
/// It is the process's own subscriber: one of a thread alone would miss what another thread met first.
#[derive(Debug)]
pub struct Listener(());

thread_local! {
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

impl Listener {
    /// Listens on this thread from now on.
    pub fn start() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Self(())).unwrap());
        HEARD.set(Some(String::new()));
    }

    /// Returns what was heard, and listens no more.
    pub fn stop() -> String {
        HEARD.take().unwrap()
    }

    fn write(record: impl FnOnce(&mut Writer<'_>)) {
        HEARD.with_borrow_mut(|heard| {
            if let Some(text) = heard {
                record(&mut Writer(text));
            }
        });
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        Self::write(|writer| span.record(writer));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        Self::write(|writer| values.record(writer));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        Self::write(|writer| {
            writeln!(writer.0, "\n{}", event.metadata().target()).unwrap();
            event.record(writer);
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}
