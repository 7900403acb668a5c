//! Requests that other processes left in the store for whoever drives.

use std::time::Duration;

use super::link::Answer;
use crate::model::Elapsed;
use crate::model::StopOrder;
use crate::ports::StoredRequest;

/// Takes requests one at a time: the next one is taken only when the answer to the last is stored. So a
/// crash can repeat no more than the last one, which the state absorbs: what it asked for is so already.
#[derive(Debug)]
pub(super) struct Mailbox {
    every: Duration,
    looked: Option<Elapsed>,
    at: At,
}

#[derive(Debug)]
enum At {
    /// Nothing is under way.
    Rest,
    /// The store is being read.
    Looking,
    /// The engine has this one.
    Taken { nonce: String },
    /// It was answered; the store is to be told, or is being told.
    Answered { nonce: String, answer: Answer, telling: bool },
}

/// What was found in the store; none of what could not be read.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) requests: Option<Vec<StoredRequest>>,
    pub(super) turns: Option<Vec<StopOrder>>,
}

/// What the store is asked next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Which requests wait.
    Look,
    /// To note an answer.
    Tell { nonce: String, answer: Answer },
}

impl Mailbox {
    /// A mailbox that is looked into at most this often.
    pub(super) const fn new(every: Duration) -> Self {
        Self { every, looked: None, at: At::Rest }
    }

    /// What is to be asked of the store now, if anything.
    pub(super) fn errand(&mut self, now: Elapsed) -> Option<Errand> {
        match &mut self.at {
            At::Rest if self.looked.is_none_or(|looked| now.since(looked) >= self.every) => {
                self.looked = Some(now);
                self.at = At::Looking;
                Some(Errand::Look)
            }
            At::Answered { nonce, answer, telling } if !*telling => {
                *telling = true;
                Some(Errand::Tell { nonce: nonce.clone(), answer: answer.clone() })
            }
            At::Rest | At::Looking | At::Taken { .. } | At::Answered { .. } => None,
        }
    }

    /// The store was read, as far as it answered. Answers the request that is taken now.
    pub(super) fn looked(&mut self, found: Option<Vec<StoredRequest>>) -> Option<StoredRequest> {
        self.at = At::Rest;
        let mut waiting = found?.into_iter().filter(|request| request.answer.is_none());
        let request = waiting.next()?;
        self.at = At::Taken { nonce: request.nonce.clone() };
        Some(request)
    }

    /// The request that was taken is answered.
    pub(super) fn answered(&mut self, answer: Answer) {
        if let At::Taken { nonce } = &mut self.at {
            let nonce = std::mem::take(nonce);
            self.at = At::Answered { nonce, answer, telling: false };
        }
    }

    /// The store was told, or did not answer: then it is told again at the next look.
    pub(super) fn told(&mut self, is_stored: bool) {
        match &mut self.at {
            // More may wait behind it.
            At::Answered { .. } if is_stored => (self.at, self.looked) = (At::Rest, None),
            At::Answered { telling, .. } => *telling = false,
            At::Rest | At::Looking | At::Taken { .. } => {}
        }
    }

    /// Whatever was under way is not any more.
    pub(super) fn interrupted(&mut self) {
        match &mut self.at {
            At::Looking => (self.at, self.looked) = (At::Rest, None),
            At::Answered { telling, .. } => *telling = false,
            At::Rest | At::Taken { .. } => {}
        }
    }

    /// What to answer each request that still waits when the deployment ends.
    pub(super) fn last_word(&self, nonce: &str) -> Answer {
        match &self.at {
            At::Answered { nonce: answered, answer, .. } if answered == nonce => answer.clone(),
            At::Rest | At::Looking | At::Taken { .. } | At::Answered { .. } => {
                Err("the deployment has ended; start a new one".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Operator;

    fn request(nonce: &str, answer: Option<Answer>) -> StoredRequest {
        StoredRequest {
            nonce: nonce.to_owned(),
            operator: Operator::Pause,
            by: None,
            step: 0,
            answer,
        }
    }

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    fn tell(nonce: &str) -> Errand {
        Errand::Tell { nonce: nonce.to_owned(), answer: Ok(()) }
    }

    #[test]
    fn the_next_request_is_taken_only_when_the_last_answer_is_stored() {
        let mut mailbox = Mailbox::new(Duration::from_secs(10));
        assert_eq!(mailbox.errand(at(0)), Some(Errand::Look));
        assert_eq!(mailbox.errand(at(60)), None, "one look at a time");
        let found = || vec![request("a", Some(Ok(()))), request("b", None), request("c", None)];
        assert_eq!(mailbox.looked(Some(found())).unwrap().nonce, "b");
        assert_eq!(mailbox.errand(at(60)), None, "the engine has it");
        mailbox.answered(Ok(()));
        assert_eq!(mailbox.errand(at(61)), Some(tell("b")));
        assert_eq!(mailbox.errand(at(80)), None, "told once at a time");
        mailbox.told(false);
        assert_eq!(mailbox.errand(at(80)), Some(tell("b")));
        mailbox.told(true);
        assert_eq!(mailbox.errand(at(80)), Some(Errand::Look), "at once: more may wait");
    }

    #[test]
    fn an_empty_mailbox_is_looked_into_no_more_often_than_it_should() {
        let mut mailbox = Mailbox::new(Duration::from_secs(10));
        assert_eq!(mailbox.errand(at(0)), Some(Errand::Look));
        assert!(mailbox.looked(None).is_none());
        assert_eq!(mailbox.errand(at(9)), None);
        assert_eq!(mailbox.errand(at(10)), Some(Errand::Look));
        mailbox.interrupted();
        assert_eq!(mailbox.errand(at(11)), Some(Errand::Look));
    }

    #[test]
    fn the_last_word_is_the_answer_that_was_given() {
        let mut mailbox = Mailbox::new(Duration::from_secs(10));
        mailbox.errand(at(0));
        mailbox.looked(Some(vec![request("a", None)]));
        mailbox.answered(Ok(()));
        assert_eq!(mailbox.last_word("a"), Ok(()));
        assert!(mailbox.last_word("b").is_err());
    }
}
