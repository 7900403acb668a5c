//! Named scenarios through every door.

/// Every scenario through one door.
macro_rules! through {
    ($door:expr; $($scenario:ident)*) => {
        $(#[test]
        fn $scenario() {
            super::$scenario($door);
        })*
    };
}

/// Every scenario through every door that is there.
macro_rules! through_all_doors {
    ($($scenario:ident)*) => {
        mod through_the_ports {
            crate::doors::through! { crate::door::Door::Ports; $($scenario)* }
        }

        #[cfg(all(feature = "aws", feature = "local"))]
        mod through_the_sdk {
            crate::doors::through! { crate::door::Door::Sdk; $($scenario)* }
        }
    };
}

pub(crate) use through;
pub(crate) use through_all_doors;
