//! The grid of cases and gateways: which case a gateway as it should be is advised about, and which
//! one finds what a gateway lacks. A page and a picture, made of `fixtures/gateways`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use okta_e2e::exchange;
use okta_sandbox::GatewayKind;

use crate::gateways::kinds;
use crate::support::world::file;

/// What a case is to a gateway; the stronger one counts where it is several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// As it should be, it is advised about this.
    Advised,
    /// It is advised about this without a line.
    AdvisedWithout,
    /// Without a line, this is what is cited first.
    Finds,
}

impl Mark {
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Finds, "●", "finds a line that is missing"),
        (
            Self::AdvisedWithout,
            "◐",
            "is advised where a line is missing",
        ),
        (Self::Advised, "○", "is advised though nothing is missing"),
    ];

    fn sign(self) -> &'static str {
        let found = Self::ALL.iter().find(|(mark, _, _)| *mark == self);
        found.map_or("", |(_, sign, _)| sign)
    }
}

/// Marks by case, then by gateway.
struct Grid {
    gateways: Vec<String>,
    rows: BTreeMap<usize, (String, BTreeMap<String, Mark>)>,
}

impl Grid {
    fn of(kinds: &[(String, GatewayKind)]) -> Self {
        let mut grid = Self {
            gateways: kinds.iter().map(|(name, _)| name.clone()).collect(),
            rows: BTreeMap::new(),
        };
        for (name, kind) in kinds {
            let right = kind.finds(None).expect("what is found");
            grid.mark(name, &right.advised, Mark::Advised);
            for weakness in kind.weaknesses() {
                let finds = kind.finds(Some(weakness)).expect("what is found");
                grid.mark(name, &finds.advised, Mark::AdvisedWithout);
                grid.mark(name, finds.red.as_slice(), Mark::Finds);
            }
        }
        grid
    }

    fn mark(&mut self, gateway: &str, cases: &[String], mark: Mark) {
        for case in cases {
            let (place, case) = placed(case);
            let (_, marks) = self.rows.entry(place).or_insert((case, BTreeMap::new()));
            let held = marks.entry(gateway.to_owned()).or_insert(mark);
            *held = (*held).max(mark);
        }
    }

    fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        for (_, sign, what) in Mark::ALL {
            let _ = writeln!(page, "* {sign} {what}");
        }
        let columns: Vec<String> = self
            .gateways
            .iter()
            .map(|it| format!(" `{it}` |"))
            .collect();
        let lines = "---|".repeat(columns.len());
        let _ = write!(page, "\n| case |{}\n|---|{lines}\n", columns.concat());
        for (case, marks) in self.rows.values() {
            let signs = self.gateways.iter().map(|gateway| {
                let mark = marks.get(gateway);
                format!(" {} |", mark.map_or("", |mark| mark.sign()))
            });
            let _ = writeln!(page, "| `{case}` |{}", signs.collect::<String>());
        }
        page
    }

    /// The picture, by a template.
    fn picture(&self) -> String {
        let rows: Vec<_> = self.rows.values().map(|row| self.pictured(row)).collect();
        let legend: Vec<_> = Mark::ALL
            .iter()
            .map(|(mark, _, what)| minijinja::context! { class => format!("{mark:?}"), what => *what })
            .collect();
        let mut environment = minijinja::Environment::new();
        let template = include_str!("gateways_grid.svg");
        environment
            .add_template("grid.svg", template)
            .expect("a template");
        let template = environment.get_template("grid.svg").expect("it is there");
        let gateways = &self.gateways;
        let picture = template.render(minijinja::context! { gateways, rows, legend });
        picture.expect("it can be filled in") + "\n"
    }

    fn pictured(&self, (case, marks): &(String, BTreeMap<String, Mark>)) -> minijinja::Value {
        let columns = self.gateways.iter().enumerate();
        let cells: Vec<_> = columns
            .filter_map(|(column, gateway)| {
                let class = format!("{:?}", marks.get(gateway)?);
                Some(minijinja::context! { column, class, gateway })
            })
            .collect();
        minijinja::context! { case, cells }
    }
}

/// The place of a case in the order in which they are sent, and its id: of a beginning, the first
/// case that has it. What the access matrix asks comes before.
fn placed(name: &str) -> (usize, String) {
    let name = name.split('[').next().unwrap_or_default();
    let all = exchange::families().iter().flat_map(|family| &family.cases);
    let ids: Vec<&String> = all.map(|case| &case.id).collect();
    let Some(part) = name.strip_prefix("hostile::") else {
        return (0, name.trim_end_matches("::").to_owned());
    };
    let place = ids.iter().position(|id| id.starts_with(part));
    let place = place.unwrap_or_else(|| panic!("no case begins like {part}"));
    (place + 1, ids[place].clone())
}

const HEAD: &str = "# The grid: cases and gateways\n\n\
Generated from `fixtures/gateways` by `OKTA_E2E_WRITE_DOCS=1 scripts/test gateways`; [which line](gateways-seen.md)\n\
each finds, and [what the cases send](hostile-requests.md). Cases without a mark find nothing in any of them.\n\n\
![the grid](gateways-grid.svg)\n\n";

#[test]
fn the_grid_of_gateways_is_current() {
    let grid = Grid::of(&kinds());
    let made = [
        ("docs/gateways-grid.md", grid.page()),
        ("docs/gateways-grid.svg", grid.picture()),
    ];
    for (place, text) in made {
        if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
            std::fs::write(file(place), &text).expect("written");
        }
        let found = std::fs::read_to_string(file(place)).unwrap_or_default();
        assert!(
            found == text,
            "OKTA_E2E_WRITE_DOCS=1 scripts/test gateways writes {place} again"
        );
    }
}

/// A picture whose marks are fewer than the page's would hide some.
#[test]
fn the_picture_has_every_mark_of_the_page() {
    let grid = Grid::of(&kinds());
    let marks = grid
        .rows
        .values()
        .map(|(_, marks)| marks.len())
        .sum::<usize>();
    let (page, picture) = (grid.page(), grid.picture());
    let cells = picture.matches("<circle class=").count();
    assert_eq!(cells, marks + Mark::ALL.len());
    let signs: BTreeSet<&str> = Mark::ALL.iter().map(|(_, sign, _)| *sign).collect();
    let in_page: usize = signs.iter().map(|sign| page.matches(sign).count()).sum();
    assert_eq!(in_page, marks + Mark::ALL.len());
}
