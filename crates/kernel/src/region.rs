//! Regions, GB/T 2260: all provinces, and the prefectures and counties of the provinces whose file is loaded.
//!
//! Another province is another file of the same shape in `data/`, named in [`FILES`].

use std::sync::LazyLock;

use crate::value::{half_width, is_invisible, text_value};
use crate::{Fault, Maskable, Text};

/// A region that stands in the table; a code abolished since stays valid and names its successor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u32);

/// Province, prefecture, county.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionLevel {
    /// 省级
    Province,
    /// 地级
    City,
    /// 县级
    County,
}

struct Row {
    code: u32,
    name: &'static str,
    name_en: &'static str,
    successor: Option<u32>,
}

const FILES: [&str; 2] = [include_str!("../data/provinces.csv"), include_str!("../data/regions-43.csv")];

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let mut rows: Vec<Row> = FILES.iter().flat_map(|file| file.lines().skip(1)).filter_map(row).collect();
    rows.sort_by_key(|row| row.code);
    rows
});

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split(',');
    Some(Row {
        code: cells.next()?.parse().ok()?,
        name: cells.next()?,
        name_en: cells.next()?,
        successor: cells.next().and_then(|text| text.parse().ok()),
    })
}

const UNKNOWN: Text = Text::new(
    "region.unknown",
    ("没有“{given}”这个行政区划", "there is no region {given}"),
    (
        "请填写六位代码或全称，例如 430102 或 芙蓉区；外省请填省级代码，例如 440000",
        "give the six-digit code or the full name, such as 430102; for another province its own code, such as 440000",
    ),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[UNKNOWN];

impl Region {
    /// Reads a code (`430102`; `4301` and `43` stand for the city and the province) or a full name (`芙蓉区`,
    /// `湖南省长沙市芙蓉区`). Fault: `region.unknown`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let given: String =
            text.chars().filter(|c| !is_invisible(*c)).map(half_width).filter(|c| !c.is_whitespace()).collect();
        let by_code = || {
            let code: u32 = given.parse().ok().filter(|_| given.bytes().all(|b| b.is_ascii_digit()))?;
            match given.len() {
                2 => Self::from_code(code * 10_000),
                4 => Self::from_code(code * 100),
                6 => Self::from_code(code),
                _ => None,
            }
        };
        by_code().or_else(|| Self::by_name(&given)).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            UNKNOWN.at("", &[("given", &shown)])
        })
    }

    /// The region of a code, where the table has it.
    pub fn from_code(code: u32) -> Option<Self> {
        find(code).map(|row| Self(row.code))
    }

    fn by_name(given: &str) -> Option<Self> {
        if let Some(row) = TABLE.iter().find(|row| row.name == given) {
            return Some(Self(row.code));
        }
        TABLE.iter().find(|row| Self(row.code).full_name() == given).map(|row| Self(row.code))
    }

    /// The six digits.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// The name by itself, in Chinese.
    pub fn name(self) -> &'static str {
        find(self.0).map_or("", |row| row.name)
    }

    /// The name by itself, in English.
    pub fn name_en(self) -> &'static str {
        find(self.0).map_or("", |row| row.name_en)
    }

    /// The name with those of the regions around it: `湖南省长沙市芙蓉区`.
    pub fn full_name(self) -> String {
        let mut name = String::new();
        for region in self.parent().and_then(Self::parent).into_iter().chain(self.parent()).chain([self]) {
            name.push_str(region.name());
        }
        name
    }

    /// Province, city or county.
    pub const fn level(self) -> RegionLevel {
        if self.0.is_multiple_of(10_000) {
            RegionLevel::Province
        } else if self.0.is_multiple_of(100) {
            RegionLevel::City
        } else {
            RegionLevel::County
        }
    }

    /// The region around this one; none for a province.
    pub fn parent(self) -> Option<Self> {
        match self.level() {
            RegionLevel::Province => None,
            RegionLevel::City => Self::from_code(self.0 / 10_000 * 10_000),
            RegionLevel::County => Self::from_code(self.0 / 100 * 100),
        }
    }

    /// Whether this region lies in `scope` or is it; a code and its successor are the same place.
    pub fn within(self, scope: Region) -> bool {
        let (here, there) = (self.current().0, scope.current().0);
        match scope.level() {
            RegionLevel::Province => here / 10_000 == there / 10_000,
            RegionLevel::City => here / 100 == there / 100,
            RegionLevel::County => here == there,
        }
    }

    /// The region that took this one's place: 430521 邵东县 became 430582 邵东市 in 2019.
    pub fn successor(self) -> Option<Self> {
        find(self.0)?.successor.and_then(Self::from_code)
    }

    /// The region in force today.
    pub fn current(self) -> Self {
        self.successor().unwrap_or(self)
    }

    /// The digits that every code within this region begins with: `43`, `4301`, `430102`.
    pub fn prefix(self) -> String {
        match self.level() {
            RegionLevel::Province => format!("{:02}", self.0 / 10_000),
            RegionLevel::City => format!("{:04}", self.0 / 100),
            RegionLevel::County => format!("{:06}", self.0),
        }
    }

    /// Every region of the table, by code.
    pub fn all() -> impl Iterator<Item = Region> {
        TABLE.iter().map(|row| Region(row.code))
    }
}

fn find(code: u32) -> Option<&'static Row> {
    TABLE.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| TABLE.get(at))
}

/// The name of a province by its first two digits.
pub(crate) fn province_name(leading: u32) -> Option<&'static str> {
    find(leading * 10_000).map(|row| row.name)
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Region({:06} {})", self.0, self.name())
    }
}

impl Maskable for Region {
    fn mask(&self) -> String {
        self.name().to_owned()
    }
}

text_value!(Region, "430102", "Region code, GB/T 2260, six digits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let hunan = Region::parse("43").unwrap();
        let of = |level| Region::all().filter(|r| r.level() == level && r.within(hunan)).count();
        assert_eq!((of(RegionLevel::Province), of(RegionLevel::City), of(RegionLevel::County)), (1, 14, 124));
        assert_eq!(Region::all().filter(|r| r.level() == RegionLevel::Province).count(), 34);
        let lines: usize = FILES.iter().map(|file| file.lines().count() - 1).sum();
        assert_eq!(Region::all().count(), lines, "every line of the files is read");
        for region in Region::all() {
            assert!(!region.name().is_empty() && !region.name_en().is_empty(), "{region}");
            assert!(region.level() == RegionLevel::Province || region.parent().is_some(), "{region}");
            assert_eq!(Region::parse(region.name()), Ok(region), "names are unique");
            assert_eq!(Region::parse(&region.to_string()), Ok(region));
        }
    }

    #[test]
    fn scopes_names_and_successors() {
        let read = |text: &str| Region::parse(text).unwrap();
        assert_eq!(read("湖南省长沙市芙蓉区"), read("430102"));
        assert!(read("430102").within(read("430100")) && read("430102").within(read("43")));
        assert!(!read("430102").within(read("430200")) && !read("430100").within(read("430102")));
        assert_eq!(read("430521").successor(), Some(read("邵东市")));
        assert!(read("430521").within(read("430582")) && read("431181").within(read("431121")));
        assert_eq!(read("440000").name(), "广东省");
        for text in ["439999", "长沙", "", "+43", "４３０１０２９"] {
            assert_eq!(Region::parse(text).unwrap_err().said.code, "region.unknown", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}|[0-9]{0,8}") {
            if let Ok(region) = Region::parse(&text) {
                proptest::prop_assert_eq!(Region::parse(&region.to_string()), Ok(region));
            }
        }
    }
}
