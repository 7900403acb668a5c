//! The gamma distribution.

use super::rng::Rng;

/// The gamma distribution with a scale of 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gamma {
    /// Positive.
    pub(super) shape: f64,
}

impl Gamma {
    /// One number. Marsaglia's and Tsang's method; a shape below 1 is drawn one higher and taken down
    /// by a power of an even number.
    pub(super) fn draw(self, rng: &mut Rng) -> f64 {
        if self.shape < 1.0 {
            let higher = Self { shape: self.shape + 1.0 }.draw(rng);
            return higher * libm::exp(libm::log(rng.unit()) / self.shape);
        }
        let d = self.shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = normal(rng);
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if libm::log(rng.unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }
}

/// A number of the normal distribution, by Marsaglia's polar method.
fn normal(rng: &mut Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * rng.unit() - 1.0, 2.0 * rng.unit() - 1.0);
        let s = x * x + y * y;
        if s > 0.0 && s < 1.0 {
            return x * libm::sqrt(-2.0 * libm::log(s) / s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_variance_are_the_shape() {
        for shape in [0.1, 0.5, 1.0, 2.5, 500.0] {
            let (mut rng, times) = (Rng::new(11), 40_000_u32);
            let drawn: Vec<f64> = (0..times).map(|_| Gamma { shape }.draw(&mut rng)).collect();
            let mean = drawn.iter().sum::<f64>() / f64::from(times);
            let squares = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            let variance = squares / f64::from(times);
            // six standard errors; the fourth moment of a gamma distribution is 3a² + 6a
            let error = libm::sqrt(shape / f64::from(times));
            assert!((mean - shape).abs() < 6.0 * error, "{shape}: {mean}");
            let spread = libm::sqrt((2.0 * shape * shape + 6.0 * shape) / f64::from(times));
            assert!((variance - shape).abs() < 6.0 * spread, "{shape}: {variance}");
        }
    }
}
