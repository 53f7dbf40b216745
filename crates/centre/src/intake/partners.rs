//! The banks and payment institutions that a report may name, by id, name and the names people use for them.

use std::sync::Arc;

/// Names → partner ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankNames {
    /// (name as people write it, partner id); the longest names first.
    aliases: Vec<(String, String)>,
}

impl BankNames {
    /// From (partner id, names). The id is a name too; `银行` and `支付` endings may be left out when reading a field.
    pub fn new<'a>(partners: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> Self {
        let mut aliases: Vec<(String, String)> = Vec::new();
        for (id, names) in partners {
            for name in names.into_iter().chain([id]).map(str::trim).filter(|name| !name.is_empty()) {
                aliases.push((name.to_owned(), id.to_owned()));
            }
        }
        aliases.sort_by(|a, b| b.0.chars().count().cmp(&a.0.chars().count()).then_with(|| a.cmp(b)));
        aliases.dedup();
        Self { aliases }
    }

    /// The banks and payment institutions of the partner directory, by name in both languages and by bank code.
    pub fn of(book: &wire::Book) -> Self {
        let banks = book.partners().filter(|partner| partner.role == wire::PartnerRole::Bank);
        Self::new(banks.map(|bank| {
            let names = [bank.name.as_str(), bank.name_en.as_str()];
            (bank.id.as_str(), names.into_iter().chain(bank.bank_codes.iter().map(String::as_str)).collect())
        }))
    }

    /// The partner that a field names: exactly, or a branch of it (`湘江示范银行长沙分行`).
    pub fn resolve(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        let exact = self.aliases.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        let branch = || {
            self.aliases
                .iter()
                .find(|(name, _)| !name.is_ascii() && name.chars().count() >= 4 && text.starts_with(name.as_str()))
        };
        exact.or_else(branch).map(|(_, id)| id.as_str())
    }

    /// Names as people write them, the longest first, each with its partner id; ids themselves are not among them.
    pub fn written_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().filter(|(name, id)| name != id).map(|(name, id)| (name.as_str(), id.as_str()))
    }

    /// Whether no partner is known, as in a centre being set up.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty()
    }
}

/// Where the names come from; cheap to clone.
#[derive(Clone)]
pub struct Partners(Source);

#[derive(Clone)]
enum Source {
    Directory(wire::Directory),
    Fixed(Arc<BankNames>),
}

impl Partners {
    /// Always these; for tests and tools.
    pub fn fixed(names: BankNames) -> Self {
        Self(Source::Fixed(Arc::new(names)))
    }

    /// The names as they are now.
    pub fn names(&self) -> Arc<BankNames> {
        match &self.0 {
            Source::Directory(directory) => Arc::new(BankNames::of(&directory.book())),
            Source::Fixed(names) => names.clone(),
        }
    }
}

impl From<wire::Directory> for Partners {
    fn from(directory: wire::Directory) -> Self {
        Self(Source::Directory(directory))
    }
}
