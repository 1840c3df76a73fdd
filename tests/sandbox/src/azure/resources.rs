//! Scale sets and machines over HTTP.

use super::access::Read;
use super::paging::page;
use super::routes::Address;
use super::rows::{self, Place};
use super::scale_set::{Mode, ScaleSet};
use super::tokens::{self, Token};
use super::vm::Vm;
use super::{Azure, Group, Subscription, errors};
use crate::http::{Answer, Call};
use crate::matcher::Route;

pub(crate) fn serve(azure: &Azure, call: &Call, address: &Address) -> Result<Answer, Answer> {
    if address.route == Route::Unknown {
        let problem = format!(
            "The sandbox's Azure does not know {} {}.",
            call.method, call.path
        );
        return Err(errors::error(404, "InvalidResourceType", &problem));
    }
    let token = tokens::check(azure, call)?;
    check_version(azure, call, address)?;
    let wish = Wish::read(call, address)?;
    let id = address.subscription.to_ascii_lowercase();
    let subscription = azure.subscriptions.get(&id);
    let subscription =
        subscription.ok_or_else(|| errors::no_subscription(&address.subscription))?;
    let place = Place {
        subscription: &subscription.id,
        group: &address.group,
    };
    let view = View {
        azure,
        token,
        call,
        address,
        place,
        wish,
    };
    view.permit()?;
    if address.route == Route::ScaleSets {
        return view.scale_sets(subscription);
    }
    let group = subscription.groups.get(&address.group.to_ascii_lowercase());
    let group = group.ok_or_else(|| errors::no_group(&address.group))?;
    let view = View {
        place: Place {
            group: &group.name,
            ..view.place
        },
        ..view
    };
    match address.route {
        Route::GroupScaleSets => view.group_scale_sets(group),
        Route::ScaleSet => Ok(Answer::ok(rows::scale_set(&view.place, view.set(group)?))),
        Route::Instances => view.instances(group),
        Route::PointRead => view.instance(group),
        Route::GroupVms => view.group_vms(group),
        _ => view.group_vm(group),
    }
}

fn check_version(azure: &Azure, call: &Call, address: &Address) -> Result<(), Answer> {
    let version = call
        .parameter("api-version")
        .ok_or_else(errors::no_version)?;
    if azure.api_versions.contains(&version) {
        return Ok(());
    }
    let kind = match address.route {
        Route::GroupVms | Route::GroupVm => "virtualMachines",
        _ => "virtualMachineScaleSets",
    };
    Err(errors::unknown_version(kind, &version, &azure.api_versions))
}

/// What the query asks for beyond the path.
struct Wish {
    instance_view: bool,
    /// Only the machines of this scale set, by its resource id.
    of_set: Option<String>,
}

impl Wish {
    fn read(call: &Call, address: &Address) -> Result<Self, Answer> {
        let mut wish = Self {
            instance_view: false,
            of_set: None,
        };
        for (name, value) in call.parameters() {
            match name.to_ascii_lowercase().as_str() {
                "api-version" | "$skiptoken" => {}
                "$expand" if value.eq_ignore_ascii_case("instanceView") => {
                    wish.instance_view = true
                }
                "$filter" if address.route == Route::GroupVms => {
                    wish.of_set = Some(filter(&value)?)
                }
                _ => {
                    return Err(errors::bad_parameter(
                        &name,
                        "the sandbox's Azure does not know it here.",
                    ));
                }
            }
        }
        let expandable = match address.route {
            Route::Instances | Route::PointRead | Route::GroupVm => true,
            Route::GroupVms => wish.of_set.is_some(),
            _ => false,
        };
        if wish.instance_view && !expandable {
            return Err(errors::bad_parameter(
                "$expand",
                "it is not supported here, or not without a $filter.",
            ));
        }
        Ok(wish)
    }
}

/// Source: learn.microsoft.com/rest/api/compute, "Virtual Machines - List", the parameter `$filter`.
fn filter(text: &str) -> Result<String, Answer> {
    let id = text
        .trim()
        .strip_prefix("'virtualMachineScaleSet/id' eq '")
        .and_then(|rest| rest.strip_suffix('\''));
    id.map(str::to_owned).ok_or_else(|| {
        errors::bad_parameter("$filter", "only 'virtualMachineScaleSet/id' eq '...'")
    })
}

struct View<'a> {
    azure: &'a Azure,
    token: &'a Token,
    call: &'a Call,
    address: &'a Address,
    place: Place<'a>,
    wish: Wish,
}

impl View<'_> {
    fn permit(&self) -> Result<(), Answer> {
        let access = &self.azure.access;
        let group = self.place.group_id();
        let set = format!(
            "{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{}",
            self.address.set
        );
        let machine = format!(
            "{group}/providers/Microsoft.Compute/virtualMachines/{}",
            self.address.machine
        );
        let (read, scope, allowed) = match self.address.route {
            Route::ScaleSets => {
                let scope = format!("/subscriptions/{}", self.place.subscription);
                let allowed = access.may_list(Read::ScaleSets, &scope);
                (Read::ScaleSets, scope, allowed)
            }
            Route::GroupScaleSets => {
                let allowed = access.may_list(Read::ScaleSets, &group);
                (Read::ScaleSets, group, allowed)
            }
            Route::ScaleSet => (
                Read::ScaleSets,
                set.clone(),
                access.may(Read::ScaleSets, &set),
            ),
            Route::Instances => (
                Read::Instances,
                set.clone(),
                access.may_list(Read::Instances, &set),
            ),
            Route::PointRead => (
                Read::Instances,
                set.clone(),
                access.may(Read::Instances, &set),
            ),
            Route::GroupVms => {
                let allowed = access.may_list(Read::Vms, &group);
                (Read::Vms, group, allowed)
            }
            _ => (Read::Vms, machine.clone(), access.may(Read::Vms, &machine)),
        };
        if allowed {
            return Ok(());
        }
        Err(errors::forbidden(
            &self.token.holder.client_id,
            &self.token.holder.object_id,
            read.action(),
            &scope,
        ))
    }

    fn scale_sets(&self, subscription: &Subscription) -> Result<Answer, Answer> {
        let groups = subscription.groups.values();
        let sets: Vec<(Place<'_>, &ScaleSet)> = groups
            .flat_map(|group| {
                let place = Place {
                    subscription: self.place.subscription,
                    group: &group.name,
                };
                group.scale_sets.values().map(move |set| (place, set))
            })
            .filter(|(place, set)| self.shows(place, set))
            .collect();
        page(self.azure, self.call, &sets, |(place, set)| {
            rows::scale_set(place, set)
        })
    }

    fn group_scale_sets(&self, group: &Group) -> Result<Answer, Answer> {
        let sets: Vec<&ScaleSet> = group
            .scale_sets
            .values()
            .filter(|set| self.shows(&self.place, set))
            .collect();
        page(self.azure, self.call, &sets, |set| {
            rows::scale_set(&self.place, set)
        })
    }

    fn shows(&self, place: &Place<'_>, set: &ScaleSet) -> bool {
        !set.unlisted
            && self
                .azure
                .access
                .may(Read::ScaleSets, &place.set_id(&set.name))
    }

    fn set<'g>(&self, group: &'g Group) -> Result<&'g ScaleSet, Answer> {
        let set = group.scale_sets.get(&self.address.set.to_ascii_lowercase());
        set.ok_or_else(|| {
            errors::no_resource("virtualMachineScaleSets", &self.address.set, &group.name)
        })
    }

    fn instances(&self, group: &Group) -> Result<Answer, Answer> {
        let set = self.set(group)?;
        if !self
            .azure
            .access
            .may(Read::Instances, &self.place.set_id(&set.name))
        {
            return page(self.azure, self.call, &[], |_: &()| serde_json::Value::Null);
        }
        if set.mode == Mode::Flexible {
            let members = group
                .vms
                .values()
                .filter(|machine| belongs(machine, set) && !set.own_list_empty);
            let members: Vec<&Vm> = members.chain(&set.ghosts).collect();
            return page(self.azure, self.call, &members, |machine| {
                rows::member(&self.place, set, machine)
            });
        }
        let listed: Vec<&Vm> = match &set.frozen {
            Some(frozen) => frozen.iter().collect(),
            None => set
                .instances
                .values()
                .filter(|machine| !machine.unlisted)
                .chain(&set.ghosts)
                .collect(),
        };
        let view = self.wish.instance_view;
        page(self.azure, self.call, &listed, |machine| {
            rows::instance(&self.place, set, machine, view)
        })
    }

    /// The second witness: this one is never stale.
    fn instance(&self, group: &Group) -> Result<Answer, Answer> {
        let set = self.set(group)?;
        let id = &self.address.machine;
        let view = self.wish.instance_view;
        let found = match set.mode {
            Mode::Uniform => id.parse().ok().and_then(|id: u64| set.instances.get(&id)),
            Mode::Flexible => group
                .vms
                .get(&id.to_ascii_lowercase())
                .filter(|machine| belongs(machine, set)),
        };
        let found =
            found.ok_or_else(|| errors::no_instance(&self.azure.gone_code, self.address))?;
        Ok(Answer::ok(rows::instance(&self.place, set, found, view)))
    }

    fn group_vms(&self, group: &Group) -> Result<Answer, Answer> {
        let truth = || {
            group
                .vms
                .values()
                .filter(|machine| !machine.unlisted)
                .collect()
        };
        let mut listed: Vec<&Vm> = group
            .frozen_vms
            .as_ref()
            .map_or_else(truth, |frozen| frozen.iter().collect());
        if let Some(wanted) = &self.wish.of_set {
            let of_set = |set: &ScaleSet| self.place.set_id(&set.name).eq_ignore_ascii_case(wanted);
            let set = group.scale_sets.values().find(|set| of_set(set));
            listed.retain(|machine| set.is_some_and(|set| belongs(machine, set)));
        }
        listed.retain(|machine| {
            self.azure
                .access
                .may(Read::Vms, &self.place.vm_id(&machine.name))
        });
        let view = self.wish.instance_view;
        page(self.azure, self.call, &listed, |machine| {
            rows::vm(&self.place, machine, view)
        })
    }

    fn group_vm(&self, group: &Group) -> Result<Answer, Answer> {
        let name = &self.address.machine;
        let found = group.vms.get(&name.to_ascii_lowercase());
        let found =
            found.ok_or_else(|| errors::no_resource("virtualMachines", name, &group.name))?;
        Ok(Answer::ok(rows::vm(
            &self.place,
            found,
            self.wish.instance_view,
        )))
    }
}

fn belongs(machine: &Vm, set: &ScaleSet) -> bool {
    machine
        .scale_set
        .as_ref()
        .is_some_and(|name| name.eq_ignore_ascii_case(&set.name))
}
