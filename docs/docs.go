// Package docs holds what the project says about itself, and hands the part that programs read to
// the gateway: the OpenAPI file, served at /v1/openapi.yaml.
//
// The test keeps the pages true: every link, flag and error code that a page names must exist, and
// every example must fit its schema.
package docs

import _ "embed"

// OpenAPI is the HTTP contract, an OpenAPI 3.1 document in YAML. Do not change it.
//
//go:embed openapi.yaml
var OpenAPI []byte
