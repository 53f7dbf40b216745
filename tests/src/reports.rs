//! Reports of victims, as an officer types them in.

use serde_json::{Value, json};

use crate::books::{Books, To, yuan};

/// The report of one payment, which is a transfer of the books.
pub fn report(books: &Books, payment: usize) -> Value {
    let transfer = &books.transfers[payment];
    let To::Account(to) = transfer.to else { panic!("a victim paid an account") };
    let (payer, payee) = (&books.accounts[transfer.from], &books.accounts[to]);
    json!({
        "state": "submitted",
        "channel": "110",
        "victim": {
            "name": payer.name,
            "phone": format!("190{:08}", transfer.from),
            "region": "430102",
        },
        "narrative": format!("事主称被骗转账{}元。", yuan(transfer.minor)),
        "payments": [{
            "payer_account": payer.number,
            "payer_name": payer.name,
            "payer_bank": payer.bank,
            "payee_account": payee.number,
            "payee_name": payee.name,
            "payee_bank": payee.bank,
            "amount": { "minor": transfer.minor, "currency": "CNY" },
            "paid_at": transfer.at.to_rfc3339(),
            "channel": "mobile",
            "reference": Books::reference(payment),
        }],
        "scam_type": "fake_investment",
        "region": "430102",
    })
}
