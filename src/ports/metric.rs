//! Metric data as they are read.
#![expect(clippy::exhaustive_structs, reason = "whoever implements the port builds these")]

use crate::model::Timestamp;

/// The periods of a question: those that begin at `from` or later and before `to`, by AWS's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricWindow {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// The data of one query.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSeries {
    /// The query's id.
    pub id: String,
    /// Why this is not all that there is (`PartialData`, `InternalError`, `Forbidden`), if so: then a
    /// period without a datum says nothing.
    pub incomplete: Option<String>,
    /// The beginnings of periods and their values, oldest first. A period without a datum is absent.
    pub points: Vec<(Timestamp, f64)>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricData {
    /// AWS's time of the answer: the only time with which the periods may be compared.
    pub at: Timestamp,
    /// One series for each query whose data were asked for, in their order.
    pub series: Vec<MetricSeries>,
}
