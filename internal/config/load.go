package config

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

const (
	fileEnv  = "STEPWELL_CONFIG"
	fileFlag = "config"
	fileDoc  = "YAML or JSON file with settings, e.g. smtp: {host: mail.example.com}"
)

// raw is a value as it was given and where.
type raw struct{ value, source string }

// flagValue keeps the text of a flag until Load reads it.
type flagValue struct {
	text   string
	toggle bool
}

func (v *flagValue) String() string     { return "" } // shown as the default by package flag; Help says it better
func (v *flagValue) Set(s string) error { v.text = s; return nil }
func (v *flagValue) IsBoolFlag() bool   { return v.toggle }

// Flags adds one flag per setting to the set. Parse the arguments with it, then call Load.
func Flags(set *flag.FlagSet) {
	set.Var(&flagValue{}, fileFlag, fileDoc)
	for i := range settings {
		s := &settings[i]
		set.Var(&flagValue{toggle: s.toggle}, s.flag(), s.doc)
	}
}

// Load reads the configuration: a flag wins over the environment ("NAME=value" lines, as of os.Environ), that over the
// file, that over the default. An *Error lists all problems at once.
func Load(set *flag.FlagSet, environ []string) (*Config, error) {
	env := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	flags := map[string]string{}
	set.Visit(func(f *flag.Flag) {
		if v, ok := f.Value.(*flagValue); ok {
			flags[f.Name] = v.text
		}
	})
	c := &Config{Warnings: unknownEnv(env)}
	var problems []Problem
	file, bad := loadFile(flags, env)
	problems = append(problems, bad...)
	given := gather(flags, env, file)
	if _, ok := given["listen"]; !ok && given["manualClock"].value == "true" {
		given["listen"] = raw{"127.0.0.1:8080", "listen"}
	}
	for i := range settings {
		s := &settings[i]
		from, ok := given[s.name]
		if !ok {
			from = raw{s.value, s.name}
		}
		if err := s.parse(c, from.value); err != nil {
			problems = append(problems, Problem{from.source, err.Error()})
		}
	}
	if len(problems) == 0 {
		c.check(func(name, text string) {
			problems = append(problems, Problem{sourceOf(name, given), text})
		})
	}
	if len(problems) > 0 {
		return nil, &Error{problems}
	}
	if c.PublicURL == "" {
		c.PublicURL = localURL(c.Listen)
	}
	return c, nil
}

func gather(flags, env map[string]string, file map[string]raw) map[string]raw {
	given := map[string]raw{}
	for i := range settings {
		s := &settings[i]
		if v, ok := flags[s.flag()]; ok {
			given[s.name] = raw{v, "--" + s.flag()}
		} else if v, ok := env[s.env()]; ok {
			given[s.name] = raw{v, s.env()}
		} else if v, ok := file[s.name]; ok {
			given[s.name] = v
		}
	}
	return given
}

// sourceOf names where a setting was given, or, when it was not, the variable that would give it.
func sourceOf(name string, given map[string]raw) string {
	if from, ok := given[name]; ok {
		return from.source
	}
	for i := range settings {
		if settings[i].name == name {
			return settings[i].env()
		}
	}
	return name
}

// unknownEnv warns of misspelt variables. It cannot refuse them: Kubernetes sets STEPWELL_SERVICE_HOST and others by
// itself for a service called stepwell.
func unknownEnv(env map[string]string) []string {
	var warnings []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.HasPrefix(name, "STEPWELL_") || strings.HasPrefix(name, "STEPWELL_TEST_") || name == fileEnv {
			continue
		}
		if !slices.ContainsFunc(settings, func(s setting) bool { return s.env() == name }) {
			warnings = append(warnings, "the environment variable "+name+" is no setting and was ignored")
		}
	}
	return warnings
}

func loadFile(flags, env map[string]string) (map[string]raw, []Problem) {
	path, ok := flags[fileFlag]
	if !ok {
		path = env[fileEnv]
	}
	if path == "" {
		return nil, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, []Problem{{path, fmt.Sprintf("the configuration file cannot be read: %v", err)}}
	}
	tree := map[string]any{}
	if err := yaml.Unmarshal(body, &tree); err != nil {
		return nil, []Problem{{path, "is not valid YAML or JSON: " + yaml.FormatError(err, false, false)}}
	}
	values := map[string]raw{}
	problems := flatten(path, "", tree, values)
	return values, problems
}

// flatten turns the tree of a file into dotted names, and reports what is no setting.
func flatten(path, prefix string, tree map[string]any, into map[string]raw) []Problem {
	var problems []Problem
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		name := prefix + key
		source := name + " in " + path
		at := slices.IndexFunc(settings, func(s setting) bool { return s.name == name })
		known := at >= 0
		group := slices.ContainsFunc(settings, func(s setting) bool { return strings.HasPrefix(s.name, name+".") })
		switch v := tree[key].(type) {
		case nil: // "smtp:" with nothing below it
			if !known && !group {
				problems = append(problems, Problem{source, unknownText(name)})
			}
		case map[string]any:
			if !group {
				problems = append(problems, Problem{source, unknownText(name)})
				continue
			}
			problems = append(problems, flatten(path, name+".", v, into)...)
		default:
			if !known {
				problems = append(problems, Problem{source, unknownText(name)})
				continue
			}
			if _, isText := v.(string); !isText && settings[at].secret {
				problems = append(problems, Problem{source, "must be put in quotes, or YAML reads it as a number"})
				continue
			}
			into[name] = raw{scalar(v), source}
		}
	}
	return problems
}

func scalar(v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprint(v)
	}
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = fmt.Sprint(item)
	}
	return strings.Join(parts, ",")
}

func unknownText(name string) string {
	best, distance := "", 4 // further away is no misspelling
	for i := range settings {
		if d := editDistance(name, settings[i].name); d < distance {
			best, distance = settings[i].name, d
		}
	}
	if best == "" {
		return "is no setting"
	}
	return fmt.Sprintf("is no setting; did you mean %s?", best)
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func localURL(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // checked by its parser
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Help writes every setting with its meaning, default and names.
func Help(w io.Writer) error {
	var b strings.Builder
	b.WriteString("Settings come from flags, else the environment, else the file, else the default.\n\n")
	fmt.Fprintf(&b, "  --%-20s %s\n  %-22s %s\n", fileFlag, fileDoc, "", fileEnv)
	for i := range settings {
		s := &settings[i]
		names := s.env() + "; in the file " + s.name
		if s.value != "" {
			names += "; default " + s.value
		}
		fmt.Fprintf(&b, "  --%-20s %s\n  %-22s %s\n", s.flag(), s.doc, "", names)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
