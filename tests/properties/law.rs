//! A property, held against many random values, that has to prove that it was about something.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What a property returns: nothing, or why it does not hold.
pub type Holds = Result<(), TestCaseError>;

/// How often each interesting case occurred.
#[derive(Default)]
pub struct Cases(RefCell<BTreeMap<&'static str, u32>>);

impl Cases {
    /// Counts the case if this value is one.
    pub fn count(&self, case: &'static str, occurred: bool) {
        *self.0.borrow_mut().entry(case).or_default() += u32::from(occurred);
    }
}

/// Holds the law against random values (`PROPTEST_CASES`, or 1,000), and then the values against the law: one in
/// two hundred must have been each of the cases that it counts, or it could not have failed.
#[track_caller]
pub fn always<S: Strategy>(values: S, law: impl Fn(S::Value, &Cases) -> Holds) {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 1000;
    }
    let total = config.cases;
    let cases = Cases::default();
    if let Err(failure) = TestRunner::new(config).run(&values, |value| law(value, &cases)) {
        panic!("{failure}");
    }
    for (case, times) in cases.0.take() {
        println!("{times} of {total} were: {case}");
        assert!(
            times * 200 >= total,
            "of {total} random values only {times} were what the law is about: {case}"
        );
    }
}
