// Package sample describes the sample data of an app: a company, and a script from which a history is played.
//
// A history is never written as rows. A player walks through the months with the clock in its hand and does what the
// people of the company do: it begins records, fills in steps, approves, sends back, forgets. Every command takes the
// same way as one from the browser, so that what comes out has passed every rule of the app. The script says who does
// what, when, how often and with which values; it knows forms and flows by their keys only. With the same seed, script and
// definitions the same history comes out.
package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/stepwell/stepwell/schemas/definition"
)

// Sample is the sample data of one app.
type Sample struct {
	Company Company
	Script  Script
	// Rows are the row files that the script names, by file name.
	Rows map[string][]Fields
}

// Company is the people who play.
type Company struct {
	Name        definition.Text `json:"name"`
	Departments []Department    `json:"departments"` // parents first
	People      []Person        `json:"people"`
}

// Department is one node of the organisation.
type Department struct {
	ID     string          `json:"id"`
	Name   definition.Text `json:"name"`
	Parent string          `json:"parent,omitempty"`
	Head   string          `json:"head,omitempty"` // username
}

// Person is somebody who can sign in.
type Person struct {
	Username   string   `json:"username"`
	Name       string   `json:"name"`
	Position   string   `json:"position"`
	Department string   `json:"department"`
	Manager    string   `json:"manager,omitempty"` // username of the direct manager
	Email      string   `json:"email"`
	Phone      string   `json:"phone,omitempty"`
	WeCom      string   `json:"wecom,omitempty"`     // user id at WeCom
	Roles      []string `json:"roles,omitempty"`     // role keys of the app
	Behaviour  string   `json:"behaviour,omitempty"` // key of Script.Behaviours; none: as the script says
}

// ErrAbsent is returned by Load for an app without sample data.
var ErrAbsent = errors.New("the app has no sample data")

// Load reads company.json, script.json and the row files it names from a folder. It is strict: an unknown member is an
// error, because in data that nobody looks at again a misspelt one would never be found.
func Load(dir fs.FS) (*Sample, error) {
	if _, err := fs.Stat(dir, "script.json"); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	s := &Sample{Rows: map[string][]Fields{}}
	if err := readFile(dir, "company.json", &s.Company); err != nil {
		return nil, err
	}
	if err := readFile(dir, "script.json", &s.Script); err != nil {
		return nil, err
	}
	for _, setup := range s.Script.Setup {
		if setup.Rows == "" || s.Rows[setup.Rows] != nil {
			continue
		}
		var rows []Fields
		if err := readFile(dir, setup.Rows, &rows); err != nil {
			return nil, err
		}
		s.Rows[setup.Rows] = rows
	}
	return s, nil
}

func readFile(dir fs.FS, name string, into any) error {
	doc, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("read sample: %w", err)
	}
	if err := decode(doc, into); err != nil {
		return fmt.Errorf("read sample %s: %w", name, err)
	}
	return nil
}

// decode reads one JSON value and nothing behind it, and refuses unknown members.
func decode(doc []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
