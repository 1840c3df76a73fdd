//! A real browser without a window, spoken to in the DevTools protocol through a pipe.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A browser that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The browser of this machine, if there is one.
pub fn installed() -> Option<&'static str> {
    let browsers = ["chromium", "google-chrome", "google-chrome-stable"];
    let works = |program: &&str| {
        let mut command = Command::new(program);
        let command = command.arg("--version").stdin(Stdio::null());
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    browsers.into_iter().find(works)
}

/// One page in a browser of its own.
pub struct Page {
    browser: Child,
    asks: ChildStdin,
    answers: Receiver<Value>,
    session: Option<String>,
    asked: u64,
    /// What happened meanwhile.
    pub events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

impl Page {
    /// Opens a file in a window of this width, in light mode.
    pub fn open(file: &Path, width: u32) -> Self {
        let mut page = Self::start();
        let tab = page.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": tab["targetId"], "flatten": true});
        let session = page.call("Target.attachToTarget", attach);
        page.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime", "DOM", "Accessibility"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.width(width);
        page.scheme("light");
        let address = format!("file://{}", file.display());
        page.call("Page.navigate", json!({"url": address}));
        while !page
            .events
            .iter()
            .any(|it| it["method"] == "Page.loadEventFired")
        {
            page.read();
        }
        page
    }

    fn start() -> Self {
        let program = installed().expect("there is a browser");
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let mut command = Command::new("sh");
        // The protocol is spoken on 3 and 4; what the browser prints is nobody's.
        command.args([
            "-c",
            r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#,
            program,
            "--headless",
            "--remote-debugging-pipe",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--force-renderer-accessibility",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if is_root() {
            command.arg("--no-sandbox");
        }
        let mut browser = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let asks = browser.stdin.take().expect("a pipe");
        let said = browser.stdout.take().expect("a pipe");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(said).split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("messages are JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            browser,
            asks,
            answers,
            session: None,
            asked: 0,
            events: Vec::new(),
            _profile: profile,
        }
    }

    /// Asks for something, and waits for the answer.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let mut question = json!({"id": self.asked, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            question["sessionId"] = session.as_str().into();
        }
        let message = format!("{question}\0");
        let sent = self.asks.write_all(message.as_bytes());
        sent.and_then(|()| self.asks.flush())
            .expect("the browser listens");
        loop {
            let answer = self.read();
            if answer["id"] == self.asked {
                assert!(
                    answer["error"].is_null(),
                    "{method} {parameters}: {}",
                    answer["error"]
                );
                return answer["result"].clone();
            }
        }
    }

    fn read(&mut self) -> Value {
        let message = self.answers.recv_timeout(PATIENCE);
        let message = message.expect("the browser answers");
        if message["id"].is_null() {
            self.events.push(message.clone());
        }
        message
    }

    /// What an expression of JavaScript is.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", parameters);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].clone()
    }

    /// Makes the window so wide.
    pub fn width(&mut self, width: u32) {
        self.size(width, 800);
    }

    /// Makes the window so wide and so high.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// `light` or `dark`.
    pub fn scheme(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}));
    }

    /// As it would be printed, from a dark window.
    pub fn as_printed(&mut self) {
        let dark = json!({"name": "prefers-color-scheme", "value": "dark"});
        let media = json!({"media": "print", "features": [dark]});
        self.call("Emulation.setEmulatedMedia", media);
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "char", "keyUp"] {
            let text = match (kind, key) {
                ("char", "Enter") => "\r",
                ("char", _) => continue,
                _ => "",
            };
            let event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text,
            });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// The accessibility tree: every node with a role that a reader could be told.
    pub fn tree(&mut self) -> Vec<Node> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("a list of nodes");
        let told = nodes.iter().filter(|node| node["ignored"] == false);
        told.map(Node::read).collect()
    }
}

/// A node of the accessibility tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub role: String,
    pub name: String,
}

impl Node {
    fn read(node: &Value) -> Self {
        let text = |field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
        Self {
            role: text("role"),
            name: text("name"),
        }
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
