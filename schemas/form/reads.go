package form

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/schemas/problem"
)

// Reads shows a field's value as a sentence in that language has it: dates and moments, money and large numbers are
// spelled in the way of the language, a moment in the zone of its readers. Anything else is as Display shows it.
func Reads(f *Field, value any, lang string, zone *time.Location, name Namer) string {
	switch v := value.(type) {
	case string:
		return readText(f, v, lang, zone, name)
	case float64:
		return readNumber(f, strconv.FormatFloat(v, 'f', -1, 64), lang)
	case json.Number:
		return readNumber(f, v.String(), lang)
	}
	return Display(f, value, lang, name)
}

func readText(f *Field, v, lang string, zone *time.Location, name Namer) string {
	switch f.Type { //nolint:exhaustive // the other types read as they are shown
	case Date:
		if day, err := time.Parse(time.DateOnly, v); err == nil {
			return DateIn(day, lang)
		}
	case DateTime:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return MomentIn(at, lang, zone)
		}
	}
	return Display(f, v, lang, name)
}

func readNumber(f *Field, text, lang string) string {
	switch f.Type { //nolint:exhaustive // the other types read as they are shown
	case Money:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return amountIn(grouped(strconv.FormatFloat(n, 'f', decimals(f), 64)), f.Currency, lang)
		}
	case Number, Formula:
		shown := grouped(displayNumber(f, text))
		if unit := f.Unit.In(lang); unit != "" {
			return shown + " " + unit
		}
		return shown
	}
	return displayNumber(f, text)
}

// amountIn puts a currency to an amount: Chinese readers expect ¥, which others take for another currency.
func amountIn(amount, currency, lang string) string {
	if lang != "zh-CN" || currency != "CNY" {
		return strings.TrimSpace(currency + " " + amount)
	}
	if strings.HasPrefix(amount, "-") {
		return "-¥" + amount[1:]
	}
	return "¥" + amount
}

// layouts are how a day is written; "" is every other language.
var layouts = problem.Text{"zh-CN": "2006年1月2日", "en": "2 Jan 2006", "": time.DateOnly}

// DateIn writes a day in the way of a language.
func DateIn(day time.Time, lang string) string { return day.Format(layouts.In(lang)) }

// MomentIn writes a moment in the way of a language, in a zone; nil is UTC.
func MomentIn(at time.Time, lang string, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	at = at.In(zone)
	if lang == "en" {
		return at.Format(layouts.In(lang) + ", 15:04")
	}
	return at.Format(layouts.In(lang) + " 15:04")
}
