//! The lock of the refresh core, as a trait so that the model can put its own in its place.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

/// Exclusive access for the length of a closure: it cannot be held over an await.
pub(crate) trait Lock<T>: Debug + Send + Sync + 'static {
    fn new(value: T) -> Self;
    fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R;
}

impl<T: Debug + Send + 'static> Lock<T> for Mutex<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        act(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
