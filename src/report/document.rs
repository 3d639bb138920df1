//! A report of several parts, for a terminal or as Markdown.

use super::table::{Columns, printable};

/// A part of a report.
pub(super) enum Block {
    /// What the next parts are about.
    Heading(String),
    /// A sentence or two.
    Text(String),
    /// Rows and columns.
    Table(Table),
}

/// Rows and columns; columns whose heading begins with `>` are aligned to the right.
pub(super) struct Table {
    headings: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(headings: &'static [&'static str]) -> Table {
        Table { headings, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn plain(&self) -> String {
        let mut columns = Columns::new(self.headings);
        for row in &self.rows {
            columns.row(row.iter().cloned());
        }
        columns.render().trim_start_matches('\n').to_owned()
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let names: Vec<String> = self.headings.iter().map(|heading| escape(heading.trim_start_matches('>'))).collect();
        let rule = |heading: &&str| if heading.starts_with('>') { "---:" } else { "---" }.to_owned();
        let mut text = line(&names);
        text += &line(&self.headings.iter().map(rule).collect::<Vec<_>>());
        for row in &self.rows {
            text += &line(&row.iter().map(|cell| escape(cell)).collect::<Vec<_>>());
        }
        text
    }
}

/// For a terminal.
pub(super) fn plain(blocks: &[Block]) -> String {
    let parts = blocks.iter().map(|block| match block {
        Block::Heading(heading) => format!("{}\n", printable(heading)),
        Block::Text(text) => format!("{}\n", printable(text)),
        Block::Table(table) => table.plain(),
    });
    let mut text = String::new();
    for (part, block) in parts.zip(blocks) {
        if matches!(block, Block::Heading(_)) && !text.is_empty() {
            text.push('\n');
        }
        text += &part;
    }
    text
}

/// As GitHub's Markdown.
pub(super) fn markdown(title: &str, blocks: &[Block]) -> String {
    let parts = blocks.iter().map(|block| match block {
        Block::Heading(heading) => format!("\n## {}\n", escape(heading)),
        Block::Text(text) => format!("\n{}\n", escape(text)),
        Block::Table(table) => format!("\n{}", table.markdown()),
    });
    std::iter::once(format!("# {}\n", escape(title))).chain(parts).collect()
}

/// Text of others as it may stand in Markdown: shown as it is, never taken for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if matches!(c, '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> Vec<Block> {
        let mut table = Table::new(&["brand", ">texts"]);
        table.row(["a|b\n<script>".to_owned(), "1".to_owned()]);
        vec![Block::Heading("By brand".to_owned()), Block::Text("One.".to_owned()), Block::Table(table)]
    }

    #[test]
    fn markdown_shows_others_text_as_it_is() {
        let expected = "# T\n\n## By brand\n\nOne.\n\n| brand | texts |\n| --- | ---: |\n| a\\|b \\<script\\> | 1 |\n";
        assert_eq!(markdown("T", &blocks()), expected);
    }

    #[test]
    fn plain_text_keeps_parts_together_under_their_heading() {
        assert_eq!(plain(&blocks()), "By brand\nOne.\n brand         texts\n a|b <script>      1\n");
    }
}
