package expr

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // rules name time zones, and the machine may have no zone files

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stepwell/stepwell/internal/store"
)

// Calendar knows working days. Only the year, month and day of the argument count.
type Calendar interface {
	IsWorkingDay(day time.Time) bool
}

const dateForm = "2006-01-02"

// spanLimit bounds what workdays and addWorkdays walk, in days: a hundred years.
const spanLimit = 36525

// scope is what functions know besides their arguments. It reaches them as a hidden first argument, so that an
// evaluation depends on its variables alone.
type scope struct {
	now      time.Time // in the zone that decides which day it is
	calendar Calendar  // nil: Monday to Friday
}

const scopeName = "@scope"

var scopeType = cel.OpaqueType("stepwell.Scope")

// ConvertToNative implements ref.Val.
func (s *scope) ConvertToNative(reflect.Type) (any, error) { return nil, errMismatch }

// ConvertToType implements ref.Val.
func (s *scope) ConvertToType(ref.Type) ref.Val { return types.NoSuchOverloadErr() }

// Equal implements ref.Val.
func (s *scope) Equal(other ref.Val) ref.Val { return types.Bool(other == ref.Val(s)) }

// Type implements ref.Val.
func (s *scope) Type() ref.Type { return scopeType }

// Value implements ref.Val.
func (s *scope) Value() any { return s }

func (s *scope) working(day time.Time) bool {
	if s.calendar != nil {
		return s.calendar.IsWorkingDay(day)
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// day reads a date, or the date that a moment falls on in the scope's zone, as midnight UTC.
func (s *scope) day(v ref.Val) (time.Time, ref.Val) {
	switch v := v.(type) {
	case types.Timestamp:
		return dayOf(v.In(s.now.Location())), nil
	case types.String:
		if len(v) == len(dateForm) {
			if d, err := time.Parse(dateForm, string(v)); err == nil && d.Year() >= 1 {
				return d, nil
			}
		} else if t, err := parseMoment(string(v)); err == nil {
			return dayOf(t.In(s.now.Location())), nil
		}
	}
	return time.Time{}, unfit(v, needDate)
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

var momentForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`)

// parseMoment reads RFC 3339 to the millisecond, which is all that the browser and the store keep.
func parseMoment(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !momentForm.MatchString(s) || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, CodeBadValue.With(valueParams(s, needMoment))
	}
	return t.Truncate(time.Millisecond), nil
}

func dateResult(d time.Time) ref.Val {
	if d.Year() < 1 || d.Year() > 9999 {
		return types.WrapErr(CodeOverflow.With(nil))
	}
	return types.String(d.Format(dateForm))
}

func today(args ...ref.Val) ref.Val {
	return dateResult(dayOf(args[0].(*scope).now))
}

func dateOf(args ...ref.Val) ref.Val {
	d, bad := args[0].(*scope).day(args[1])
	if bad != nil {
		return bad
	}
	return dateResult(d)
}

func datePart(part func(time.Time) int) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val {
		d, bad := args[0].(*scope).day(args[1])
		if bad != nil {
			return bad
		}
		return types.Int(part(d))
	}
}

func isoWeekday(d time.Time) int { return (int(d.Weekday())+6)%7 + 1 }

func daysBetween(args ...ref.Val) ref.Val {
	from, to, bad := twoDays(args)
	if bad != nil {
		return bad
	}
	return types.Int(daysFrom(from, to))
}

// daysFrom counts by the day: a Duration holds 292 years only.
func daysFrom(from, to time.Time) int64 { return (to.Unix() - from.Unix()) / 86400 }

func twoDays(args []ref.Val) (from, to time.Time, bad ref.Val) {
	s := args[0].(*scope)
	if from, bad = s.day(args[1]); bad == nil {
		to, bad = s.day(args[2])
	}
	return from, to, bad
}

// dayAndCount reads the arguments of the add functions; limit bounds the count.
func dayAndCount(args []ref.Val, limit int64) (day time.Time, n int, bad ref.Val) {
	day, bad = args[0].(*scope).day(args[1])
	if bad != nil {
		return day, 0, bad
	}
	count, bad := whole(args[2])
	if bad != nil {
		return day, 0, bad
	}
	if count > limit || count < -limit {
		return day, 0, types.WrapErr(CodeBadValue.With(valueParams(count, needSpan)))
	}
	return day, int(count), nil
}

func addDays(args ...ref.Val) ref.Val {
	day, n, bad := dayAndCount(args, spanLimit*100)
	if bad != nil {
		return bad
	}
	return dateResult(day.AddDate(0, 0, n))
}

// addMonths keeps the day of the month, or takes the last one of a shorter month.
func addMonths(args ...ref.Val) ref.Val {
	day, n, bad := dayAndCount(args, 12*10000)
	if bad != nil {
		return bad
	}
	first := time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dateResult(first.AddDate(0, 0, min(day.Day(), last)-1))
}

// workdays counts the working days from one date to another, both included; negative when the second is earlier.
func workdays(args ...ref.Val) ref.Val {
	from, to, bad := twoDays(args)
	if bad != nil {
		return bad
	}
	sign := 1
	if to.Before(from) {
		from, to, sign = to, from, -1
	}
	if daysFrom(from, to) > spanLimit {
		return types.WrapErr(CodeBadValue.With(valueParams(to.Format(dateForm), needSpan)))
	}
	n := 0
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		if args[0].(*scope).working(d) {
			n++
		}
	}
	return types.Int(sign * n)
}

// addWorkdays gives the n-th working day after (or before) a date, which is itself day 0; for n = 0 it is that date or,
// when it is free, the next working day.
func addWorkdays(args ...ref.Val) ref.Val {
	day, n, bad := dayAndCount(args, spanLimit)
	if bad != nil {
		return bad
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	if n == 0 && !args[0].(*scope).working(day) {
		n = 1
	}
	for walked := 0; n > 0; walked++ {
		if walked > spanLimit {
			return types.WrapErr(CodeBadValue.With(valueParams(n, needSpan)))
		}
		day = day.AddDate(0, 0, step)
		if args[0].(*scope).working(day) {
			n--
		}
	}
	return dateResult(day)
}

// conversions declares string and timestamp again: the standard string(100000000.0) is "1e+08", and the browser has
// milliseconds only.
func conversions() []cel.EnvOption {
	text := func(id string, t *cel.Type) cel.FunctionOpt {
		return cel.Overload(id, []*cel.Type{t}, cel.StringType, cel.UnaryBinding(toText))
	}
	return []cel.EnvOption{
		cel.Function("string",
			text("text_to_string", cel.StringType), text("bool_to_text", cel.BoolType), text("int_to_text", cel.IntType),
			text("uint_to_text", cel.UintType), text("double_to_text", cel.DoubleType),
			text("timestamp_to_text", cel.TimestampType), text("duration_to_text", cel.DurationType)),
		cel.Function("timestamp",
			cel.Overload("text_to_timestamp", []*cel.Type{cel.StringType}, cel.TimestampType, cel.UnaryBinding(toMoment)),
			cel.Overload("same_timestamp", []*cel.Type{cel.TimestampType}, cel.TimestampType, cel.UnaryBinding(toMoment))),
		cel.Function("double",
			cel.Overload("number_to_double", []*cel.Type{cel.DoubleType}, cel.DoubleType, cel.UnaryBinding(toDouble)),
			cel.Overload("int_to_number", []*cel.Type{cel.IntType}, cel.DoubleType, cel.UnaryBinding(toDouble)),
			cel.Overload("text_to_double", []*cel.Type{cel.StringType}, cel.DoubleType, cel.UnaryBinding(toDouble))),
		cel.Function("int",
			cel.Overload("same_int", []*cel.Type{cel.IntType}, cel.IntType, cel.UnaryBinding(toInt)),
			cel.Overload("double_to_whole", []*cel.Type{cel.DoubleType}, cel.IntType, cel.UnaryBinding(toInt)),
			cel.Overload("text_to_int", []*cel.Type{cel.StringType}, cel.IntType, cel.UnaryBinding(toInt))),
		cel.Function("bool",
			cel.Overload("same_bool", []*cel.Type{cel.BoolType}, cel.BoolType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v }))),
	}
}

func toText(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.String:
		return v
	case types.Double:
		return types.String(decimal(float64(v)))
	case types.Timestamp:
		return types.String(store.FormatTime(v.Time))
	case types.Duration:
		return types.String(seconds(v.Duration))
	default:
		return v.ConvertToType(types.StringType)
	}
}

// seconds writes a duration to the millisecond: "5400s", "-0.5s".
func seconds(d time.Duration) string {
	ms := d.Milliseconds()
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	s := sign + strconv.FormatInt(ms/1000, 10)
	if ms%1000 != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(1000+ms%1000, 10)[1:], "0")
	}
	return s + "s"
}

func toMoment(v ref.Val) ref.Val {
	s, ok := v.(types.String)
	if !ok {
		return v
	}
	t, err := parseMoment(string(s))
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Timestamp{Time: t}
}

var (
	numberForm = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)
	wholeForm  = regexp.MustCompile(`^[+-]?\d{1,18}$`)
)

func toDouble(v ref.Val) ref.Val {
	switch v := v.(type) {
	case types.Int:
		return types.Double(v)
	case types.String:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || !numberForm.MatchString(string(v)) {
			return unfit(v, needNumber)
		}
		return types.Double(f)
	default:
		return v
	}
}

func toInt(v ref.Val) ref.Val {
	s, ok := v.(types.String)
	if !ok {
		return v.ConvertToType(types.IntType)
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || !wholeForm.MatchString(string(s)) {
		return unfit(v, needWholeNumber)
	}
	return types.Int(n)
}
