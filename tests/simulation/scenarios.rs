//! Named scenarios: what other systems got wrong once, and what this one got wrong once.
