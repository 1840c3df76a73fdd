//! Machines and their names.

use crate::clock::{self, Time};

/// A machine: an instance of a scale set, or a virtual machine of its own.
#[derive(Clone, Debug)]
pub struct Vm {
    /// The resource name: `web_12` (Uniform), `web_1a2b3c4d` (Flexible).
    pub name: String,
    /// `12` (Uniform), the resource name otherwise.
    pub instance_id: String,
    /// The host name; specialized images have none in Azure's eyes.
    pub computer_name: Option<String>,
    /// `Creating`, `Updating`, `Succeeded`, `Failed`, `Deleting`, `Migrating`.
    pub state: String,
    /// `running`, `stopped`, `deallocated`, ...; sometimes Azure does not know.
    pub power: Option<String>,
    /// When it was made.
    pub created: Time,
    /// Differs between machines that have borne the same name.
    pub vm_id: String,
    /// The Flexible scale set of the same group that it belongs to, by its name.
    pub scale_set: Option<String>,
    /// Listings leave it out, although a read of it alone finds it.
    pub unlisted: bool,
    /// It waits in a standby pool.
    pub pooled: bool,
}

impl Vm {
    pub(crate) fn new(
        name: &str,
        instance_id: &str,
        computer_name: Option<String>,
        serial: u64,
    ) -> Self {
        Self {
            name: name.to_owned(),
            instance_id: instance_id.to_owned(),
            computer_name,
            state: "Succeeded".to_owned(),
            power: Some("running".to_owned()),
            created: clock::minutes_ago(60),
            vm_id: guid(serial),
            scale_set: None,
            unlisted: false,
            pooled: false,
        }
    }

    /// Whether this is its computer name or its resource name.
    pub fn is_named(&self, name: &str) -> bool {
        let computer = self.computer_name.as_deref();
        computer.is_some_and(|own| own.eq_ignore_ascii_case(name))
            || self.name.eq_ignore_ascii_case(name)
    }

    /// The name that a bootstrap script registers.
    pub fn host(&self) -> String {
        self.computer_name.as_ref().unwrap_or(&self.name).clone()
    }
}

/// The end of a Uniform instance's computer name: its id in base 36, six capital digits.
///
/// Source: learn.microsoft.com, "Understand instance IDs for Azure VM Scale Set VMs".
pub(crate) fn base36(mut id: u64) -> String {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(id % 36) as usize];
        id /= 36;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// Six digits and capital letters that look like chance, and differ from number to number.
pub(crate) fn suffix(serial: u64) -> String {
    // Odd, and coprime to 36: a permutation of all six-digit numbers.
    const STEP: u64 = 1_234_567_891;
    base36((serial * STEP + 987_654_321) % 36_u64.pow(6))
}

/// A number as a GUID.
pub(crate) fn guid(serial: u64) -> String {
    let (high, low) = (scramble(serial), scramble(!serial));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// Looks like chance, and is the same in every run (the finalizer of SplitMix64).
pub(crate) fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn instance_ids_become_base_36() {
        assert_eq!(base36(85), "00002D");
        assert_eq!(base36(1146), "0000VU");
    }

    #[test]
    fn suffixes_and_guids_do_not_repeat() {
        assert_eq!(
            (0..20_000).map(suffix).collect::<BTreeSet<_>>().len(),
            20_000
        );
        assert_eq!((0..20_000).map(guid).collect::<BTreeSet<_>>().len(), 20_000);
        assert!((0..1000).map(guid).all(|guid| guid.len() == 36));
    }
}
