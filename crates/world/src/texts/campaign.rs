//! Many texts of one sender that lead to the same place: the same link, number or account in each, in one wording or in
//! many.

use kernel::ScamType;

use super::grammar::{self, Filled, Piece};
use super::style;
use super::{Writer, Written, disguised, fill, honest, scams};

/// Where a text leads: the places that stay the same throughout a campaign.
const CONTACTS: [&str; 7] = ["url", "wechat", "qq", "mobile", "card", "fixed", "hotline"];

/// How far the texts of a campaign are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// One sentence with its choices.
    One,
    /// Every way there is to say it.
    Many,
}

/// What is sent to many.
#[derive(Debug, Clone)]
pub struct Campaign {
    label: &'static str,
    templates: Vec<&'static str>,
    contacts: Vec<(&'static str, Piece, String)>,
}

impl Writer {
    /// A scam that is sent to many.
    pub fn scam_campaign(&mut self, kind: ScamType, wording: Wording) -> Campaign {
        let templates = scams::SCAMS.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, templates)| templates);
        self.campaign(kind.code(), templates, wording)
    }

    /// A shop's offer that is sent to many.
    pub fn offer(&mut self) -> Campaign {
        self.campaign("advertising", honest::ADVERTISING, Wording::One)
    }

    /// Words that are sent on from person to person.
    pub fn forwarded(&mut self) -> Campaign {
        self.campaign("private", honest::FORWARDED, Wording::One)
    }

    /// What somebody writes to dozens whom he knows: parents of a class, guests, colleagues.
    pub fn invitation(&mut self) -> Campaign {
        self.campaign("private", honest::INVITATIONS, Wording::One)
    }

    fn campaign(&mut self, label: &'static str, templates: &[&'static str], wording: Wording) -> Campaign {
        let templates = match wording {
            Wording::One => self.dice.pick(templates).copied().into_iter().collect(),
            Wording::Many => templates.to_vec(),
        };
        let drawn = |name: &&'static str| match fill(&mut self.dice, name) {
            Some(Filled::Value(piece, value)) => Some((*name, piece, value)),
            _ => None,
        };
        Campaign { label, templates, contacts: CONTACTS.iter().filter_map(drawn).collect() }
    }

    /// One text of a campaign.
    pub fn of(&mut self, campaign: &Campaign) -> Written {
        let template = self.dice.pick(&campaign.templates).copied().unwrap_or_default();
        let pieces = grammar::write(&mut self.dice, template, &|dice, name| match campaign
            .contacts
            .iter()
            .find(|(of, ..)| *of == name)
        {
            Some((_, piece, value)) => Some(Filled::Value(*piece, value.clone())),
            None => fill(dice, name),
        });
        let text = style::apply(&mut self.dice, pieces, disguised(campaign.label), self.source);
        Written { text, label: campaign.label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_campaign_lead_to_one_place() {
        let mut writer = Writer::sent(4);
        let kind = ScamType::parse("fake_task_rebate").unwrap();
        let campaign = writer.scam_campaign(kind, Wording::Many);
        let chat = &campaign.contacts.iter().find(|(name, ..)| *name == "wechat").unwrap().2;
        let texts: Vec<String> = (0..200).map(|_| writer.of(&campaign).text).collect();
        let naming = texts.iter().filter(|text| text.contains(chat.as_str())).count();
        assert!(naming > 5, "{naming} of {texts:#?}");
        assert!(texts.iter().all(|text| !text.contains("WECHAT") && !text.contains("CELLPHONE")));
    }
}
