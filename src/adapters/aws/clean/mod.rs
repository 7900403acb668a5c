//! Task sets that dead deployments left behind: found, judged and removed.

mod cleaning;
mod evidence;
mod left_set;

pub use left_set::{Fate, LeftSet};
