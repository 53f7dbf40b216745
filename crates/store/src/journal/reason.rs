//! Why a journal does not verify, and why a line outside counts as nothing: in both languages, since a clerk reads it on
//! the journal's page and an administrator in the terminal.

use kernel::{Said, Text};
use tsp::TokenError;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $code:literal ($zh:literal, $en:literal);)*) => {
        $($(#[$doc])* pub const $name: Text = Text::new($code, ($zh, $en), ("", ""));)*
        /// Every text of this module. What is to be done stands where they are shown.
        pub const CATALOGUE: &[Text] = &[$($name),*];
    };
}

reasons! {
    /// The database's own check fails; its words are those of the database.
    DAMAGED "journal.database_damaged" ("数据库自检未通过：{why}", "the database is damaged: {why}");
    /// An entry cannot be read.
    UNREADABLE "journal.entry_unreadable" ("该条无法读取：{why}", "the entry cannot be read: {why}");
    /// An entry is missing between others.
    MISSING "journal.entry_missing" ("第 {seq} 条缺失", "entry {seq} is missing");
    /// The last entries are missing.
    COUNTED "journal.counted_but_missing" ("该条缺失，而日志末条记录计有该条", "the entry is missing, though the head counts it");
    /// The head and the last entry differ.
    HEAD "journal.head_differs" ("日志末条记录与实际最后一条不符", "the head does not name the last entry");
    /// The link to the entry before is broken.
    BEFORE "journal.link_differs" ("所记的前一条哈希不符", "the hash of the entry before does not fit");
    /// The content is not what was hashed.
    CHANGED "journal.content_changed" ("内容被改动", "the content was changed");
    /// The hash is not that of the content and the link.
    HASH "journal.hash_differs" ("本条哈希不符", "the hash does not fit");
    /// A seal stands for an entry that is gone.
    SEALED_MISSING "journal.sealed_missing" ("已签章的该条缺失", "a sealed entry is missing");
    /// A seal was made for another hash.
    SEAL_HASH "journal.seal_hash" ("签章所记的哈希与本条不同", "the seal names another hash");
    /// A seal that none of the keys made.
    SEAL_INVALID "journal.seal_invalid" ("签章无效：{why}", "the seal is not valid: {why}");
    /// What was sealed cannot be read.
    SEAL_UNREADABLE "journal.seal_unreadable" ("签章的内容无法读取", "the seal cannot be read");
    /// A seal of another entry.
    SEAL_OTHER "journal.seal_other" ("签章所指的是另一条", "the seal speaks of another entry");
    /// There is no entry at all: nothing was verified.
    NOTHING "journal.nothing" ("没有可核验的内容", "there is nothing to verify");
    /// What a serving seat would have sealed long ago has no seal.
    UNSEALED "journal.unsealed" (
        "此条早已应由本席盖章封存，却没有封存：封存记录被删除，或本席未能封存；若本席刚停止过，请启动后再核验",
        "the seat should have sealed this entry long ago, and no seal covers it: seals were removed, or the seat could not seal; where it was stopped just before, start it and verify again"
    );
    /// The anchor outside names no head of a journal that has sealed ones.
    NO_ANCHOR "journal.no_anchor" ("库外锚点不存在或为空", "the anchor outside is missing or empty");
    /// The anchor is that of another seat.
    ANCHOR_SEAT "journal.anchor_seat" ("库外锚点属于席位 {seat}", "the anchor outside is that of the seat {seat}");
    /// The journal is shorter than its anchor.
    ANCHOR_BEYOND "journal.anchor_beyond"
        ("日志到此为止，而库外锚点记有第 {seq} 条", "the journal ends here, but its anchor outside names entry {seq}");
    /// The anchor names another hash.
    ANCHOR_HASH "journal.anchor_hash" ("库外锚点所记的哈希与本条不同", "the anchor outside names another hash");
    /// A seal in the anchor does not hold.
    ANCHOR_SEAL "journal.anchor_seal" ("库外锚点中：{why}", "in the anchor outside: {why}");
    /// The journal is shorter than a partner has signed for.
    RECEIPT_BEYOND "journal.receipt_beyond"
        ("日志到此为止，而 {partner} 已签收第 {seq} 条", "the journal ends here, but {partner} has signed for entry {seq}");
    /// A partner has signed for another entry.
    RECEIPT_OTHER "journal.receipt_other"
        ("{partner} 签收的第 {seq} 条不是本日志的这一条", "{partner} has signed for another entry {seq}");
    /// The journal is shorter than an authority has stamped.
    STAMP_BEYOND "journal.stamp_beyond"
        ("日志到此为止，而第 {seq} 条已于 {at} 加盖时间戳", "the journal ends here, but entry {seq} was time-stamped at {at}");
    /// An authority has stamped another entry.
    STAMP_OTHER "journal.stamp_other"
        ("{at} 加盖时间戳的第 {seq} 条不是本日志的这一条", "another entry {seq} was time-stamped at {at}");
    /// A partner has signed for an entry behind the end of the journal.
    SIGNED_BEYOND "journal.signed_beyond"
        ("{partner} 签收过本日志第 {seq} 条，而当时日志止于第 {own} 条：数据库被截断或换成了旧副本，或者 {partner} 有误",
         "{partner} has signed for entry {seq} of this journal, which ended at {own}: the database was cut or is an old copy, or {partner} errs");
    /// A partner has signed for another entry of that number.
    SIGNED_OTHER "journal.signed_other"
        ("{partner} 签收的第 {seq} 条与本日志的不同：数据库被截断或换成了旧副本，或者 {partner} 有误",
         "{partner} has signed for another entry {seq} than this journal has: the database was cut or is an old copy, or {partner} errs");

    /// A receipt in the anchor proves nothing.
    RECEIPT_DOUBT "journal.receipt_doubt" ("{partner} 对第 {seq} 条的签收：{why}", "the receipt of {partner} for entry {seq}: {why}");
    /// A stamp in the anchor proves nothing.
    STAMP_DOUBT "journal.stamp_doubt" ("第 {seq} 条的时间戳：{why}", "the time stamp on entry {seq}: {why}");
    /// Nothing to check a receipt with.
    NO_KEYS "journal.no_keys" ("没有可用于核验的公钥", "there are no keys to check it");
    /// A receipt and its line differ.
    OTHER_HEAD "journal.other_head" ("所签收的与该行所记不同", "it names another head than its line");
    /// Nothing to check a stamp with.
    NO_CERTIFICATE "journal.no_certificate" ("未配置时间戳机构的证书", "no certificate of the authority is configured");
    /// A line of a stamp is broken.
    LINE_UNREADABLE "journal.line_unreadable" ("该行无法读取", "its line cannot be read");
    /// The others are not told.
    MORE_DOUBTS "journal.more_doubts" ("库外锚点还有更多行不作数", "more lines of the anchor count as nothing");

    /// A token that is none.
    TOKEN_MALFORMED "journal.token_malformed" ("时间戳无法读取（{part}）", "the time stamp cannot be read ({part})");
    /// A token on something else.
    TOKEN_IMPRINT "journal.token_imprint" ("时间戳是对另一个哈希加盖的", "the time stamp is on another hash");
    /// A token of somebody else.
    TOKEN_CERTIFICATE "journal.token_certificate"
        ("时间戳由另一张证书签发，不是所配置的那张", "the time stamp is signed by another certificate than the one that was pinned");
    /// A token signed by other means.
    TOKEN_ALGORITHM "journal.token_algorithm"
        ("时间戳所用的签名算法不被接受", "the time stamp is signed by an algorithm that is not taken here");
    /// A token that was changed.
    TOKEN_DIGEST "journal.token_digest" ("时间戳被改动：摘要不符", "the time stamp was altered: its digest does not fit");
    /// A token whose signature is wrong.
    TOKEN_SIGNATURE "journal.token_signature" ("时间戳的签名不符", "the signature of the time stamp does not fit");
    /// A token from outside the certificate's life.
    TOKEN_THEN "journal.token_then"
        ("时间戳机构的证书在 {at} 不在有效期内", "the certificate of the authority was not valid at {at}");
}

/// A reason with another one inside, in both languages.
pub(super) fn because(text: &Text, values: &[(&str, &str)], why: &Said) -> Said {
    let with = |why: &str| {
        let values: Vec<(&str, &str)> = values.iter().copied().chain([("why", why)]).collect();
        text.say(&values)
    };
    Said { zh: with(&why.zh).zh, ..with(&why.en) }
}

/// Why a token does not hold.
pub(super) fn of_token(error: &TokenError) -> Said {
    match error {
        TokenError::Malformed(part) => TOKEN_MALFORMED.say(&[("part", part)]),
        TokenError::OtherImprint => TOKEN_IMPRINT.say(&[]),
        TokenError::OtherCertificate => TOKEN_CERTIFICATE.say(&[]),
        TokenError::Algorithm => TOKEN_ALGORITHM.say(&[]),
        TokenError::Digest => TOKEN_DIGEST.say(&[]),
        TokenError::Signature => TOKEN_SIGNATURE.say(&[]),
        TokenError::NotValidThen { at } => TOKEN_THEN.say(&[("at", &at.to_rfc3339())]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Letters of an English word, which no Chinese reason has.
    fn speaks_english(text: &str) -> bool {
        let outside = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        outside.flat_map(str::chars).any(|c| c.is_ascii_alphabetic())
    }

    #[test]
    fn every_reason_has_words_in_both_languages() {
        let mut codes = BTreeSet::new();
        for text in CATALOGUE {
            let [zh, en, ..] = text.places();
            let same = |names: Vec<String>| names.into_iter().collect::<BTreeSet<_>>();
            assert_eq!(same(zh), same(en), "{}", text.code);
            assert!(codes.insert(text.code), "{} twice", text.code);
            assert!(!text.zh.is_empty() && !speaks_english(text.zh), "{}", text.zh);
            assert!(!text.en.is_empty() && text.en.is_ascii(), "{}", text.en);
        }
    }

    #[test]
    fn a_reason_within_a_reason_stays_in_its_language() {
        let said = because(&ANCHOR_SEAL, &[], &because(&SEAL_INVALID, &[], &NO_KEYS.say(&[])));
        assert_eq!(said.zh, "库外锚点中：签章无效：没有可用于核验的公钥");
        assert_eq!(said.en, "in the anchor outside: the seal is not valid: there are no keys to check it");
    }
}
