//! The flags of `setup` alone.

use super::CommandLine;
use crate::settings::{Consent, SetupMode};
use crate::setup::SetupPart;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::path::PathBuf;

const HEADING: &str = "What is set up, and what may be changed";

/// Flags that allow something.
const CONSENTS: [(Consent, &str); 4] = [
    (
        Consent::AdoptPolicy,
        "Change that machine policy though somebody else made it, and take targets from others",
    ),
    (
        Consent::PolicyCleanup,
        "Let the machine policy delete unavailable machines, also those that are only stopped",
    ),
    (
        Consent::RotateKey,
        "Store VMSS_OCTOPUS_APIKEY in the place of the key that is there",
    ),
    (
        Consent::PowerfulKey,
        "Store a key whose user may administer",
    ),
];

/// Its flag, without the dashes.
fn name_of(consent: Consent) -> &'static str {
    consent.flag().trim_start_matches('-')
}

/// All of them.
pub(super) fn flags() -> Vec<Arg> {
    let text = |name, value, help| {
        let arg = Arg::new(name).long(name).value_name(value);
        arg.help(help).help_heading(HEADING)
    };
    let several = |arg: Arg| arg.action(ArgAction::Append).value_delimiter(',');
    let switch = |name, help| {
        let arg = Arg::new(name).long(name).help(help);
        arg.action(ArgAction::SetTrue).help_heading(HEADING)
    };
    let parts = || PossibleValuesParser::new(SetupPart::ALL.map(SetupPart::name));
    let places = PossibleValuesParser::new(["environment", "project"]);
    let mut flags = vec![
        switch("apply", "Carry the plan out"),
        switch(
            "go-live",
            "Turn the dry run off, publish, and enable the schedule, once a dry run has succeeded",
        ),
        text(
            "azure-account",
            "NAME",
            "The account in Octopus that signs in to Azure",
        ),
        text(
            "worker-pool",
            "NAME",
            "The worker pool that the step runs on; the default one otherwise",
        ),
        text(
            "template",
            "FILE",
            "The step template of the release, octopus-scale-in.json",
        )
        .value_parser(value_parser!(PathBuf)),
        text(
            "machine-policy",
            "NAME",
            "The machine policy [default: Scale set machines]",
        ),
        text("every", "MINUTES", "Minutes between two runs [default: 15]"),
        text(
            "guided-failure",
            "PLACE",
            "Switch guided failure on, for other people's deployments, too",
        )
        .value_parser(places)
        .ignore_case(true),
        text(
            "adopt",
            "RUNBOOK",
            "Change this runbook though somebody else made it",
        )
        .action(ArgAction::Append),
        several(text(
            "replace",
            "VARIABLE",
            "Change the value of this variable though somebody else gave it",
        )),
        several(
            text("only", "PART", "Only these parts")
                .value_parser(parts())
                .ignore_case(true),
        ),
        several(
            text("skip", "PART", "Not these parts")
                .value_parser(parts())
                .ignore_case(true),
        ),
    ];
    flags.extend(CONSENTS.map(|(consent, help)| switch(name_of(consent), help)));
    flags
}

/// What they say.
pub(super) fn told(matches: &ArgMatches, mut told: CommandLine) -> CommandLine {
    let setup = &mut told.flags.setup;
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let list = |name: &str| {
        let values = matches.get_many::<String>(name).into_iter().flatten();
        values.map(|it| it.trim().to_owned()).collect()
    };
    setup.mode = match (matches.get_flag("go-live"), matches.get_flag("apply")) {
        (true, _) => SetupMode::GoLive,
        (false, true) => SetupMode::Apply,
        (false, false) => SetupMode::Plan,
    };
    let given = CONSENTS
        .into_iter()
        .filter(|(consent, _)| matches.get_flag(name_of(*consent)));
    setup.consents = given.map(|(consent, _)| consent).collect();
    setup.adopted = list("adopt");
    setup.replaced = list("replace");
    setup.only = list("only");
    setup.skip = list("skip");
    setup.azure_account = text("azure-account");
    setup.worker_pool = text("worker-pool");
    setup.machine_policy = text("machine-policy");
    setup.every = text("every");
    setup.guided_failure = text("guided-failure");
    setup.template = matches.get_one::<PathBuf>("template").cloned();
    told
}
