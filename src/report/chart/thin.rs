//! Lines of more points than a picture can show.

/// Width within which the points of a line fall on one another.
const CELL: f64 = 0.5;

/// The points that a line needs to look as it does: of all that fall on one another the first, the lowest, the highest and
/// the last (M4; Jugel, Jerzak, Hackenbroich and Markl, PVLDB 7(10), 2014, section 4). Points are in order of x.
pub(super) fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept = Vec::new();
    for cell in points.chunk_by(|a, b| (a.0 / CELL).floor() == (b.0 / CELL).floor()) {
        let by_height = |i: &usize, j: &usize| cell[*i].1.total_cmp(&cell[*j].1);
        let lowest = (0..cell.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..cell.len()).max_by(by_height).unwrap_or(0);
        let mut places = vec![0, lowest, highest, cell.len() - 1];
        places.sort_unstable();
        places.dedup();
        kept.extend(places.into_iter().map(|i| cell[i]));
    }
    kept
}

/// The same for a band of `(x, one edge, other edge)`, the smaller edge first: the outermost of what falls on one another.
pub(super) fn thin_band(points: &[(f64, f64, f64)]) -> Vec<(f64, f64, f64)> {
    let cells = points.chunk_by(|a, b| (a.0 / CELL).floor() == (b.0 / CELL).floor());
    let widest = |cell: &[(f64, f64, f64)]| cell.iter().copied().reduce(|a, b| (a.0, a.1.min(b.1), a.2.max(b.2)));
    cells.filter_map(widest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_turns() {
        let few = [(0.0, 1.0), (1.0, 5.0), (2.0, 3.0)];
        assert_eq!(thin(&few), few);
        let many: Vec<(f64, f64)> = (0..100_000).map(|i| (f64::from(i) / 1e3, f64::from(i * 7_919 % 1_000))).collect();
        let kept = thin(&many);
        assert!(kept.len() <= 4 * 200 && kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert_eq!(kept[0], many[0]);
        assert_eq!(kept[kept.len() - 1], many[many.len() - 1]);
        let highest = |points: &[(f64, f64)]| points.iter().map(|point| point.1).fold(0.0, f64::max);
        assert_eq!(highest(&kept), highest(&many));
        assert_eq!(thin_band(&[(0.1, 2.0, 3.0), (0.2, 1.0, 2.0), (0.7, 0.0, 9.0)]), [(0.1, 1.0, 3.0), (0.7, 0.0, 9.0)]);
    }
}
