//! Situations in which well-known tools for progressive delivery go wrong, as their own sources and issue
//! threads tell. Each file says which tool fails and why, and shows what happens here instead.
//!
//! | | Situation | Who goes wrong, where it is told |
//! |---|---|---|
//! | S1 | the orchestrator is killed in a bake | Flagger: a job runs once before its first tick; its issue 1613 |
//! | S2 | the data plane follows 90 s late | Argo Rollouts 3926, 4595, 3333 |
//! | S3 | Elastic Load Balancing throttles the last step for five minutes | Argo Rollouts 3333 |
//! | S4 | the next revision comes at a quarter of the traffic | Argo Rollouts 3617, 3331 |
//! | S5 | an abort when stable is scaled down | Argo Rollouts 3888, 4898 |
//! | S6 | targets are registered, not healthy | Argo Rollouts 4834, 4297, 2864 |
//! | S7 | every read of alarms and metrics fails | Kayenta: errors are left out of the score; Argo Rollouts 1329, 4479 |
//! | S8 | one datapoint of each side | Kayenta: its test throws, and what is not classified passes |
//! | S9 | a dependency of both sides fails for a while | static alarms (CodeDeploy, ECS), thresholds (Argo Rollouts, Flagger), ratio rules |
//! | S10 | a night without traffic | Flagger 1011, 1689; Argo Rollouts 1905 |
//! | S11 | an alarm is red before the start | CodeDeploy and ECS document the change to red only |
//! | S12 | tasks crash and flap | Argo Rollouts 3765, 3988, 1677 |
//! | S13 | two controllers at once | Argo Rollouts 2117; Flagger 1613 |
//! | S14 | the desired count changes within a step | Argo Rollouts 1415, 4973, 2857; Flagger 634 |
//! | S15 | data come late, in part or are corrected | Argo Rollouts and Flagger: the open minute, a stale point |
//! | S16 | dozens of rules over one pair of groups | Argo Rollouts 2569, 1963 |
//!
//! They run on the simulated cloud through the public api only, so any orchestrator that can be put
//! behind it can be run against them.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../base/rig.rs"]
mod base;
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
