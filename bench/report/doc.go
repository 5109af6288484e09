// Package report turns results of presence-bench into what people read: a page, a list of
// differences, a plan.
//
//	one or several results ─▶ Page ─▶ one HTML file: tables, plots as inline SVG, light and dark, no request to anywhere
//	two results            ─▶ Diff ─▶ each figure's ratio, better or worse, and whether that is beyond the tolerance
//	results + a wish       ─▶ Plan ─▶ nodes, memory, CPU and network of a deployment, and what would be its first bottleneck
//
// The plots are computed here and written by the page's template, not by a plotting library: their
// colours are CSS variables, so one picture is right in light and dark; their texts are texts,
// which a reader can select and a screen reader can read; and html/template escapes what is in them
// like everything else. A plotting library writes fixed colours and outlines of letters.
//
// # Decisions
//
//   - Notes come before figures. What a run says against itself, such as "the generator was the
//     limit", is what a reader must not miss.
//   - A percentile plot has 90, 99 and 99.9 % at equal distances, because that is where servers
//     differ; times are logarithmic.
//   - Everything over time shares one time axis, on which the warm-up is shaded and each injected
//     fault is a numbered line.
//   - A bar is as long as its figure, from zero, beside the other one's of the same work; works of
//     different units share no scale.
//   - Where Redis is better, it is said in the same words and the same place as where Presence is.
//
// It judges nothing but targets that are in the file, and makes up nothing that isn't: what a run
// did not measure has no row.
package report
