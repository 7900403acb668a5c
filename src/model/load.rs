//! What a service serves.

use serde::Serialize;

use super::finite::Finite;

/// The most requests a second that are believed.
const MOST: f64 = 1_000_000.0;

/// What a service serves when all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Load {
    /// Requests a second, of both revisions together; above 0 and at most a million.
    pub requests_per_second: Finite,
    /// The share of them that goes badly with a healthy revision; above 0 and below 1.
    pub error_rate: Finite,
}

/// Figures that no service has.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLoad {
    /// Requests a second out of range.
    #[error("`rps` is {0}; give requests a second, more than 0 and at most a million")]
    RequestsPerSecond(f64),
    /// A share of bad requests out of range. Where none ever fails, nothing can be compared.
    #[error(
        "`error_rate` is {0} as a fraction; give the share of requests that fail in a healthy revision, above 0% and \
         below 100%"
    )]
    ErrorRate(f64),
}

impl Load {
    /// So many requests a second, of which this share goes badly, as a fraction of 1.
    ///
    /// # Errors
    ///
    /// [`InvalidLoad`]: the figure, its value and what to give instead.
    pub fn new(requests_per_second: f64, error_rate: f64) -> Result<Self, InvalidLoad> {
        let requests = Finite::new(requests_per_second).ok();
        let requests = requests.filter(|rps| rps.get() > 0.0 && rps.get() <= MOST);
        let errors = Finite::new(error_rate).ok();
        let errors = errors.filter(|rate| rate.get() > 0.0 && rate.get() < 1.0);
        Ok(Self {
            requests_per_second: requests
                .ok_or(InvalidLoad::RequestsPerSecond(requests_per_second))?,
            error_rate: errors.ok_or(InvalidLoad::ErrorRate(error_rate))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_no_service_has_are_refused() {
        assert!(Load::new(0.5, 0.001).is_ok() && Load::new(1e6, 0.999).is_ok());
        for rps in [0.0, -1.0, f64::NAN, f64::INFINITY, 1_000_001.0] {
            let refused = Load::new(rps, 0.001).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("`rps` is {rps}; give")), "{refused}");
        }
        for rate in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
            let refused = Load::new(20.0, rate).unwrap_err().to_string();
            assert!(
                refused.starts_with(&format!("`error_rate` is {rate} as a fraction; give")),
                "{refused}"
            );
        }
    }
}
