//! Movements on an account: in statements, and pushed while an account is watched; and the end of a hold by itself.

use kernel::bounds::TOLD_MINOR_MAX;
use kernel::{AccountNo, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, SHORT};
use crate::order::last_four;

/// Movements in one document at most; a longer statement says `more`.
pub const MOVEMENTS_MAX: usize = 20_000;

code_list! {
    /// Which way the money went, seen from the account.
    Direction {
        /// Into the account.
        In = "in", "转入", "in";
        /// Out of the account.
        Out = "out", "转出", "out";
    }
}

code_list! {
    /// How the money moved. A word that is not on the list reads as `other`.
    Channel {
        /// At the counter.
        Counter = "counter", "柜面", "counter";
        /// Online bank.
        Online = "online", "网上银行", "online bank";
        /// Mobile bank.
        Mobile = "mobile", "手机银行", "mobile bank";
        /// Transfer or withdrawal at a machine.
        Atm = "atm", "自助设备", "cash machine";
        /// Purchase at a card terminal (POS).
        CardTerminal = "card_terminal", "POS消费", "card terminal";
        /// Telephone or other top-up.
        TopUp = "top_up", "充值", "top-up";
        /// Game card.
        GameCard = "game_card", "游戏点卡", "game card";
        /// Virtual-currency dealer.
        VirtualCurrency = "virtual_currency", "虚拟货币", "virtual currency";
        /// To or from abroad.
        Abroad = "abroad", "跨境", "abroad";
        /// Cash.
        Cash = "cash", "现金", "cash";
        /// Payment institution.
        PaymentInstitution = "payment_institution", "第三方支付", "payment institution";
        /// Charged by the bank.
        Fee = "fee", "手续费", "fee";
        /// Interest.
        Interest = "interest", "利息", "interest";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

/// One movement on an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Movement {
    /// The bank's own id of the movement; unique in the bank.
    pub id: String,
    /// When it was booked.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// Amount, minor units, above zero.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// Balance after it, minor units.
    pub balance_after_minor: i64,
    /// How.
    pub channel: Channel,
    /// The other side, where the bank knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<Counterparty>,
    /// Reference that both sides share.
    #[serde(default)]
    pub reference: String,
    /// The payer's words.
    #[serde(default)]
    pub memo: String,
}

impl std::fmt::Debug for Movement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Movement({} {} {} {})", self.id, self.direction, self.amount_minor, self.channel)
    }
}

/// The other side of a movement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counterparty {
    /// Its bank: the name of a seat where the bank knows one, else a bank code or name.
    pub bank: String,
    /// Its account.
    pub account: String,
    /// Name of the holder.
    #[serde(default)]
    pub name: String,
}

impl std::fmt::Debug for Counterparty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Counterparty({} ****{})", self.bank, last_four(&self.account))
    }
}

impl Movement {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, at, direction) = (f.text("id", SHORT), f.time("at"), f.code("direction"));
        let amount_minor = f.integer("amount_minor", 1, TOLD_MINOR_MAX);
        let currency = f.currency("currency");
        let balance = f.integer("balance_after_minor", -TOLD_MINOR_MAX, TOLD_MINOR_MAX);
        let channel = f.code("channel");
        let counterparty = f.object_opt("counterparty", |f| {
            let (bank, account) = (f.text("bank", SHORT), f.text("account", SHORT));
            let name = f.text_opt("name", SHORT).unwrap_or_default();
            Some(Counterparty { bank: bank?, account: AccountNo::normal(&account?), name })
        });
        let reference = f.text_opt("reference", SHORT).unwrap_or_default();
        let memo = f.text_opt("memo", SHORT).unwrap_or_default();
        Some(Self {
            id: id?,
            at: at?,
            direction: direction?,
            amount_minor: amount_minor?,
            currency: currency?,
            balance_after_minor: balance?,
            channel: channel?,
            counterparty,
            reference,
            memo,
        })
    }
}

/// New movements of a watched account; each movement is pushed once, in order of booking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MovementPush {
    /// The watch order.
    pub order_id: OrderId,
    /// Number of the account.
    pub account: String,
    /// What moved.
    pub movements: Vec<Movement>,
}

impl MovementPush {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (order_id, account) = (f.id("order_id"), f.account("account"));
        if !f.has("movements") {
            f.needed("movements", crate::message::kind::MOVEMENT);
        }
        let movements = f.list("movements", MOVEMENTS_MAX, Movement::read);
        Some(Self { order_id: order_id?, account: account?, movements })
    }
}

code_list! {
    /// What holds an account.
    HoldKind {
        /// Emergency stop.
        Stop = "stop", "止付", "stop";
        /// Freeze.
        Freeze = "freeze", "冻结", "freeze";
    }
}

code_list! {
    /// Why a hold ended by itself. A word that is not on the list reads as `other`.
    LapseReason {
        /// Its time was over (stop: 48 hours).
        Ended = "ended", "到期自动解除", "its time was over";
        /// The freeze was not renewed in time (程序规定 art. 240).
        NotRenewed = "not_renewed", "逾期未续冻", "not renewed in time";
        /// The bank stopped first and no order followed within 24 hours.
        NoOrderFollowed = "no_order_followed", "24小时内未收到止付指令", "no order followed within 24 hours";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

/// A hold has ended by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lapse {
    /// The order that had made the hold.
    pub order_id: OrderId,
    /// Number of the account.
    pub account: String,
    /// What ended.
    pub hold: HoldKind,
    /// Why.
    pub reason: LapseReason,
    /// When.
    pub lapsed_at: Timestamp,
    /// What was held at the end, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_minor: Option<i64>,
    /// Its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The waiting freeze (轮候冻结) that took effect in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_order_id: Option<OrderId>,
}

impl Lapse {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (order_id, account, hold) = (f.id("order_id"), f.account("account"), f.code("hold"));
        let (reason, lapsed_at) = (f.code("reason"), f.time("lapsed_at"));
        let held_minor = f.integer_opt("held_minor", 0, TOLD_MINOR_MAX);
        let currency = f.currency_opt("currency");
        let next_order_id = f.id_opt("next_order_id");
        Some(Self {
            order_id: order_id?,
            account: account?,
            hold: hold?,
            reason: reason?,
            lapsed_at: lapsed_at?,
            held_minor,
            currency,
            next_order_id,
        })
    }
}
