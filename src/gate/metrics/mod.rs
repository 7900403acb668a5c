//! Gates that read metrics: what a period is, which periods are evidence, and who judges them.

mod grid;
mod periods;
mod placeholders;
mod reading;
