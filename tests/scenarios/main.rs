//! Situations in which well-known tools for progressive delivery go wrong, as their own sources and issue
//! threads tell. Each file says which tool fails and why, and shows what happens here instead.
//!
//! They run on the simulated cloud through the public api only, so any orchestrator that can be put
//! behind it can be run against them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod s01_killed_in_the_bake;
mod s02_late_data_plane;
mod s03_throttled_at_the_last_step;
mod s04_superseded_half_way;
mod s05_abort_with_stable_reduced;
mod s06_registered_but_unhealthy;
mod s07_cannot_be_read;
mod s08_one_datapoint;
mod s09_shared_blip;
mod s10_night_without_traffic;
mod s11_red_before_the_start;
mod s12_flapping_tasks;
mod s13_two_controllers;
mod s14_autoscaled_half_way;
mod s15_late_and_revised_data;
mod s16_many_rules;
mod stage;
