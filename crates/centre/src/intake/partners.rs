//! The banks and payment institutions that a report may name, by id, name and the names people use for them.

use std::sync::Arc;

use super::bank_names::{Strength, also_called, is_branch};

/// Names → partner ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BankNames {
    /// The longest names first.
    aliases: Vec<Alias>,
}

/// A name as people write it, and whom it means.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Alias {
    name: String,
    id: String,
    strength: Strength,
}

impl BankNames {
    /// From (partner id, names). The id is a name too. Of a bank that everybody knows, its short names are names too
    /// (中国农业银行: 农业银行, 农行), unless another partner bears the name itself.
    pub fn new<'a>(partners: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> Self {
        let mut given: Vec<Alias> = Vec::new();
        let mut known: Vec<Alias> = Vec::new();
        for (id, names) in partners {
            for name in names.into_iter().chain([id]).map(str::trim).filter(|name| !name.is_empty()) {
                given.push(Alias { name: name.to_owned(), id: id.to_owned(), strength: Strength::Anywhere });
                known.extend(also_called(name).into_iter().map(|(name, strength)| Alias {
                    name,
                    id: id.to_owned(),
                    strength,
                }));
            }
        }
        known.retain(|alias| !given.iter().any(|other| other.name == alias.name));
        let mut aliases = given;
        aliases.append(&mut known);
        aliases.sort_by(|a, b| {
            b.name.chars().count().cmp(&a.name.chars().count()).then_with(|| (&a.name, &a.id).cmp(&(&b.name, &b.id)))
        });
        aliases.dedup_by(|a, b| (&a.name, &a.id) == (&b.name, &b.id));
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

    /// The partner that a field names: exactly, or a branch of it (`湘江示范银行长沙分行`, `农行长沙芙蓉支行`).
    pub fn resolve(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        let exact = self.aliases.iter().find(|alias| alias.name.eq_ignore_ascii_case(text));
        let branch = || {
            self.aliases.iter().filter(|alias| !alias.name.is_ascii()).find(|alias| {
                text.strip_prefix(alias.name.as_str())
                    .is_some_and(|rest| alias.name.chars().count() >= 4 || is_branch(rest))
            })
        };
        exact.or_else(branch).map(|alias| alias.id.as_str())
    }

    /// Names as people write them, the longest first, each with its partner id and how freely it is recognised; ids
    /// themselves are not among them.
    pub(crate) fn written_names(&self) -> impl Iterator<Item = (&str, &str, Strength)> {
        self.aliases
            .iter()
            .filter(|alias| alias.name != alias.id)
            .map(|alias| (alias.name.as_str(), alias.id.as_str(), alias.strength))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn banks() -> BankNames {
        BankNames::new([
            ("bank-a", vec!["中国农业银行", "Agricultural Bank"]),
            ("bank-b", vec!["中国工商银行股份有限公司"]),
            ("bank-c", vec!["中国邮政储蓄银行"]),
            ("bank-d", vec!["长沙农村商业银行"]),
            ("bank-e", vec!["湘江示范银行"]),
        ])
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(banks().resolve(text).unwrap_or("-"), expect, "{text}");
    }

    #[test]
    fn full_short_and_branch_names_mean_one_bank() {
        check("中国农业银行", "bank-a");
        check("农业银行", "bank-a");
        check("农行", "bank-a");
        check("农行长沙芙蓉支行", "bank-a");
        check("中国农业银行股份有限公司长沙芙蓉支行", "bank-a");
        check("工行", "bank-b");
        check("工商银行湘潭分行营业部", "bank-b");
        check("中国工商银行", "bank-b");
        check("icbc", "bank-b");
        check("邮储", "bank-c");
        check("邮政储蓄银行", "bank-c");
        check("长沙农商行", "bank-d");
        check("湘江示范银行岳阳支行", "bank-e");
    }

    #[test]
    fn what_is_no_name_of_a_partner_is_none() {
        for text in ["", "建行", "农行员工", "工行为", "中国", "银行"] {
            check(text, "-");
        }
    }

    #[test]
    fn a_name_that_a_partner_bears_itself_is_not_given_to_another() {
        let banks = BankNames::new([("a", vec!["中国农业银行"]), ("b", vec!["农行"])]);
        assert_eq!(banks.resolve("农行"), Some("b"));
    }
}
