//! The ways in which a service can keep its roles.

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::LoadBalancer;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::Topology;

use super::account::Account;

/// The other service of the pair.
pub(crate) const OTHER: &str = "web-green";

/// How a service keeps its two roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Realisation {
    TaskSets,
    Pair,
    Single,
}

impl Realisation {
    pub(crate) const ALL: [Self; 3] = [Self::TaskSets, Self::Pair, Self::Single];

    /// The scenario with a service of this kind.
    pub(crate) fn of(self, scenario: Scenario) -> Scenario {
        match self {
            Self::TaskSets => scenario.with_controller(Controller::External),
            Self::Pair | Self::Single => scenario.with_controller(Controller::Ecs),
        }
    }

    /// What has to be said of such a service; the other service of a pair is made.
    pub(crate) async fn topology(self, account: &Account) -> Topology {
        let mut topology = Topology::default();
        if self == Self::Pair {
            make_other(&account.ecs).await;
            topology.pair = Some(OTHER.to_owned());
        }
        topology
    }
}

async fn make_other(ecs: &Client) {
    let read = ecs.describe_services().cluster("prod").services("web").send().await.unwrap();
    let web = &read.services()[0];
    let served = &web.load_balancers()[0];
    let green = served.target_group_arn().unwrap().replace("/blue/", "/green/");
    let behind = LoadBalancer::builder()
        .target_group_arn(green)
        .set_container_name(served.container_name.clone())
        .set_container_port(served.container_port);
    let make = ecs.create_service().cluster("prod").service_name(OTHER).desired_count(0);
    let make = make.task_definition(revision(1).task_definition().as_str());
    let make = make.set_network_configuration(web.network_configuration.clone());
    let make = make.set_launch_type(web.launch_type.clone()).load_balancers(behind.build());
    make.send().await.unwrap();
}
