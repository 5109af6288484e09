package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// TestCurl is the API as people try it first.
func TestCurl(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is needed: apt-get install curl")
	}
	s := calm.get(t)
	ann, bob := who("ann"), who("bob")
	curl := func(token string, args ...string) string {
		t.Helper()
		args = append([]string{"-sS", "-m", "60", "-w", "%{http_code}", "-H", "Authorization: Bearer " + token},
			args...)
		out, err := exec.Command("curl", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("curl %q: %v: %s", args, err, out)
		}
		return strings.ReplaceAll(string(out), "\n", "")
	}
	json := []string{"-H", "Content-Type: application/json"}
	put := func(path, body string) string {
		return curl(ann, append(json, "-X", "PUT", s.url+path, "-d", body)...)
	}
	for _, step := range []struct{ got, want string }{
		{curl(bob, s.url+"/v1/presence?ids="+ann), `{"` + ann + `":"offline"}200`},
		{put("/v1/presence/me/devices/laptop", `{"activity":"online"}`), "204"},
		{curl(bob, s.url+"/v1/presence?ids="+ann), `{"` + ann + `":"online"}200`},
		{put("/v1/presence/me/override", `{"override":"busy"}`), "204"},
		{
			curl(bob, append(json, s.url+"/v1/presence/query", "-d", `{"ids":["`+ann+`"]}`)...),
			`{"` + ann + `":"busy"}200`,
		},
		{curl(ann, "-X", "DELETE", s.url+"/v1/presence/me/override"), "204"},
		{curl(ann, "-X", "DELETE", s.url+"/v1/presence/me/devices/laptop"), "204"},
		{curl(bob, s.url+"/v1/presence?ids="+ann), `{"` + ann + `":"offline"}200`},
	} {
		if step.got != step.want {
			t.Errorf("got %s, want %s", step.got, step.want)
		}
	}
	if out := curl(bob, s.url+"/v1/presence"); !strings.Contains(out, `"bad_request"`) ||
		!strings.HasSuffix(out, "400") {
		t.Errorf("without ids: %s", out)
	}
	if out := curl(bob, "-N", "-m", "1", "--retry", "0", "-w", "", s.url+"/v1/openapi.yaml"); !strings.Contains(out,
		"openapi") {
		t.Errorf("the contract: %.200s", out)
	}
}
