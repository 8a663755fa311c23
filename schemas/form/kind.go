package form

import "slices"

// kind is what every field of one type has in common.
type kind struct {
	json   string // JSON type of the value; "" when there is none or it depends
	text   bool   // people read and search it as text
	scalar bool   // lists may sort by it and an index may hold it
}

var kinds = map[FieldType]kind{
	Text:         {json: "string", text: true, scalar: true},
	LongText:     {json: "string", text: true},
	Number:       {json: "number", scalar: true},
	Money:        {json: "number", scalar: true},
	Percent:      {json: "number", scalar: true},
	Phone:        {json: "string", text: true, scalar: true},
	Email:        {json: "string", text: true, scalar: true},
	URL:          {json: "string", text: true, scalar: true},
	YesNo:        {json: "boolean", scalar: true},
	SingleChoice: {json: "string", scalar: true},
	MultiChoice:  {json: "array"},
	Date:         {json: "string", scalar: true},
	DateTime:     {json: "string", scalar: true},
	Person:       {json: "string", scalar: true},
	Department:   {json: "string", scalar: true},
	File:         {json: "array"},
	Link:         {json: "string", scalar: true},
	SubTable:     {json: "array"},
	Checklist:    {json: "array"},
	Formula:      {scalar: true},
	AutoNumber:   {json: "string", text: true, scalar: true},
	Note:         {},
}

// Known reports whether there is such a field type.
func (t FieldType) Known() bool { _, ok := kinds[t]; return ok }

// JSONType is the JSON type of the field's value: "string", "number", "boolean" or "array"; "" for a note.
func (f *Field) JSONType() string {
	if f.Type == Formula {
		return f.Result
	}
	return kinds[f.Type].json
}

// HasValue reports whether records hold a value for the field.
func (f *Field) HasValue() bool { return f.Type != Note && f.Type.Known() }

// Computed reports whether the server alone writes the field.
func (f *Field) Computed() bool { return f.Type == Formula || f.Type == AutoNumber }

// TextLike reports whether quick search looks at the field when a form does not say.
func (f *Field) TextLike() bool { return kinds[f.Type].text }

// Sortable reports whether lists may sort by the field.
func (f *Field) Sortable() bool { return kinds[f.Type].scalar }

// Numeric reports whether the value is a number, so that it can be summed.
func (f *Field) Numeric() bool { return f.JSONType() == "number" }

// Option finds a choice by its value.
func (f *Field) Option(value string) (Option, bool) {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == value })
	if i < 0 {
		return Option{}, false
	}
	return f.Options[i], true
}

// Column finds a column of a sub-table.
func (f *Field) Column(key string) (*Field, bool) { return find(f.Items, key) }

func find(fields []Field, key string) (*Field, bool) {
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return nil, false
	}
	return &fields[i], true
}

// FilledAlone reports whether people can fill the field in with nothing else at hand: no directory, no other records.
func (f *Field) FilledAlone() bool {
	switch f.Type {
	case Person, Department, Link, SubTable, Formula, AutoNumber, Note:
		return false
	case Text, LongText, Number, Money, Percent, Phone, Email, URL, YesNo, SingleChoice, MultiChoice, Date, DateTime, File:
		return true
	}
	return false
}
