// Package pack reads apps as packages: folders of definitions, such as the shipped ones that the market offers.
package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/stepwell/stepwell/builder/check"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/apps"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Faults of packages.
var (
	ErrNoTemplate = fault.Define(fault.NotFound, "market.notFound", "The market has no app {key}.", "应用市场中没有“{key}”。")
	ErrNoAppFile  = fault.Define(fault.Invalid, "package.noApp", "The package has no app.json.", "应用包中缺少 app.json。")
	ErrListed     = fault.Define(fault.Invalid, "package.listed", "The package lists {file}, but does not contain it.", "应用包的目录列出了 {file}，但包中没有该文件。")
	ErrFolder     = fault.Define(fault.Invalid, "package.folder", "{file} is in no known folder. Definitions are in {folders}.", "{file} 不在已知的文件夹中，定义应放在 {folders}。")
	ErrFileName   = fault.Define(fault.Invalid, "package.fileName", "{file} holds the key {key}. Name the file after the key.", "{file} 中的标识是“{key}”，文件名应与标识一致。")
)

// Package is an app ready to be installed.
type Package struct {
	App       *app.App
	Documents []check.Document // the app itself first, then in the order of installation
}

// folders are where a package keeps each kind.
var folders = map[string]definition.Kind{
	"calendars": definition.KindCalendar, "channels": definition.KindChannel, "forms": definition.KindForm,
	"flows": definition.KindFlow, "automations": definition.KindAutomation, "roles": definition.KindRole, "limits": definition.KindLimit,
	"assignments": definition.KindAssignment,
}

// Read reads a package from its folder: app.json, and one file for each definition, named after its key, in forms/,
// flows/, automations/, roles/, calendars/, channels/, limits/ and assignments/. Other folders are not looked at.
func Read(folder fs.FS) (*Package, error) {
	body, err := fs.ReadFile(folder, "app.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoAppFile.With(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read app.json: %w", err)
	}
	def, err := app.Parse(body)
	if err != nil {
		return nil, err
	}
	p := &Package{App: def}
	if err := p.add(definition.KindApp, def.Key, body); err != nil {
		return nil, err
	}
	files, err := contents(folder, def)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := p.readFile(folder, file); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// contents are the files to install, in order.
func contents(folder fs.FS, def *app.App) ([]string, error) {
	if len(def.Contents) > 0 {
		return def.Contents, nil
	}
	var out []string
	for _, kind := range definition.Kinds() {
		for name, k := range folders {
			if k != kind {
				continue
			}
			files, err := fs.Glob(folder, name+"/*.json")
			if err != nil {
				return nil, fmt.Errorf("list %s: %w", name, err)
			}
			out = append(out, files...)
		}
	}
	return out, nil
}

func (p *Package) readFile(folder fs.FS, file string) error {
	name, base := path.Split(file)
	kind, ok := folders[strings.TrimSuffix(name, "/")]
	if !ok {
		return ErrFolder.With(problem.Params{"file": file, "folders": folderNames()})
	}
	body, err := fs.ReadFile(folder, file)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrListed.With(problem.Params{"file": file})
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	key := strings.TrimSuffix(base, ".json")
	if head, err := check.Head(check.Document{Ref: definition.Ref{Kind: kind, Key: key}, Body: body}); err != nil {
		return err
	} else if head.Key != key {
		return ErrFileName.With(problem.Params{"file": file, "key": head.Key})
	}
	return p.add(kind, key, body)
}

func (p *Package) add(kind definition.Kind, key string, body []byte) error {
	d := check.Document{Ref: definition.Ref{App: p.App.Key, Kind: kind, Key: key}, Body: body}
	if err := check.Lenient(d); err != nil {
		return err
	}
	p.Documents = append(p.Documents, d)
	return nil
}

func folderNames() []string {
	var out []string
	for name := range folders {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Template is an app that the market offers.
type Template struct {
	Key       string                  `json:"key"`
	Title     definition.Text         `json:"title"`
	Summary   definition.Text         `json:"summary,omitempty"`
	Text      definition.Text         `json:"description,omitempty"`
	Category  definition.Text         `json:"category,omitempty"`
	Author    definition.Text         `json:"author,omitempty"`
	Icon      string                  `json:"icon,omitempty"`
	Version   string                  `json:"version"`
	Languages []string                `json:"languages,omitempty"`
	Counts    map[definition.Kind]int `json:"counts"`     // how many definitions of each kind it has
	Sample    bool                    `json:"sampleData"` // it comes with a company and a history to look at
}

// Market lists the apps that come with the product, in order of their keys.
func Market() ([]Template, error) {
	keys, err := apps.Keys()
	if err != nil {
		return nil, err
	}
	out := make([]Template, 0, len(keys))
	for _, key := range keys {
		folder, err := apps.Open(key)
		if err != nil {
			return nil, err
		}
		t, err := describe(key, folder)
		if err != nil {
			return nil, fmt.Errorf("describe the app %s: %w", key, err)
		}
		out = append(out, t)
	}
	return out, nil
}

func describe(key string, folder fs.FS) (Template, error) {
	p, err := Read(folder)
	if err != nil {
		return Template{}, err
	}
	a := p.App
	counts := make(map[definition.Kind]int)
	for _, d := range p.Documents[1:] {
		counts[d.Ref.Kind]++
	}
	t := Template{
		Key: key, Title: a.Title, Summary: a.Summary, Text: a.Description, Category: a.Category, Author: a.Author,
		Icon: a.Icon, Version: a.Version, Languages: a.Languages, Counts: counts,
	}
	if _, err := fs.Stat(folder, "sample"); err == nil {
		t.Sample = true
	}
	return t, nil
}

// Shipped reads one app of the market.
func Shipped(key string) (*Package, error) {
	folder, err := apps.Open(key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, ErrNoTemplate.With(problem.Params{"key": key})
	}
	if err != nil {
		return nil, err
	}
	return Read(folder)
}
