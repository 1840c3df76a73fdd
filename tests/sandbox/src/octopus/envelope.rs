//! The envelope of a listing.

use super::query::Query;
use super::{Octopus, routes::Address};
use crate::http::{Answer, Call};
use serde_json::{Map, Value, json};

/// Cuts one page out of a listing and wraps it. Only the items of the page are turned into JSON.
pub(crate) fn page<T>(
    octopus: &Octopus,
    call: &Call,
    query: &Query,
    item_type: &str,
    all: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Value, Answer> {
    page_of(octopus, call, query, (item_type, 30), all, render)
}

/// The same, with as many items to a page as are usual for this listing.
pub(crate) fn page_of<T>(
    octopus: &Octopus,
    call: &Call,
    query: &Query,
    (item_type, usual): (&str, usize),
    all: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Value, Answer> {
    let skip = query.number("skip")?.unwrap_or(0);
    let take = query
        .number("take")?
        .unwrap_or(usual)
        .min(octopus.max_page_size.unwrap_or(usize::MAX));
    let items: Vec<Value> = all.iter().skip(skip).take(take).map(render).collect();
    let pages = all.len().div_ceil(take.max(1)).max(1);
    Ok(json!({
        "Id": Value::Null,
        "ItemType": item_type,
        "Items": items,
        "ItemsPerPage": take,
        "LastModifiedBy": Value::Null,
        "LastModifiedOn": Value::Null,
        "LastPageNumber": pages - 1,
        "Links": links(call, skip, take, all.len(), pages),
        "NumberOfPages": pages,
        "TotalResults": all.len(),
    }))
}

/// The path in a link is the one that was asked for, virtual directory included.
fn links(call: &Call, skip: usize, take: usize, total: usize, pages: usize) -> Value {
    let filters: String = call
        .query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("skip=") && !pair.starts_with("take="))
        .map(|pair| format!("&{pair}"))
        .collect();
    let link = |skip: usize| Value::from(format!("{}?skip={skip}&take={take}{filters}", call.path));
    let mut links = Map::new();
    links.insert("Self".to_owned(), link(skip));
    links.insert(
        "Template".to_owned(),
        Value::from(format!("{}{{?skip,take}}", call.path)),
    );
    links.insert(
        "Page.All".to_owned(),
        Value::from(format!("{}?skip=0&take=2147483647{filters}", call.path)),
    );
    links.insert("Page.Current".to_owned(), link(skip));
    links.insert(
        "Page.Last".to_owned(),
        link((pages - 1).saturating_mul(take)),
    );
    if skip > 0 {
        links.insert("Page.Previous".to_owned(), link(skip.saturating_sub(take)));
    }
    if take > 0 && skip.saturating_add(take) < total {
        links.insert("Page.Next".to_owned(), link(skip + take));
    }
    Value::Object(links)
}

/// A link to a resource of the space: `/octo/api/Spaces-1/machines/Machines-4`.
pub(crate) fn link(octopus: &Octopus, space: &str, rest: &str) -> String {
    format!("{}/api/{space}/{rest}", octopus.virtual_directory)
}

/// The whole listing as a bare array where the path ends in `/all`, a page of it otherwise.
pub(crate) fn page_or_all<T>(
    octopus: &Octopus,
    call: &Call,
    address: &Address,
    query: &Query,
    item_type: &str,
    all: &[T],
    render: impl Fn(&T) -> Value,
) -> Result<Value, Answer> {
    if address.all {
        Ok(Value::Array(all.iter().map(render).collect()))
    } else {
        page(octopus, call, query, item_type, all, render)
    }
}
