//! What the strategies plan and what they refuse.
