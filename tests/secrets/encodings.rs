//! What a text says to somebody who decodes what looks encoded.

/// The text itself, and everything in it that reads as base64, hexadecimal, or percent-encoding, wherever it begins.
pub fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_owned(), percent_decoded(text)];
    for run in runs(text, |c| c.is_ascii_alphanumeric() || "+/-_".contains(c)) {
        readings.extend((0..4).map(|start| bits_of(&run[start.min(run.len())..], 6, base64_digit)));
    }
    for run in runs(text, |c| c.is_ascii_hexdigit()) {
        readings.extend((0..2).map(|start| bits_of(&run[start..], 4, |c| c.to_digit(16))));
    }
    readings
}

/// Long enough to hold half of a secret.
fn runs(text: &str, belongs: impl Fn(char) -> bool) -> Vec<&str> {
    let runs = text.split(|c| !belongs(c));
    runs.filter(|run| run.len() >= 8).collect()
}

fn base64_digit(c: char) -> Option<u32> {
    Some(match c {
        'A'..='Z' => u32::from(c) - u32::from('A'),
        'a'..='z' => u32::from(c) - u32::from('a') + 26,
        '0'..='9' => u32::from(c) - u32::from('0') + 52,
        '+' | '-' => 62,
        '/' | '_' => 63,
        _ => return None,
    })
}

fn bits_of(run: &str, width: u32, digit: impl Fn(char) -> Option<u32>) -> String {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in run.chars().filter_map(digit) {
        bits = (bits << width | digit) & 0xffff;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("eight bits"));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).map(|hex| u8::from_str_radix(hex, 16)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            _ => {
                bytes.push(b'%');
                bytes.extend(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The readings find what they are for.
pub fn what_is_encoded_is_read() {
    for text in [
        "password",
        "cGFzc3dvcmQ=",
        "xxxcGFzc3dvcmQxxxx",
        "dXNlcjpwYXNzd29yZA==",
        "70617373776f7264",
        "p%61ssword",
    ] {
        let read = readings(text)
            .iter()
            .any(|reading| reading.contains("password"));
        assert!(read, "{text} was not read");
    }
}
