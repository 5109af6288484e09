package timing

import (
	"flag"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

var (
	rounds      = flag.Int("rounds", 40, "how many turns each person has in each state")
	windowsFlag = flag.String("windows", "0,1000", "how many others people have written with")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// windows are the numbers of the flag.
func windows(t *testing.T) (all []int) {
	t.Helper()
	for s := range strings.SplitSeq(*windowsFlag, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("-windows: %v", err)
		}
		all = append(all, n)
	}
	return all
}
