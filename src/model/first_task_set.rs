//! What the first task set of a service is made with.

use serde::Deserialize;
use serde::Serialize;

/// What the first task set of a service is made with. ECS keeps all of it at the task set, so that a
/// service without one says nothing; every later set takes over what stable's has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "applications set single fields over the default")]
pub struct FirstTaskSet {
    /// The container that gets the load balancer's requests, as the task definition names it.
    pub container: Option<String>,
    /// The port on which it gets them, as the task definition maps it.
    pub port: Option<u16>,
    /// The subnets of tasks with an address of their own (`awsvpc`, always so on Fargate).
    pub subnets: Vec<String>,
    /// Their security groups; the VPC's default one where none is given.
    pub security_groups: Vec<String>,
    /// Whether they get public addresses.
    pub public_ip: bool,
    /// Where tasks run; ECS's default is `EC2`.
    pub launch_type: Option<LaunchType>,
}

/// Where tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum LaunchType {
    /// On the cluster's EC2 instances.
    Ec2,
    /// On Fargate.
    Fargate,
    /// On machines registered with ECS Anywhere.
    External,
}
