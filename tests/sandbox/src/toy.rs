//! The world as a toy: what can be done to it while it is served.

use sandbox::{ENVIRONMENT, Fault, Kind, Matcher, Sandbox, Service, Vm, When, World};
use std::fmt::Write;
use std::time::Duration;

/// What somebody may type, and what it does.
pub const COMMANDS: [(&str, &str); 10] = [
    ("scale-in COUNT", "so many machines go; their targets stay"),
    ("scale-out COUNT", "so many machines come, and register"),
    ("ran", "a run of each published runbook has succeeded"),
    ("stop octopus|azure", "it refuses connections"),
    ("start octopus|azure", "it is there again"),
    (
        "slow DURATION",
        "every answer takes so long: 3s, 500ms; 0 for at once",
    ),
    ("reset", "the world as it was at the beginning"),
    ("status", "what there is now"),
    (
        "env",
        "the environment that points a program here, for bash",
    ),
    ("env --powershell", "the same for PowerShell"),
];

/// A sandbox that is played with.
pub struct Toy {
    pub sandbox: Sandbox,
    arrange: Box<dyn Fn(&mut World) + Send>,
    /// Whether the environment leads to Octopus over plain HTTP.
    plain_http: bool,
    stopped: Vec<Service>,
    slow: Duration,
}

impl Toy {
    /// Starts both services with such a world.
    pub fn start(plain_http: bool, arrange: impl Fn(&mut World) + Send + 'static) -> Self {
        let sandbox = Sandbox::start();
        sandbox.world(&arrange);
        Self {
            sandbox,
            arrange: Box::new(arrange),
            plain_http,
            stopped: Vec::new(),
            slow: Duration::ZERO,
        }
    }

    /// Does what somebody typed, and says what came of it.
    ///
    /// # Errors
    /// Why it was not done.
    pub fn obey(&mut self, words: &[&str]) -> Result<String, String> {
        match words {
            ["scale-in", count] => self.scale_in(number(count)?),
            ["scale-out", count] => Ok(self.scale_out(number(count)?)),
            ["ran"] => self.ran(),
            ["stop", name] => self.stop(service(name)?),
            ["start", name] => self.go_on(service(name)?),
            ["slow", time] => self.slow_down(duration(time)?),
            ["reset"] => self.reset(),
            ["status"] => Ok(self.status()),
            ["env"] => Ok(self.environment("export ", "=")),
            ["env", "--powershell"] => Ok(self.environment("$env:", " = ")),
            _ => Err(format!("The sandbox knows these:\n{}", usage(""))),
        }
    }

    fn scale_in(&self, count: usize) -> Result<String, String> {
        self.sandbox.world(|world| {
            let set = world.scale_set_name.clone();
            let hosts = world.scale_set(&set).hosts();
            let left = hosts.len().checked_sub(count).ok_or_else(|| {
                format!("The scale set {set} has {} instances, and cannot lose {count}.", hosts.len())
            })?;
            let gone = &hosts[left..];
            drop(world.scale_set(&set).scale_in(gone));
            world.check_all();
            Ok(format!(
                "Gone: {}. The scale set {set} has {left} instances now. Octopus has checked its targets since, calls those \
                 unavailable, and keeps them.\nSee what the program would do: octopus-scale-in --dry-run",
                list(gone)
            ))
        })
    }

    fn scale_out(&self, count: usize) -> String {
        self.sandbox.world(|world| {
            let set = world.scale_set_name.clone();
            let before = world.scale_set(&set).hosts();
            let grown = world.scale_set(&set).scale_out(count as u64).list();
            let total = grown.len();
            let is_new = |machine: &Vm| !before.contains(&machine.host());
            let new: Vec<Vm> = grown.into_iter().filter(is_new).collect();
            world.register_all(&new);
            let hosts: Vec<String> = new.iter().map(Vm::host).collect();
            format!(
                "New, and registered: {}. The scale set {set} has {total} instances now.",
                list(&hosts)
            )
        })
    }

    /// Nobody runs PowerShell here, so somebody has to say so.
    fn ran(&self) -> Result<String, String> {
        self.sandbox.world(|world| {
            let runbooks: Vec<(String, String)> = world
                .documents(Kind::Runbook)
                .into_iter()
                .filter(|(id, _)| world.published(id).is_some())
                .collect();
            if runbooks.is_empty() {
                return Err("No runbook is published here.".into());
            }
            let now = sandbox::now();
            for (id, _) in &runbooks {
                let run = world.runbook_ran(id, ENVIRONMENT, "Success", now);
                drop(run.completed("Success", now, now));
            }
            let names: Vec<String> = runbooks.into_iter().map(|(_, name)| name).collect();
            Ok(format!(
                "A run of what is published has succeeded in Production: {}.",
                list(&names)
            ))
        })
    }

    fn stop(&mut self, service: Service) -> Result<String, String> {
        self.sandbox.stop_service(service);
        self.stopped.retain(|it| *it != service);
        self.stopped.push(service);
        let name = name(service);
        let word = word(service);
        Ok(format!(
            "{name} refuses connections now. sandbox start {word} brings it back."
        ))
    }

    fn go_on(&mut self, service: Service) -> Result<String, String> {
        let started = self.sandbox.start_service(service);
        started.map_err(|error| format!("{} could not start: {error}", name(service)))?;
        self.stopped.retain(|it| *it != service);
        Ok(format!("{} is there again.", name(service)))
    }

    fn slow_down(&mut self, delay: Duration) -> Result<String, String> {
        self.slow = delay;
        self.sandbox.clear_faults();
        if delay.is_zero() {
            return Ok("Both answer at once.".into());
        }
        let late = Fault::latency(delay);
        self.sandbox.fault(Matcher::any(), When::Always, late);
        Ok(format!(
            "Every answer takes {delay:?} now. sandbox slow 0 ends that."
        ))
    }

    fn reset(&mut self) -> Result<String, String> {
        for service in std::mem::take(&mut self.stopped) {
            self.go_on(service)?;
        }
        self.slow_down(Duration::ZERO)?;
        self.sandbox.new_world(&self.arrange);
        Ok(format!(
            "The world is as it was at the beginning.\n{}",
            self.status()
        ))
    }

    /// What there is, in a few lines.
    pub fn status(&self) -> String {
        let mut said = self.sandbox.world(|world| {
            let set = world.scale_set_name.clone();
            let hosts = world.scale_set(&set).hosts();
            let targets = world.target_names();
            let has_roles = |name: &str| {
                let mut all = world.octopus.targets.values();
                all.any(|it| it.name == name && world.roles.iter().all(|role| it.roles.contains(role)))
            };
            let lost: Vec<String> = targets
                .iter()
                .filter(|name| has_roles(name) && !hosts.contains(name))
                .cloned()
                .collect();
            format!(
                "Scale set {set}: {} instances ({}).\nOctopus: {} deployment targets. With the scale set's tags and without a \
                 machine of it: {}.",
                hosts.len(),
                list(&hosts),
                targets.len(),
                list(&lost)
            )
        });
        for service in &self.stopped {
            let _ = write!(said, "\n{} is stopped.", name(*service));
        }
        if !self.slow.is_zero() {
            let _ = write!(said, "\nEvery answer takes {:?}.", self.slow);
        }
        let _ = write!(
            said,
            "\nRequests so far: {}.",
            self.sandbox.requests().len()
        );
        said
    }

    /// The variables that point a program at this sandbox.
    pub fn variables(&self) -> Vec<(String, String)> {
        let mut variables = self.sandbox.environment();
        for (name, value) in &mut variables {
            if self.plain_http && name == "VMSS_OCTOPUS_URL" {
                *value = self.sandbox.octopus_http_url();
            }
        }
        let before = self
            .sandbox
            .world(|world| world.made_before_setup().cloned());
        let key = before.map(|it| ("OCTOPUS_API_KEY".to_owned(), it.administrator_key));
        variables.extend(key);
        variables
    }

    fn environment(&self, before: &str, between: &str) -> String {
        let pairs = self.variables().into_iter();
        // No value holds a quote: all are made here, but for the path of a temporary folder.
        let lines = pairs.map(|(name, value)| format!("{before}{name}{between}'{value}'"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// The commands, each after what comes before it.
pub fn usage(before: &str) -> String {
    let lines = COMMANDS.iter();
    let lines = lines.map(|(command, does)| format!("  {before}{command:<20}  {does}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 10;
    match names {
        [] => "none".into(),
        names if names.len() > SHOWN => {
            let more = names.len() - SHOWN;
            format!("{} and {more} more", names[..SHOWN].join(", "))
        }
        names => names.join(", "),
    }
}

fn number(word: &str) -> Result<usize, String> {
    match word.parse() {
        Ok(number) if (1..=10_000).contains(&number) => Ok(number),
        _ => Err(format!("'{word}' is no number from 1 to 10000.")),
    }
}

fn service(word: &str) -> Result<Service, String> {
    match word {
        "octopus" => Ok(Service::Octopus),
        "azure" => Ok(Service::Azure),
        _ => Err(format!("'{word}' is neither octopus nor azure.")),
    }
}

fn word(service: Service) -> &'static str {
    match service {
        Service::Octopus => "octopus",
        Service::Azure => "azure",
    }
}

fn name(service: Service) -> &'static str {
    match service {
        Service::Octopus => "Octopus",
        Service::Azure => "Azure",
    }
}

/// `3s`, `1.5s`, `500ms`, `2` (seconds).
fn duration(word: &str) -> Result<Duration, String> {
    const LONGEST: f64 = 600.0;
    let (number, unit) = match (word.strip_suffix("ms"), word.strip_suffix('s')) {
        (Some(number), _) => (number, 0.001),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (word, 1.0),
    };
    let seconds = number.parse::<f64>().map(|number| number * unit);
    match seconds {
        Ok(seconds) if (0.0..=LONGEST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!(
            "'{word}' is no time up to ten minutes, such as 3s or 500ms."
        )),
    }
}
