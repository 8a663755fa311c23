package calendar

import (
	_ "embed"
	"fmt"

	calendardef "github.com/stepwell/stepwell/schemas/calendar"
)

//go:embed china.json
var china []byte

// China is the calendar of mainland China with the statutory holidays and the days worked instead, 2015 to 2026. Later
// years are not announced yet; they are added in the definition made from it.
func China() (*calendardef.Calendar, error) {
	def, err := calendardef.Parse(china)
	if err != nil {
		return nil, fmt.Errorf("read the shipped calendar of China: %w", err)
	}
	return def, nil
}

// ChinaDocument is the JSON text of China, to be stored as a definition.
func ChinaDocument() []byte { return append([]byte{}, china...) }
