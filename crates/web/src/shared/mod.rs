//! The routes that every seat has.

mod seat;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Web;
use crate::reveal;

pub(crate) fn router(web: &Web) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(seat::read_seat)).routes(routes!(reveal::reveal_field)).with_state(web.clone())
}
