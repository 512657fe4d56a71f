//! Embeds the templates, so that a release binary needs no files beside it.

fn main() {
    minijinja_embed::embed_templates!("templates");
}
