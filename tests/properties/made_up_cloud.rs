//! A cloud that nobody has, made of data alone: herds of oxen, whose names carry a number, and coops of hens, whose names
//! mean nothing. Whatever is decided is decided for them as for any other, without a line of a real cloud's folder.

use crate::farm::{called, coop, hen, herd, names_of_hens, names_of_oxen, ox, oxen};
use crate::policy::{in_state, now, outsiders, plan, removed, snapshot, words};
use crate::worlds::unanswered;
use octopus_scale_in::reconcile::brake::{Brake, doubts, incomplete_listing, over_limit};
use octopus_scale_in::reconcile::deploy_list::{DeployList, LeftOut, Tenancy};
use octopus_scale_in::reconcile::evidence::{
    InstanceAnswer, InstanceQuestion, gone_since, instances_to_ask, second_snapshot,
    weigh_witnesses,
};
use octopus_scale_in::reconcile::others::{
    OtherGroup, OtherInstances, must_be_listed, spare_what_others_have,
};
use octopus_scale_in::reconcile::ownership::Proof;
use octopus_scale_in::reconcile::pattern::{
    Form, Lead, Length, LetterCase, Meaning, NameOf, NamePattern, Suffix,
};
use octopus_scale_in::reconcile::plan::{Limit, Plan, Row};
use octopus_scale_in::reconcile::snapshot::{
    GroupId, Instance, InstanceState, ScalingGroup, SecondWitness, Snapshot, Target,
};
use octopus_scale_in::reconcile::verdict::{Deferral, Foreign, Verdict};
use std::sync::Arc;

fn verdicts(plan: &Plan) -> Vec<&Verdict> {
    plan.rows.iter().map(|row| &row.verdict).collect()
}

fn names<'a>(targets: impl IntoIterator<Item = &'a Arc<Target>>) -> Vec<&'a str> {
    targets.into_iter().map(|t| t.name.as_str()).collect()
}

#[test]
fn what_is_gone_is_stale_what_lives_is_kept_and_a_strangers_name_is_foreign() {
    let groups = vec![herd(oxen([0x1af])), coop(vec![hen("7J3")])];
    #[rustfmt::skip]
    let table = [
        ("ox-01af", "kept"),
        ("OX-01AF.farm.example", "kept"),
        ("night shift (ox-01af)", "kept"),
        ("pasture/7657", "kept"),
        ("ox-01ae", "stale"),
        ("Ox-01AE.farm.example", "stale"),
        ("pasture/12", "stale"),
        ("hen7J3", "kept"),
        ("hen7J4", "stale"),
        ("ox-1af", "foreign"),
        ("ox-001af", "foreign"),
        ("ox-01ag", "foreign"),
        ("pasture/8", "foreign"),
        ("pasture/18", "foreign"),
        ("henJ73", "foreign"),
        ("hen7j4", "stale"),
        ("hen77j", "foreign"),
        ("hen7Z4", "foreign"),
        ("donkey", "foreign"),
    ];
    let farm = snapshot(table.map(|(name, _)| name), groups);

    let expected = table.map(|(_, word)| word);
    assert_eq!(words(&plan(&farm)), expected);
}

#[test]
fn a_name_with_the_number_of_an_ox_that_is_listed_stays() {
    let nameless = called("", ox(0x2e));
    let renamed = called("daisy", ox(0x2f));
    let going = in_state(InstanceState::Deleting, called("", ox(0x30)));
    let targets = ["ox-002e", "ox-002f", "daisy", "ox-0030", "ox-0031"];

    let plan = plan(&snapshot(
        targets,
        vec![herd(vec![nameless, renamed, going])],
    ));

    assert_eq!(
        words(&plan),
        ["kept", "deferred", "kept", "leaving", "stale"]
    );
    assert_eq!(plan.rows[0].evidence.kept_by[0].name(), "pasture/756");
    let waits = Verdict::Deferred(Deferral::IdIsAnothers("daisy".to_owned()));
    assert_eq!(plan.rows[1].verdict, waits, "nothing says whose it is");
}

#[test]
fn a_hen_without_a_name_may_be_any_hen_and_is_no_ox() {
    let nameless = vec![called("", hen("700")), hen("7J3")];
    let groups = vec![herd(oxen([1])), coop(nameless)];

    let plan = plan(&snapshot(
        ["ox-0001", "ox-0002", "hen7J3", "hen7J4"],
        groups,
    ));

    assert_eq!(words(&plan), ["kept", "stale", "kept", "deferred"]);
    let waits = Verdict::Deferred(Deferral::NamelessMachine);
    assert_eq!(plan.rows[3].verdict, waits);
}

#[test]
fn decorations_and_small_letters_are_learned_from_what_is_kept() {
    use Proof::{OthersMustBeSeen, Plain};
    let decorated = ["east ox-0001!", "east ox-0003!", "west ox-0003"];
    let proofs = |plan: &Plan| -> Vec<_> { plan.candidates().map(Row::proof).collect() };

    let of_herd = plan(&snapshot(decorated, vec![herd(oxen([1]))]));
    assert_eq!(removed(&of_herd), ["east ox-0003!", "west ox-0003"]);
    assert_eq!(proofs(&of_herd), [Some(Plain), Some(OthersMustBeSeen)]);

    let of_coop = |names: &[&str]| {
        let plan = plan(&snapshot(names, vec![coop(vec![hen("7J3")])]));
        removed(&plan).join(", ")
    };
    assert_eq!(of_coop(&["hen7J3", "hen77j"]), "");
    assert_eq!(of_coop(&["hen7j3", "hen77j"]), "hen77j");
    assert_eq!(of_coop(&["hen7J3", "my hen77J"]), "");
    assert_eq!(of_coop(&["my hen7J3", "my hen77J"]), "my hen77J");
}

#[test]
fn a_machine_beside_a_herd_is_not_removed_with_it() {
    let beside = outsiders(vec![ox(2)]);
    let group = ScalingGroup {
        outsiders: beside,
        ..herd(oxen([1]))
    };

    let plan = plan(&snapshot(["ox-0001", "ox-0002", "ox-0003"], vec![group]));

    assert_eq!(words(&plan), ["kept", "detached", "stale"]);
}

#[test]
fn brakes_hold_a_herd_too() {
    let raised = |names: &[&str], group: ScalingGroup| -> Vec<Brake> {
        let snapshot = snapshot(names, vec![group]);
        let plan = plan(&snapshot);
        let doubts = doubts(&snapshot.groups, &plan, now()).into_iter();
        doubts.chain(over_limit(&plan, Limit::Count(1))).collect()
    };
    let (group, capacity) = ("herd on the hill".to_owned(), Some(2));
    let empty = ScalingGroup {
        capacity,
        ..herd(Vec::new())
    };
    assert_eq!(raised(&["ox-0001", "ox-0002"], herd(oxen([1]))), []);
    assert_eq!(
        raised(&["ox-0001"], empty),
        [Brake::EmptyListing { group, capacity }]
    );
    let nothing_matches = Brake::NothingMatches {
        instances: 2,
        instance: vec!["ox-0001".to_owned(), "pasture/71".to_owned()],
        target: Some("ox-0003".to_owned()),
    };
    assert_eq!(raised(&["ox-0003"], herd(oxen([1, 2]))), [nothing_matches]);
    let over_limit = Brake::OverLimit {
        candidates: 2,
        limit: Limit::Count(1),
        of: 3,
    };
    let many = ["ox-0001", "ox-0002", "ox-0003"];
    assert_eq!(raised(&many, herd(oxen([1]))), [over_limit]);

    let own_list = [
        vec!["nest of 7J3".to_owned()],
        vec!["nest of 7J4".to_owned()],
    ];
    let listing_lacks = Brake::ListingLacks {
        group: "coop in the yard".to_owned(),
        missing: 1,
        machine: "nest of 7J4".to_owned(),
    };
    let listed = coop(vec![hen("7J3")]);
    assert_eq!(incomplete_listing(&listed, &own_list), Some(listing_lacks));
    assert_eq!(incomplete_listing(&listed, &own_list[..1]), None);
}

#[test]
fn a_second_snapshot_spares_what_came_back_what_went_and_what_is_another_herd_now() {
    let targets = ["ox-0001", "ox-0002", "ox-0003"];
    let first = snapshot(targets, vec![herd(oxen([1]))]);
    let before = plan(&first);
    let then = |second: &Snapshot| -> Vec<Verdict> {
        let after = second_snapshot((&first, &before), second, plan(second));
        after.rows.into_iter().map(|row| row.verdict).collect()
    };
    assert_eq!(words(&before), ["kept", "stale", "stale"]);

    let same = snapshot(targets, vec![herd(oxen([1]))]);
    assert_eq!(then(&same), [Verdict::Kept, Verdict::Stale, Verdict::Stale]);
    let came_back = snapshot(targets, vec![herd(oxen([2]))]);
    let gone = Verdict::Deferred(Deferral::GoneSinceFirstSnapshot);
    assert_eq!(then(&came_back), [gone, Verdict::Kept, Verdict::Stale]);
    let another = ScalingGroup {
        identity: Some("brand 2".to_owned()),
        ..herd(oxen([1]))
    };
    let recreated = Verdict::Deferred(Deferral::Recreated("herd on the hill".to_owned()));
    let now_another = then(&snapshot(targets, vec![another]));
    assert_eq!(now_another, [Verdict::Kept, recreated.clone(), recreated]);
    let fewer = snapshot(&targets[..2], vec![herd(oxen([1]))]);
    let done: Vec<&str> = gone_since(&before, &fewer)
        .map(|t| t.name.as_str())
        .collect();
    assert_eq!(done, ["ox-0003"]);
}

#[test]
fn each_ox_is_asked_for_by_its_number_and_no_hen_is() {
    use InstanceAnswer::{Deleting, Exists, Gone, Silent};
    let groups = vec![herd(oxen([1])), coop(vec![hen("7J3")])];
    let targets = [
        "ox-0001", "ox-000a", "ox-000b", "ox-000c", "ox-000d", "hen7J4", "hen7J3",
    ];
    let farm = snapshot(targets, groups);
    let mut plan = plan(&farm);

    let questions = instances_to_ask(&plan);
    let asked =
        |question: &InstanceQuestion| format!("{} {}", question.group, question.instance_id);
    let asked: Vec<String> = questions.iter().map(asked).collect();
    assert_eq!(
        asked,
        ["moo:herd 10", "moo:herd 11", "moo:herd 12", "moo:herd 13"]
    );

    let answers = [
        Gone,
        Deleting,
        Silent(unanswered("asleep")),
        Exists("mooing".to_owned()),
    ];
    let heard: Vec<_> = questions.into_iter().zip(answers).collect();
    let brakes = weigh_witnesses(&farm, &mut plan, &heard);

    let silent = Verdict::Deferred(Deferral::WitnessSilent(unanswered("asleep")));
    let expected = [
        &Verdict::Kept,
        &Verdict::Stale,
        &Verdict::Leaving,
        &silent,
        &Verdict::Stale,
        &Verdict::Stale,
        &Verdict::Kept,
    ];
    assert_eq!(verdicts(&plan), expected);
    let still_answers = Brake::StillAnswers {
        target: "ox-000d".to_owned(),
        instance: "instance 13 of herd on the hill".to_owned(),
        state: "mooing".to_owned(),
    };
    assert_eq!(brakes, [still_answers]);
}

#[test]
fn a_registration_that_is_listed_twice_is_spared_both_times() {
    let mut farm = snapshot(["ox-0001", "ox-0002"], vec![herd(oxen([1]))]);
    let again = Arc::clone(&farm.targets[1]);
    farm.targets.push(again);
    let mut plan = plan(&farm);

    let questions = instances_to_ask(&plan).into_iter();
    let heard: Vec<_> = questions.map(|it| (it, InstanceAnswer::Deleting)).collect();
    let brakes = weigh_witnesses(&farm, &mut plan, &heard);

    assert_eq!(words(&plan), ["kept", "leaving", "leaving"]);
    assert_eq!(brakes, []);
}

#[test]
fn what_a_neighbour_has_or_may_have_is_the_neighbours() {
    let neighbour = OtherGroup {
        id: GroupId::new("hedge"),
        title: "herd over the hedge".to_owned(),
        pattern: names_of_oxen(),
        second_witness: SecondWitness::EachInstance,
    };
    let coop_next_door = OtherGroup {
        id: GroupId::new("coop"),
        title: "coop next door".to_owned(),
        pattern: names_of_hens(),
        second_witness: SecondWitness::OwnList,
    };
    let farm = snapshot(
        ["ox-0001", "ox-0002", "ox-0003", "ox-0004"],
        vec![herd(oxen([1]))],
    );
    let spared = |listed: Result<Vec<Instance>, String>| -> Vec<Verdict> {
        let mut plan = plan(&farm);
        assert!(must_be_listed(&neighbour, &plan));
        assert!(!must_be_listed(&coop_next_door, &plan));
        spare_what_others_have(
            &mut plan,
            &[(
                &neighbour,
                listed
                    .map(|it| OtherInstances::of(it, &neighbour.pattern))
                    .map_err(Into::into),
            )],
        );
        plan.rows.into_iter().map(|row| row.verdict).collect()
    };
    let title = || neighbour.title.clone();

    let has = Verdict::Foreign(Foreign::HasMachineElsewhere(title()));
    let by_name_and_by_number = spared(Ok(vec![ox(2), called("daisy", ox(3))]));
    assert_eq!(
        by_name_and_by_number,
        [Verdict::Kept, has.clone(), has, Verdict::Stale]
    );
    let unreadable = Foreign::ElsewhereUnreadable(title(), "the gate is shut".to_owned().into());
    let may_have = Verdict::Foreign(unreadable);
    let unread = spared(Err("the gate is shut".to_owned()));
    assert_eq!(
        unread,
        [Verdict::Kept, may_have.clone(), may_have.clone(), may_have]
    );
}

#[test]
fn the_steps_that_follow_deploy_to_what_is_awake() {
    let ill = in_state(InstanceState::Failed, ox(2));
    let unborn = in_state(InstanceState::Creating, ox(9));
    let groups = vec![
        herd(vec![ox(1), ill, ox(3), unborn]),
        coop(vec![hen("7J3")]),
    ];
    let farm = snapshot(
        ["ox-0001", "ox-0002", "ox-0003", "ox-0004", "hen7J3"],
        groups,
    );
    let plan = plan(&farm);

    let is_asleep = |instance: &Instance| instance.name() == "ox-0003";
    let list = DeployList::of(&plan, Tenancy::Untenanted, is_asleep);

    assert_eq!(names(&list.targets), ["ox-0001", "hen7J3"]);
    let left_out = list
        .left_out
        .iter()
        .map(|(target, why)| (target.name.as_str(), *why));
    let left_out: Vec<_> = left_out.collect();
    let expected = [
        ("ox-0002", LeftOut::ProvisioningFailed),
        ("ox-0003", LeftOut::NotRunning),
    ];
    assert_eq!(left_out, expected);
    let missing = plan.unregistered(&farm.groups);
    assert_eq!(
        missing.iter().map(|i| i.name()).collect::<Vec<_>>(),
        ["ox-0009"]
    );
    let busy = farm.groups[0].unsettled_because();
    let expected = "herd on the hill: instances being created: 1";
    assert_eq!(busy.as_deref(), Some(expected));
}

#[test]
fn a_young_herd_is_given_time_to_register() {
    let newborn = Instance {
        created: Some(now()),
        ..ox(1)
    };

    let plan = plan(&snapshot(["ox-0002"], vec![herd(vec![newborn])]));

    assert_eq!(
        verdicts(&plan),
        [&Verdict::Deferred(Deferral::MachinesAreNew)]
    );
}

/// The policy knows scaling groups and instances; how a cloud calls them stands in that cloud's own folder.
#[test]
fn the_policy_says_no_word_of_a_real_cloud() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/reconcile");
    let files = std::fs::read_dir(folder).expect("the policy is there");
    let mut read = 0;
    for file in files {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text").to_lowercase();
        for word in [
            "azure",
            "scale set",
            "scale_set",
            "vmss",
            "uniform",
            "flexible",
            "virtual machine",
            "subscription",
            "resource group",
            "spot ",
        ] {
            assert!(!text.contains(word), "{} says {word:?}", path.display());
        }
        read += 1;
    }
    assert!(read > 10, "only {read} files");
}

#[test]
fn an_id_may_be_text() {
    let suffix = Suffix {
        length: Length::AtLeast(17),
        base: 16,
        letters: LetterCase::Any,
        lead: Lead::Any,
        meaning: Meaning::Id,
    };
    let form = Form {
        of: NameOf::Resource,
        prefix: Some("i-".to_owned()),
        suffix,
    };
    let pattern = NamePattern { forms: vec![form] };
    let standing = pattern.names_in("i-0af34c0ffee012345.barn");
    let ids: Vec<String> = standing.filter_map(|it| it.id).collect();
    assert_eq!(
        ids,
        ["0af34c0ffee012345"],
        "what stands in the name is the id that the cloud is asked for"
    );
}
