package wire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

type item struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

type message struct {
	IDs    []string `json:"ids"`
	Viewer *string  `json:"viewer"`
	Items  []item   `json:"items"`
	N      int      `json:"n"`
	Yes    bool     `json:"yes"`
	In     *item    `json:"in"`
}

func TestDecodeRefuses(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	tests := []struct{ name, in, detail string }{
		{"empty", ``, "ends too early"},
		{"cut off", `{"ids":["a"`, "ends too early"},
		{"not JSON", `ids=a`, "not JSON"},
		{"byte order mark", "\ufeff{}", "not JSON"},
		{"comment", `{/**/}`, "not JSON"},
		{"single quotes", `{'ids':[]}`, "not JSON"},
		{"not an object", `["a"]`, "the message must be an object, not an array"},
		{"string", `"a"`, "the message must be an object, not a string"},
		{"null", `null`, "the message is null"},
		{"unknown", `{"idz":[]}`, `unknown field "idz"`},
		{"other case", `{"IDs":[]}`, `unknown field "IDs"`},
		{"unknown, nested", `{"items":[{"name":"a"},{"nom":"b"}]}`, `unknown field "nom" in "/items/1"`},
		{"unknown, deep inside", `{"x":` + deep + `}`, `unknown field "x"`},
		{"deep", `{"ids":` + deep + `}`, "exceeded max depth"},
		{"deep garbage", deep, "the message must be an object"},
		{"twice", `{"n":1,"n":2}`, `field "n" is there twice`},
		{"twice, nested", `{"items":[{"name":"a","name":"b"}]}`, `field "name" in "/items/0" is there twice`},
		{"twice by escape", `{"n":1,"\u006e":2}`, `field "n" is there twice`},
		{"number for string", `{"ids":["a",7]}`, `field "/ids/1" must be a string, not a number`},
		{"string for array", `{"ids":"a"}`, `field "/ids" must be an array, not a string`},
		{"object for string", `{"viewer":{}}`, `field "/viewer" must be a string, not an object`},
		{"string for number", `{"n":"1"}`, `field "/n" must be a number, not a string`},
		{"fraction for a whole number", `{"n":1.5}`, `field "/n" must be a number`},
		{"string for bool", `{"yes":"true"}`, `field "/yes" must be true or false, not a string`},
		{"array for object", `{"in":[]}`, `field "/in" must be an object, not an array`},
		{"null for array", `{"ids":null}`, `field "/ids" is null`},
		{"null in array", `{"ids":["a",null]}`, `field "/ids/1" is null`},
		{"null for optional", `{"viewer":null}`, `field "/viewer" is null`},
		{"trailing value", `{"n":1}{"n":2}`, "not JSON"},
		{"trailing garbage", `{"n":1}x`, "not JSON"},
		{"trailing comma", `{"n":1,}`, "not JSON"},
		{"invalid UTF-8", "{\"ids\":[\"a\xff\"]}", "UTF-8"},
		{"invalid UTF-8 in a name", "{\"\xc0\xaf\":1}", "UTF-8"},
		{"lone surrogate", `{"ids":["\ud800"]}`, "not JSON"},
		{"raw control character", "{\"ids\":[\"a\nb\"]}", "not JSON"},
		{"long name", `{"` + strings.Repeat("x", 10_000) + `":1}`, "…"},
		{"long name, cut inside a letter", `{"` + strings.Repeat("xé", 10_000) + `":1}`, "…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m message
			err := Decode([]byte(tt.in), &m)
			if err == nil {
				t.Fatalf("accepted as %+v", m)
			}
			if err.Code != BadRequest || !strings.Contains(err.Detail, tt.detail) {
				t.Errorf("got %v, want a bad_request with %q", err, tt.detail)
			}
			checkDetail(t, err.Detail)
		})
	}
}

// checkDetail fails on a detail that no client should get.
func checkDetail(t testing.TB, detail string) {
	t.Helper()
	if len(detail) > 400 || !utf8.ValidString(detail) {
		t.Errorf("detail of %d bytes, valid UTF-8: %t", len(detail), utf8.ValidString(detail))
	}
	for _, inside := range []string{"Go ", "json:", "jsontext", "wire."} {
		if strings.Contains(detail, inside) {
			t.Errorf("detail %q speaks of %q", detail, inside)
		}
	}
}

func TestDecodeAccepts(t *testing.T) {
	var m message
	in := ` {"ids":["null","é","a\/b"],"viewer":"v","items":[{"name":"a","tags":[]}],"n":3,"yes":true} ` + "\r\n"
	if err := Decode([]byte(in), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.IDs) != 3 || m.IDs[2] != "a/b" || *m.Viewer != "v" || m.Items[0].Name != "a" || m.N != 3 || !m.Yes {
		t.Errorf("got %+v", m)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"ids":["a","null"],"items":[{"name":"x"}],"n":1}`))
	f.Add([]byte(`{"ids":[null],"in":{"name":"\ud83d\ude00"}}`))
	f.Add([]byte("{\"\xff\":1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m message
		if err := Decode(data, &m); err != nil {
			checkDetail(t, err.Detail)
			return
		}
		for _, id := range m.IDs {
			if !utf8.ValidString(id) {
				t.Errorf("%q is not UTF-8", id)
			}
		}
	})
}

func TestNullsByName(t *testing.T) {
	var v struct {
		Allow Nullable[bool] `json:"allow"`
		Text  *string        `json:"text"`
		In    []struct {
			Allow Nullable[bool] `json:"allow"`
		} `json:"in"`
	}
	const text = `{"allow":null,"in":[{"allow":null},{"allow":false},{}]}`
	if err := DecodeNulls([]byte(text), &v, []string{"allow"}); err != nil {
		t.Fatal(err)
	}
	if !v.Allow.There || v.Allow.Value != nil || !v.In[0].Allow.There || *v.In[1].Allow.Value || v.In[2].Allow.There {
		t.Errorf("%s is read as %+v", text, v)
	}
	for _, bad := range []string{`{"allow":null,"text":null}`, `null`, `{"in":null}`, `{"in":[null]}`} {
		if err := DecodeNulls([]byte(bad), &v, []string{"allow"}); err == nil || err.Code != BadRequest {
			t.Errorf("%s is taken: %v", bad, err)
		}
	}
}
