package wire

import "net/http"

// Code is a stable error code of docs/api.md: the `code` of a problem, of a WebSocket `error`, of a
// rejected batch item.
type Code string

// The codes.
const (
	BadRequest           Code = "bad_request"
	InvalidID            Code = "invalid_id"
	TooManyIDs           Code = "too_many_ids"
	TooManyItems         Code = "too_many_items"
	TooManyDevices       Code = "too_many_devices"
	TooManyEdges         Code = "too_many_edges"
	TooManyClaims        Code = "too_many_claims"
	Unauthorized         Code = "unauthorized"
	Forbidden            Code = "forbidden"
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	TooLarge             Code = "too_large"
	UnsupportedMediaType Code = "unsupported_media_type"
	RateLimited          Code = "rate_limited"
	Unavailable          Code = "unavailable"
)

// Codes lists every code with its HTTP status.
var Codes = map[Code]int{
	BadRequest:           http.StatusBadRequest,
	InvalidID:            http.StatusBadRequest,
	TooManyIDs:           http.StatusBadRequest,
	TooManyItems:         http.StatusBadRequest,
	TooManyDevices:       http.StatusBadRequest,
	TooManyEdges:         http.StatusBadRequest,
	TooManyClaims:        http.StatusBadRequest,
	Unauthorized:         http.StatusUnauthorized,
	Forbidden:            http.StatusForbidden,
	NotFound:             http.StatusNotFound,
	MethodNotAllowed:     http.StatusMethodNotAllowed,
	TooLarge:             http.StatusRequestEntityTooLarge,
	UnsupportedMediaType: http.StatusUnsupportedMediaType,
	RateLimited:          http.StatusTooManyRequests,
	Unavailable:          http.StatusServiceUnavailable,
}

// Error is a refusal with its code; Detail says what is wrong and what would be right.
type Error struct {
	Code   Code
	Detail string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Detail }
