package presence

import "net/url"

// PathSegment is an id as a part of a path for API.Call. An id may be "." or "..", which servers
// and proxies take for steps through a path: their dots are escaped. Where a proxy unescapes before
// it cleans, nothing helps; docs/proxies.md has configurations that don't.
func PathSegment(id string) string {
	switch id {
	case ".":
		return "%2E"
	case "..":
		return "%2E%2E"
	}
	return url.PathEscape(id)
}
