//! The local cloud, seen through the official SDK.
#![cfg(all(feature = "aws", feature = "local"))]

mod in_process;
