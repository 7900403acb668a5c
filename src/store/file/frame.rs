//! Files that tell whether they are whole.
//!
//! A first line names kind and version. Frames follow: length, checksum of the content and checksum of
//! these two, 8 bytes each, then the content. So a length that was damaged is never taken for a file
//! that ends early.

use super::damage::Damage;
use crate::record::checksum;

/// The version of every kind of file that this version of the crate reads and writes.
const VERSION: u32 = 1;

const WORD: usize = size_of::<u64>();
const HEAD: usize = 3 * WORD;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Snapshot,
    Journal,
    Lease,
    Requests,
    Stop,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Journal => "journal",
            Self::Lease => "lease",
            Self::Requests => "requests",
            Self::Stop => "stop",
        }
    }

    /// The first line of such a file.
    pub(super) fn first_line(self) -> Vec<u8> {
        format!("cutover {} {VERSION}\n", self.word()).into_bytes()
    }
}

/// One frame.
pub(super) fn frame(content: &[u8]) -> Vec<u8> {
    let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let mut frame = Vec::with_capacity(HEAD + content.len());
    frame.extend(length.to_le_bytes());
    frame.extend(checksum(content).to_le_bytes());
    frame.extend(checksum(&frame).to_le_bytes());
    frame.extend(content);
    frame
}

/// A file of one frame.
pub(super) fn sheet(kind: Kind, content: &[u8]) -> Vec<u8> {
    let mut sheet = kind.first_line();
    sheet.extend(frame(content));
    sheet
}

/// The content of a file of one frame, which must be whole: such files are replaced at once.
pub(super) fn read_sheet(kind: Kind, file: &[u8]) -> Result<&[u8], Damage> {
    let Some(frames) = after_first_line(kind, file)? else { return Err(Damage::Short) };
    let at = file.len() - frames.len();
    let (content, rest) = next(frames, at)?.ok_or(Damage::Short)?;
    if rest.is_empty() { Ok(content) } else { Err(Damage::Trailing) }
}

/// A journal's frames, and up to which byte they are whole. An append that was interrupted leaves a
/// beginning of a frame behind, or zeros; nobody was told that it was written, so it is left out.
pub(super) fn read_frames(kind: Kind, file: &[u8]) -> Result<(Vec<&[u8]>, usize), Damage> {
    let mut frames = Vec::new();
    let Some(mut rest) = after_first_line(kind, file)? else { return Ok((frames, 0)) };
    loop {
        let at = file.len() - rest.len();
        if rest.iter().all(|byte| *byte == 0) {
            return Ok((frames, at));
        }
        let Some((content, after)) = next(rest, at)? else { return Ok((frames, at)) };
        frames.push(content);
        rest = after;
    }
}

/// What follows the first line; none where the file ends within it, or holds only zeros.
fn after_first_line(kind: Kind, file: &[u8]) -> Result<Option<&[u8]>, Damage> {
    let line = kind.first_line();
    if let Some(rest) = file.strip_prefix(line.as_slice()) {
        return Ok(Some(rest));
    }
    if line.starts_with(file) || file.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let begin = format!("cutover {} ", kind.word());
    let rest = file.strip_prefix(begin.as_bytes()).ok_or(Damage::Foreign)?;
    let digits: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).take(10).collect();
    let ends = rest.get(digits.len()) == Some(&b'\n');
    let found = String::from_utf8(digits).ok().filter(|digits| ends && !digits.is_empty());
    Err(found.map_or(Damage::Foreign, |found| Damage::Version { found, known: VERSION }))
}

/// A frame's content, and what follows it.
type Split<'a> = (&'a [u8], &'a [u8]);

/// The first frame and what follows it; none where the bytes end within it.
fn next(bytes: &[u8], at: usize) -> Result<Option<Split<'_>>, Damage> {
    let Some((head, rest)) = bytes.split_at_checked(HEAD) else { return Ok(None) };
    let (sums, own) = head.split_at(2 * WORD);
    if number(own) != Some(checksum(sums)) {
        return Err(Damage::Checksum { at });
    }
    let (length, sum) = sums.split_at(WORD);
    let length = number(length).and_then(|length| usize::try_from(length).ok());
    let Some((content, rest)) = length.and_then(|length| rest.split_at_checked(length)) else {
        return Ok(None);
    };
    if number(sum) != Some(checksum(content)) {
        return Err(Damage::Checksum { at });
    }
    Ok(Some((content, rest)))
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().map(u64::from_le_bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(contents: &[&[u8]]) -> Vec<u8> {
        let mut file = Kind::Journal.first_line();
        for content in contents {
            file.extend(frame(content));
        }
        file
    }

    #[test]
    fn a_journal_that_ends_anywhere_holds_the_frames_that_are_whole() {
        let whole = journal(&[b"one", b"", b"three"]);
        let ends = [journal(&[]).len(), journal(&[b"one"]).len(), journal(&[b"one", b""]).len()];
        for length in 0..whole.len() {
            let (frames, valid) = read_frames(Kind::Journal, &whole[..length]).unwrap();
            let fit = ends.iter().filter(|end| **end <= length).count();
            assert_eq!(frames.len(), fit.saturating_sub(1), "{length}");
            assert_eq!(valid, fit.checked_sub(1).map_or(0, |last| ends[last]), "{length}");
            let zeros = [&whole[..valid], &[0; 40]].concat();
            assert_eq!(read_frames(Kind::Journal, &zeros).unwrap().0.len(), frames.len());
        }
        assert_eq!(read_frames(Kind::Journal, &whole).unwrap().0, [&b"one"[..], b"", b"three"]);
    }

    #[test]
    fn every_flipped_bit_of_a_whole_file_is_seen() {
        let whole = journal(&[b"one", b"two"]);
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                read_frames(Kind::Journal, &flipped).unwrap_err();
            }
        }
        let whole = sheet(Kind::Lease, b"content");
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            read_sheet(Kind::Lease, &flipped).unwrap_err();
            read_sheet(Kind::Lease, &whole[..at]).unwrap_err();
        }
        assert_eq!(read_sheet(Kind::Lease, &whole), Ok(&b"content"[..]));
        let more = [whole.as_slice(), b"x"].concat();
        assert_eq!(read_sheet(Kind::Lease, &more), Err(Damage::Trailing));
    }

    #[test]
    fn other_versions_and_other_files_are_told_apart() {
        let read = |file: &[u8]| read_frames(Kind::Journal, file).unwrap_err();
        let version = Damage::Version { found: "2".to_owned(), known: 1 };
        assert_eq!(read(b"cutover journal 2\nwhatever"), version);
        assert_eq!(read(b"cutover snapshot 1\n"), Damage::Foreign);
        assert_eq!(read(b"%PDF-1.7"), Damage::Foreign);
    }
}
