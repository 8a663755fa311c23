// Package web is what every handler needs between HTTP and the services: reading a request strictly, knowing who
// asks and in which language, and answering problems as RFC 9457 documents.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type      string       `json:"type"`
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Code      string       `json:"code"`
	Errors    []FieldError `json:"errors,omitempty"`
	RequestID string       `json:"requestId,omitempty"`
}

// FieldError is one wrong place.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Faults that arise between the wire and the services.
var (
	ErrInternal   = fault.Define(fault.Internal, "internal", "Something went wrong on our side. It has been logged; please try again.", "服务器出错了，问题已记录，请稍后重试。")
	ErrNoRoute    = fault.Define(fault.NotFound, "http.noRoute", "There is nothing at this address.", "该地址不存在。")
	ErrMethod     = fault.Define(fault.Invalid, "http.method", "This address does not take {method}.", "该地址不支持 {method} 请求。")
	ErrTooLarge   = fault.Define(fault.TooLarge, "http.tooLarge", "The request is larger than {limit}.", "请求内容超过了 {limit} 的上限。")
	ErrNotJSON    = fault.Define(fault.Invalid, "http.notJson", "The body is not the JSON expected here: {why}.", "请求内容不是所需的 JSON：{why}。")
	ErrParameter  = fault.Define(fault.Invalid, "http.parameter", "The parameter {name} is wrong: {why}.", "参数 {name} 有误：{why}。")
	ErrNoCSRF     = fault.Define(fault.Forbidden, "http.crossSite", "Send the header X-Stepwell with requests that change something.", "修改数据的请求需要带上 X-Stepwell 请求头。")
	ErrNeedsMatch = fault.Define(fault.Invalid, "http.ifMatch", "Send If-Match with the ETag your change is based on.", "请在 If-Match 中带上所依据版本的 ETag。")
)

// Status is the HTTP status of a kind of fault.
func Status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Stale:
		return http.StatusPreconditionFailed
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// FieldErrors renders problems in a language.
func FieldErrors(problems []problem.Problem, lang string) []FieldError {
	out := make([]FieldError, len(problems))
	for i, p := range problems {
		out[i] = FieldError{Pointer: p.Pointer, Code: p.Code.ID, Message: p.Message(lang)}
	}
	return out
}

// ProblemOf is an error as its problem document, in the language of the answer.
func ProblemOf(err error, c echo.Context) Problem {
	f := asFault(err, c)
	lang := Lang(c)
	p := Problem{
		Type: "about:blank", Title: f.Message(lang), Status: Status(f.Code.Kind), Code: f.Code.ID,
		Errors: FieldErrors(f.Problems, lang), RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
	}
	if f.Code == ErrMethod {
		p.Status = http.StatusMethodNotAllowed
	}
	return p
}

// ErrorHandler answers every error of every handler, and logs those that are ours. It is the only place that does.
func ErrorHandler(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		if c.Response().Committed || errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
			return
		}
		p := ProblemOf(err, c)
		if p.Status >= http.StatusInternalServerError {
			log.ErrorContext(c.Request().Context(), "request failed", slog.String("request_id", p.RequestID),
				slog.String("method", c.Request().Method), slog.String("route", c.Path()), slog.Any("error", err))
		}
		if p.Status == http.StatusServiceUnavailable {
			c.Response().Header().Set("Retry-After", "2")
		}
		body, merr := json.Marshal(p)
		if merr != nil {
			log.ErrorContext(c.Request().Context(), "encode problem", slog.Any("error", merr))
			return
		}
		c.Response().Header().Set("Content-Language", Lang(c))
		if werr := c.Blob(p.Status, "application/problem+json", body); werr != nil {
			log.DebugContext(c.Request().Context(), "caller left before the answer", slog.Any("error", werr))
		}
	}
}

func asFault(err error, c echo.Context) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ErrTooLarge.With(problem.Params{"limit": Bytes(large.Limit)})
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch he.Code {
		case http.StatusNotFound:
			return ErrNoRoute.With(nil)
		case http.StatusMethodNotAllowed:
			return ErrMethod.With(problem.Params{"method": c.Request().Method})
		case http.StatusRequestEntityTooLarge:
			return ErrTooLarge.With(problem.Params{"limit": ""})
		default:
		}
	}
	return ErrInternal.Because(err, nil)
}

// Bytes writes a size for people: "50 MB".
func Bytes(n int64) string {
	const mb = 1 << 20
	if n >= mb {
		return strconv.FormatInt(n/mb, 10) + " MB"
	}
	return strconv.FormatInt(n>>10, 10) + " KB"
}
