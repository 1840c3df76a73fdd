//! Which characters a reader sees.

/// Letters without a shape, and what only changes another character's.
const UNSEEN: [(char, char); 11] = [
    ('\u{34f}', '\u{34f}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff9}', '\u{fffc}'),
    ('\u{e0000}', '\u{e007f}'),
    ('\u{e0100}', '\u{e01ef}'),
];

/// Whether a character has a shape of its own. Line breaks, controls, changes of direction, spaces that are none, what fonts
/// leave out and what has no meaning have none: two names that differ in one of them alone look alike.
#[must_use]
pub fn is_shown(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    let is_in = |(first, last): &(char, char)| (*first..=*last).contains(&c);
    if UNSEEN.iter().any(is_in) {
        return false;
    }
    // Behind a letter, so that an accent is not escaped for standing alone.
    let behind_letter = String::from_iter(['a', c]);
    behind_letter.escape_debug().eq(behind_letter.chars())
}

#[cfg(test)]
mod tests {
    use super::is_shown;

    #[test]
    fn letters_of_every_script_are_shown() {
        for c in "a~\u{fc}\u{e9}\u{301}\u{6771}\u{20ac}\u{645}\u{5d0}\u{1f600}".chars() {
            assert!(is_shown(c), "{c:?}");
        }
    }

    #[test]
    fn what_hides_moves_or_breaks_is_not() {
        for c in "\n\r\t\u{0}\u{1b}\u{7f}\u{85}\u{ad}\u{200b}\u{200d}\u{200e}\u{202e}\u{2028}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{e0041}"
            .chars()
        {
            assert!(!is_shown(c), "{c:?}");
        }
    }
}
