//! A database that fails at each call in turn, on every timer of the carrier seat and on what it does by itself: nothing
//! is lost, nothing happens twice, and it comes right by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod seat;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::Duration;
use operator::lines::{Doing, Warnings};
use screen::Number;
use seat::{ALL, CALLEE, CALLER, Seat, server};
use serde_json::json;
use store::timers::{self, Clockwork};
use web::testing::{Client, user};

/// Counts the warnings sent.
#[derive(Default)]
struct Post(AtomicUsize);

impl Warnings for Post {
    fn warn<'a>(&'a self, to: &'a [Number], _text: &'a str) -> Doing<'a, Vec<bool>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { vec![true; to.len()] })
    }
}

#[tokio::test]
async fn measures_and_entries_end_once_and_warnings_go_out_once_though_the_database_fails_at_each_call() {
    let (db, hand, folder) = store::testing::sqlite(&ALL).await;
    let data = Arc::new(tempfile::tempdir().unwrap());
    let seat = Seat::open_in(db.clone(), hand.clone(), data.clone(), true).await;
    let until = seat.now() + Duration::hours(2);
    let mut order = seat.line_order("suspend_line", CALLER);
    order["until"] = json!(until);
    seat.order(order).await;
    user(&db, "operator", "clerk", &["operator_clerk"]).await;
    let clerk = Client::logged_in(&server(&seat), "clerk").await;
    let entry = json!({ "number": "+8617000000009", "action": "block", "reason": "冒充客服诈骗",
        "expires": until.to_rfc3339() });
    let made = clerk.post("/api/list", &entry).await;
    assert!(made.status.is_success(), "{}", made.text);
    seat.place(CALLEE, CALLER);
    seat.operator.write_records().await.unwrap();
    seat.operator.offer_warnings(Arc::new(Post::default()));
    // An order whose answer takes time: it waits when the seat starts.
    let mut order = seat.line_order("warn_contacts", CALLER);
    order["period"] = json!({ "from": seat.now() - Duration::hours(1), "to": seat.now() + Duration::minutes(1) });
    let message = seat.message(&seat.centre.clone(), wire::kind::LINE_ORDER, order);
    let mut tx = db.begin().await.unwrap();
    wire::Handler::handle(&seat.operator, &mut tx, &message).await.unwrap();
    tx.commit().await.unwrap();

    let rows: Vec<(String,)> =
        db.fetch_all("SELECT DISTINCT kind FROM timer ORDER BY kind", store::args![]).await.unwrap();
    let mut kinds = seat.operator.kinds().to_vec();
    kinds.sort_unstable();
    assert_eq!(rows.iter().map(|(kind,)| kind.as_str()).collect::<Vec<_>>(), kinds, "every kind of timer waits");
    let at = db.clock().now();
    db.close().await;
    store::testing::disturb_each_call(&folder.path().join("test.db"), at, async |db, hand| {
        let post = Arc::new(Post::default());
        let seat = Seat::open_in(db.clone(), hand.clone(), data.clone(), false).await;
        seat.operator.offer_warnings(post.clone());
        db.faults().release();
        for hours in [0, 3] {
            hand.set(at + Duration::hours(hours));
            let mut quiet = 0;
            while quiet < 3 {
                quiet = if seat.operator.step().await.is_ok() { quiet + 1 } else { 0 };
                hand.advance(timers::LEASE);
            }
        }
        assert!(!seat.stops(CALLER), "the measure has ended in memory too");
        assert_eq!(post.0.load(Ordering::SeqCst), 1, "warned once");
    })
    .await;
}
