//! How a query is spelt in an address.

/// Writes the spaces of a query as `%20`. The `+` of forms is read as a plus sign by some servers.
pub fn spell_spaces_out(url: &mut azure_core::http::Url) {
    if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
        url.set_query(Some(&query));
    }
}
