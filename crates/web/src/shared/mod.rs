//! The routes that every seat has.

pub(crate) mod journal;
mod reference;
mod seat;
mod users;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Web;
use crate::{events, login, oidc, reveal};

pub(crate) fn router(web: &Web) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(login::router())
        .merge(oidc::router())
        .routes(routes!(seat::read_seat))
        .routes(routes!(events::stream_events))
        .routes(routes!(reveal::reveal_field))
        .routes(routes!(reference::list_regions))
        .routes(routes!(reference::list_scam_types))
        .routes(routes!(users::list_users, users::create_user))
        .routes(routes!(users::change_user))
        .routes(routes!(users::list_roles))
        .with_state(web.clone())
        .merge(journal::router(web))
}
