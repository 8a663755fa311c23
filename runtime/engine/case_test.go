package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/internal/fault"
)

var update = flag.Bool("update", false, "write what happened as what is wanted")

// scene is one testdata folder: definition.json and script.json are played, want.json says what must happen.
type scene struct {
	Form json.RawMessage `json:"form"` // none: testdata/form.json; a text: the name of another file there
	Flow json.RawMessage `json:"flow"`
	Next json.RawMessage `json:"next"` // version 2 of the flow, for the command migrate
	Case Case            `json:"case"`
	// Calendars are those of departments, by department.
	Calendars map[string]string `json:"calendars"`
}

type stage struct {
	Now     string   `json:"now"`     // the clock moves here
	Disable []string `json:"disable"` // people who leave
	Free    []string `json:"free"`    // the calendars change: on these days, and on no others but weekends, nobody works
	// Delegate says who stands in for whom from now on.
	Delegate map[string]string `json:"delegate"`
	Route    *Command          `json:"route"` // show what is foreseen
	Do       *Command          `json:"do"`    // see resolve for how it may name things
	Row      []string          `json:"row"`   // the rows of docs/flow-semantics.md that this shows
	Views    string            `json:"views"` // show what this user sees of the record
}

type happened struct {
	Do      string   `json:"do,omitempty"`
	Events  []string `json:"events,omitempty"`
	Effects []string `json:"effects,omitempty"`
	Refused []string `json:"refused,omitempty"`
	Now     string   `json:"now,omitempty"` // how the record stands
	Views   *views   `json:"views,omitempty"`
	Route   []string `json:"route,omitempty"`
}

type views struct {
	Path    []string `json:"path,omitempty"`
	Access  string   `json:"access,omitempty"`
	Actions []string `json:"actions"`
}

func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/*/definition.json")
	require.NoError(t, err)
	require.NotEmpty(t, folders)
	for _, definition := range folders {
		dir := filepath.Dir(definition)
		t.Run(filepath.Base(dir), func(t *testing.T) { playFolder(t, dir) })
	}
}

// TestPatterns plays the workflow control-flow patterns; testdata/patterns/README.md lists them.
func TestPatterns(t *testing.T) {
	folders, err := filepath.Glob("testdata/patterns/*/definition.json")
	require.NoError(t, err)
	readme, err := os.ReadFile("testdata/patterns/README.md")
	require.NoError(t, err)
	for number := 1; number <= 20; number++ {
		require.Contains(t, string(readme), fmt.Sprintf("\n| %d ", number), "the README speaks of every pattern")
	}
	require.Len(t, folders, 19, "all but the fifteenth")
	for _, definition := range folders {
		dir := filepath.Dir(definition)
		t.Run(filepath.Base(dir), func(t *testing.T) { playFolder(t, dir) })
	}
}

func playFolder(t *testing.T, dir string) {
	t.Helper()
	var sc scene
	var script []stage
	readJSON(t, filepath.Join(dir, "definition.json"), &sc)
	readJSON(t, filepath.Join(dir, "script.json"), &script)
	name := "form.json"
	if sc.Form == nil || json.Unmarshal(sc.Form, &name) == nil {
		doc, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		sc.Form = doc
	}
	got := play(t, sc, script)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(got))
	path := filepath.Join(dir, "want.json")
	if *update {
		require.NoError(t, os.WriteFile(path, text.Bytes(), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text.String())
}

func play(t *testing.T, sc scene, script []stage) []happened {
	t.Helper()
	compiled, _ := compileJSON(t, sc.Form, sc.Flow)
	var next *Flow
	if sc.Next != nil {
		next, _ = compileJSON(t, sc.Form, sc.Next)
		next.Version = 2
	}
	c := sc.Case
	c.State.Status = Draft
	people := newCompany()
	people.calendars = sc.Calendars
	env := Env{Flow: compiled, App: "shop", Directory: people, Calendars: people, Now: moment(t, "2026-03-02 09:00")}
	env.Delegate = people.delegate
	begun := c
	var log []Event
	var past history
	var out []happened
	for _, s := range script {
		if s.Now != "" {
			env.Now = moment(t, s.Now)
		}
		people.disabled = append(people.disabled, s.Disable...)
		if s.Free != nil {
			people.free = s.Free
		}
		if s.Delegate != nil {
			people.delegates = s.Delegate
		}
		if s.Route != nil {
			out = append(out, happened{Do: "route " + sayCommand(s.Route), Route: sayRoute(Route(env, c, *s.Route))})
		}
		if s.Views != "" {
			out = append(out, happened{Do: "views of " + s.Views, Views: viewsOf(env.Flow, c, s.Views)})
		}
		if s.Do == nil {
			continue
		}
		env.User = map[string]any{"id": s.Do.Actor}
		resolve(c.State, s.Do)
		before := asJSON(t, c)
		if s.Do.Kind == Migrate {
			env.From, env.Flow = env.Flow, next
		}
		env.Past = past.before(c.State.Last)
		d, err := Decide(env, c, *s.Do)
		require.JSONEq(t, before, asJSON(t, c), "a decision leaves its input alone")
		h := happened{Do: sayCommand(s.Do)}
		if s.Do.Kind == Migrate {
			checkPreview(t, env, c, *s.Do, d, err)
		}
		if err != nil {
			h.Refused = sayFault(t, err)
			if s.Do.Kind == Migrate {
				env.Flow = env.From
			}
		} else {
			past = append(past, episode{c, d})
			c = d.After
			log = append(log, d.Events...)
			for _, ev := range d.Events {
				h.Events = append(h.Events, sayEvent(ev))
			}
			for _, e := range d.Effects {
				h.Effects = append(h.Effects, sayEffect(e))
			}
			h.Now = sayState(c)
			require.Equal(t, c, replay(begun, log), "a replay gives the same case")
		}
		out = append(out, h)
	}
	return out
}

// checkPreview holds a preview to what then happens.
func checkPreview(t *testing.T, env Env, c Case, cmd Command, d Decision, err error) {
	t.Helper()
	p, previewErr := PreviewMigration(env, c, cmd)
	var f *fault.Error
	if errors.As(err, &f) && f.Code == ErrMigrate {
		require.NoError(t, previewErr)
		require.Equal(t, MigrationPreview{Problems: f.Problems}, p)
		return
	}
	require.Equal(t, err, previewErr)
	if err == nil {
		require.Equal(t, d.After.State.Tasks, p.Tasks)
		require.Len(t, c.State.Tasks, len(p.Kept)+len(p.Closed))
	}
}

// resolve lets a script name a task, a deadline and a waiting frame by its block, by "block@1" the second of several, and
// by "block:timeout" one of several moments of a frame. The frame of a task that is waited in is named the same way.
func resolve(s State, cmd *Command) {
	cmd.Task = nth(cmd.Task, s.Tasks, func(t Task) (string, string) { return t.Block, t.ID })
	cmd.Timer.Deadline = nth(cmd.Timer.Deadline, s.Deadlines, func(d DeadlineState) (string, string) {
		if d.Moment != "" {
			return d.Block + ":" + string(d.Moment), d.Key
		}
		if d.Item != "" {
			return d.Block + "/" + d.Item, d.Key
		}
		return d.Block, d.Key
	})
	if cmd.Reply != nil {
		cmd.Reply.Frame = nth(cmd.Reply.Frame, s.Frames, func(f Frame) (string, string) { return f.Block, f.ID })
		if f := s.frame(cmd.Reply.Frame); f != nil {
			cmd.Reply.Record = f.Record
		}
	}
}

func nth[T any](name string, list []T, of func(T) (name, id string)) string {
	wanted, number, _ := strings.Cut(name, "@")
	skip, _ := strconv.Atoi(number)
	for _, entry := range list {
		found, id := of(entry)
		if found != wanted {
			continue
		}
		if skip == 0 {
			return id
		}
		skip--
	}
	return name
}

func moment(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, china)
	require.NoError(tb, err)
	return at
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	doc, err := os.ReadFile(path)
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(into), path)
}

func sayCommand(c *Command) string {
	doc, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(doc), `"`, "'")
}

func sayFault(t *testing.T, err error) []string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	out := []string{string(f.Code.Kind) + " " + f.Code.ID, f.Message("en"), f.Message("zh-CN")}
	for _, p := range f.Problems {
		out = append(out, strings.Join([]string{p.Pointer, p.Code.ID, p.Message("en"), p.Message("zh-CN")}, " | "))
	}
	for _, line := range out {
		require.NotContains(t, line, "{", "every place of a wording is filled")
	}
	if f.Cause != nil {
		out = append(out, "because "+errors.Unwrap(f).Error())
	}
	return out
}

func sayEvent(ev Event) string {
	words := []string{fmt.Sprintf("%d %s", ev.Seq, ev.Kind)}
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+value)
		}
	}
	add("", ev.Block)
	add("task ", ev.Task)
	add("", string(ev.TaskKind))
	add("", string(ev.Mode))
	add("in ", ev.Stage)
	add("frame ", ev.Frame)
	add("in frame ", ev.In)
	add("ways ", strings.Join(ev.Ways, ","))
	if ev.Need != 0 {
		add("need ", strconv.Itoa(ev.Need))
	}
	add("undone ", strings.Join(ev.Undone, ","))
	if ev.Map != nil {
		add("map ", mustJSON(ev.Map))
	}
	if ev.Elements != nil {
		add("over ", mustJSON(ev.Elements))
	}
	for _, item := range ev.Items {
		add("item ", strings.Join(append([]string{item.ID}, item.Assignees...), ":"))
	}
	add("item ", ev.Item)
	add("record ", ev.Record)
	add("event ", ev.Name)
	add("", string(ev.Moment))
	add("resumes ", ev.Resumes)
	add("to ", strings.Join(ev.Assignees, ","))
	if ev.Fallback {
		add("", "as a fallback")
	}
	add("by ", ev.User)
	add("", string(ev.Result))
	add("exit ", string(ev.Exit))
	add("case ", ev.Case)
	add("outcome ", ev.Outcome)
	add("because ", ev.Reason)
	add("comment ", ev.Comment)
	add("", ev.Deadline)
	add("due ", sayTime(ev.DueAt))
	add("was ", sayTime(ev.Was))
	for _, timer := range ev.Timers {
		add("timer"+sayRef(timer.TimerRef)+" ", sayTime(timer.FireAt))
	}
	for _, ref := range ev.Gone {
		add("gone", sayRef(ref))
	}
	if ev.Counted != nil && ev.Counted.Calendar != "" && ev.Counted.CalendarOf != "" {
		add("on ", ev.Counted.Calendar)
	}
	if ev.Counted != nil && !ev.Counted.Late.IsZero() {
		add("followed from ", sayTime(ev.Counted.Late))
	}
	if ev.Remind != 0 {
		add("reminder ", sayRef(TimerRef{Remind: ev.Remind, Turn: ev.Turn}))
	}
	if ev.Level != 0 {
		add("level ", strconv.Itoa(ev.Level))
	}
	add("do ", string(ev.Do))
	if ev.Flag != nil {
		add("flag ", ev.Flag.Key)
	}
	add("cause ", ev.Why.In("en"))
	if ev.Flow != "" {
		add("", fmt.Sprintf("%s@%d", ev.Flow, ev.Version))
	}
	if ev.Set != nil {
		add("set ", mustJSON(ev.Set))
		add("before ", mustJSON(ev.Before))
	}
	return strings.Join(append(words, sayMore(&ev)...), " ")
}

// sayRef says which moment of a deadline: 0 its own, else a reminder and its turn, or a level.
func sayRef(ref TimerRef) string {
	switch {
	case ref.Level != 0:
		return "L" + strconv.Itoa(ref.Level)
	case ref.Turn != 0:
		return strconv.Itoa(ref.Remind) + "." + strconv.Itoa(ref.Turn)
	}
	return strconv.Itoa(ref.Remind)
}

func mustJSON(v any) string {
	doc, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(doc), `"`, "'")
}

func sayEffect(e Effect) string {
	if !e.IsNotice() {
		if e.Create != nil {
			return strings.Join([]string{e.Key, "create", e.Block, mustJSON(e.Create)}, " ")
		}
		return strings.Join([]string{e.Key, "call", e.Block, mustJSON(e.Call)}, " ")
	}
	words := []string{e.Key, string(e.Cause), e.Block, "to", strings.Join(e.To, ","), "by", strings.Join(e.Channels, ",")}
	if !e.Title.Empty() {
		words = append(words, "“"+e.Title.In("en")+"”")
	}
	if !e.DueAt.IsZero() {
		words = append(words, "due "+sayTime(e.DueAt))
	}
	if e.Reason != "" {
		words = append(words, "because "+e.Reason)
	}
	return strings.Join(words, " ")
}

func sayTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(china).Format("01-02 15:04")
}

func sayState(c Case) string {
	s := c.State
	words := []string{string(s.Status)}
	if s.Stage != "" {
		words = append(words, "in "+s.Stage)
	}
	if s.Outcome != "" {
		words = append(words, s.Outcome)
	}
	for _, t := range s.Tasks {
		w := fmt.Sprintf("[%s of %s", t.ID, strings.Join(t.Assignees, ","))
		if len(t.Approved) > 0 {
			w += " approved by " + strings.Join(t.Approved, ",")
		}
		w += sayParts(&t)
		if !t.DueAt.IsZero() {
			w += " due " + sayTime(t.DueAt)
		}
		if t.Overdue {
			w += " overdue"
		}
		var ticked []string
		for _, item := range t.Items {
			if !item.DoneAt.IsZero() {
				ticked = append(ticked, " ticked "+item.ID)
			}
		}
		words = append(words, w+strings.Join(ticked, "")+"]")
	}
	for _, f := range s.Flags() {
		words = append(words, fmt.Sprintf("marked %s (%s)", f.Key, f.Tone))
	}
	for _, d := range s.Deadlines {
		if d.Met {
			words = append(words, d.Block+" met")
		}
		if d.Frame != "" {
			words = append(words, fmt.Sprintf("{%s %s %s}", d.Frame, d.Moment, sayTime(d.DueAt)))
		}
	}
	return strings.Join(words, " ")
}

func viewsOf(f *Flow, c Case, user string) *views {
	v := &views{Actions: sayActions(Actions(f, c, user))}
	for _, s := range Path(f, c.State) {
		line := s.Block + " " + string(s.Status)
		if !s.DueAt.IsZero() {
			line += " due " + sayTime(s.DueAt)
		}
		if s.Overdue {
			line += " overdue"
		}
		v.Path = append(v.Path, line)
	}
	var access []string
	for key, a := range Access(f, c, user) {
		access = append(access, key+":"+string(a))
	}
	slices.Sort(access)
	v.Access = strings.Join(access, " ")
	return v
}
