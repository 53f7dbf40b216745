//! Single sign-on (OpenID Connect), by configuration.

/// Where the provider is, and which claims mean which roles.
#[derive(Debug, Clone)]
pub struct OidcSettings {}

pub(crate) struct Oidc {
    #[expect(dead_code)]
    settings: OidcSettings,
}

impl Oidc {
    pub(crate) fn new(settings: OidcSettings) -> Self {
        Self { settings }
    }
}

pub(crate) fn router() -> utoipa_axum::router::OpenApiRouter<crate::app::Web> {
    utoipa_axum::router::OpenApiRouter::new()
}
