// Package report turns results of presence-bench into what people read: a page, a list of
// differences, a plan.
//
//	some results    ─▶ Page ─▶ one HTML file: tables, plots as inline SVG, light and dark
//	two results     ─▶ Diff ─▶ the ratio of each figure: same, better or worse, by a tolerance
//	results, a wish ─▶ Plan ─▶ nodes, memory, CPU and network of a deployment; its first bottleneck
//
// The plots are computed here and written by the page's template, not by a plotting library. Their
// colours are CSS variables, so one picture is right in light and dark. Their texts are texts,
// which a reader can select and a screen reader can read. html/template escapes them like
// everything else. A plotting library writes fixed colours and outlines of letters.
//
// # Decisions
//
//   - Notes come before figures. A reader must not miss what a run says against itself, such as
//     "the generator was the limit".
//   - A percentile plot has 90, 99 and 99.9 % at equal distances, because that is where servers
//     differ. Its times are logarithmic.
//   - Everything over time shares one time axis, on which the warm-up is shaded and each injected
//     fault is a numbered line.
//   - A bar is as long as its figure, from zero, beside that of the other server for the same work.
//     Works of different units share no scale.
//   - Where the other server is better, the page says so in the same words and the same place as
//     where Presence is.
//
// A page judges only by targets in the file. What a run did not measure has no row.
package report
