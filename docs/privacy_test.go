package docs_test

import (
	"strings"
	"testing"
)

// TestPrivacyIsTested: what privacy.md says a viewer can learn, or can't, names the test that holds
// it, and there is such a test.
func TestPrivacyIsTested(t *testing.T) {
	page, tests := pages(t)["docs/privacy.md"], testsOfAll(t)
	rows := 0
	for line := range strings.Lines(section(t, page, "## By the way of asking")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) < 5 || strings.HasPrefix(cells[0], "-") || strings.Contains(cells[0], "who asks") {
			continue
		}
		rows++
		for _, c := range cells[1:] {
			if !testName.MatchString(c) {
				t.Errorf("of %s: no test is named in %q", strings.TrimSpace(cells[0]), strings.TrimSpace(c))
			}
		}
	}
	if rows < 10 {
		t.Errorf("the table has %d rows", rows)
	}
	for _, m := range testName.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(tests, "func "+m[1]+"(") {
			t.Errorf("there is no test %s", m[1])
		}
	}
}

// section is a page from a heading to the next one.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, text, ok := strings.Cut(page, heading+"\n")
	if !ok {
		t.Fatalf("there is no %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n#")
	return text
}
