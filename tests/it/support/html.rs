//! Asks a page's HTML what it holds, by the selectors of style sheets.

use scraper::{ElementRef, Html, Selector};

use super::{Form, Page};

/// A page's elements.
pub struct Dom(Html);

/// An element of a page.
#[derive(Clone, Copy)]
pub struct Element<'a>(ElementRef<'a>);

impl Dom {
    pub fn of(page: &Page) -> Self {
        Self(Html::parse_document(&page.body))
    }

    /// The elements that `css` selects, in the page's order.
    pub fn all(&self, css: &str) -> Vec<Element<'_>> {
        self.0.select(&selector(css)).map(Element).collect()
    }
}

impl<'a> Element<'a> {
    /// The elements inside that `css` selects.
    pub fn all(self, css: &str) -> Vec<Element<'a>> {
        self.0.select(&selector(css)).map(Element).collect()
    }

    /// The text of the first element inside that `css` selects.
    #[track_caller]
    pub fn text_of(self, css: &str) -> String {
        let found = self.all(css);
        found.first().unwrap_or_else(|| panic!("no {css} in {}", self.0.html())).text()
    }

    /// An attribute, which must be there.
    #[track_caller]
    pub fn attr(self, name: &str) -> String {
        let found = self.0.attr(name);
        found.unwrap_or_else(|| panic!("no {name} at {}", self.0.html())).to_owned()
    }

    /// What a browser sends of this field; nothing of one that is switched off or not ticked.
    fn entry(self) -> Option<(String, String)> {
        let element = self.0.value();
        let is_ticked =
            !matches!(element.attr("type"), Some("checkbox" | "radio")) || element.attr("checked").is_some();
        let value = match element.name() {
            "select" => {
                self.all("option[selected]").first().map_or_else(String::new, |one| one.attr("value"))
            }
            // The first line end belongs to the markup.
            "textarea" => {
                let text: String = self.0.text().collect();
                text.strip_prefix('\n').unwrap_or(&text).to_owned()
            }
            _ => element.attr("value").unwrap_or("on").to_owned(),
        };
        (is_ticked && element.attr("disabled").is_none())
            .then(|| (element.attr("name").unwrap_or_default().to_owned(), value))
    }

    /// The text as a reader sees it, in one line.
    pub fn text(self) -> String {
        let text: String = self.0.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Page {
    /// Whether the page holds an element that `css` selects.
    pub fn has(&self, css: &str) -> bool {
        !Dom::of(self).all(css).is_empty()
    }

    /// The text of the first element that `css` selects.
    #[track_caller]
    pub fn text_of(&self, css: &str) -> String {
        let dom = Dom::of(self);
        let found = dom.all(css);
        found.first().unwrap_or_else(|| panic!("no {css} in {}", self.body)).text()
    }

    /// An attribute of the first element that `css` selects.
    #[track_caller]
    pub fn attr(&self, css: &str, name: &str) -> String {
        let dom = Dom::of(self);
        let found = dom.all(css);
        found.first().unwrap_or_else(|| panic!("no {css} in {}", self.body)).attr(name)
    }

    /// What a browser sends of the form that `css` selects, as it is filled in and without any button.
    pub fn form(&self, css: &str) -> Form {
        let dom = Dom::of(self);
        let fields = dom.all(&format!("{css} input[name], {css} select[name], {css} textarea[name]"));
        fields.into_iter().filter_map(Element::entry).collect()
    }

    /// The role that the page of a room shows.
    #[track_caller]
    pub fn role(&self) -> String {
        self.attr(".person #role", "class").trim_start_matches("role role--").to_owned()
    }

    /// An attribute of each element that `css` selects.
    #[track_caller]
    pub fn attrs(&self, css: &str, name: &str) -> Vec<String> {
        Dom::of(self).all(css).into_iter().map(|tag| tag.attr(name)).collect()
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error:?}"))
}
