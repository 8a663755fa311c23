package apps_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stepwell/stepwell/schemas"
	"github.com/stepwell/stepwell/schemas/app"
	"github.com/stepwell/stepwell/schemas/apps"
	"github.com/stepwell/stepwell/schemas/assignment"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// folders of an app, by the kind of definition in them.
var folders = map[string]definition.Kind{
	"forms": definition.KindForm, "flows": definition.KindFlow, "roles": definition.KindRole,
	"calendars": definition.KindCalendar, "channels": definition.KindChannel, "limits": definition.KindLimit,
	"automations": definition.KindAutomation, "assignments": definition.KindAssignment,
}

// documents gives every definition of a shipped app by its path.
func documents(t *testing.T, key string) map[string][]byte {
	t.Helper()
	dir, err := apps.Open(key)
	require.NoError(t, err)
	out := map[string][]byte{}
	require.NoError(t, fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "sample/") {
			return err
		}
		out[name], err = fs.ReadFile(dir, name)
		return err
	}))
	return out
}

func kindOf(name string) definition.Kind {
	if name == "app.json" {
		return definition.KindApp
	}
	return folders[path.Dir(name)]
}

// parts are the definitions of an app that refer to each other.
type parts struct {
	app         *app.App
	forms       map[string]*form.Form
	flows       map[string]*flow.Flow
	roles       map[string]*role.Role
	assignments map[string]*assignment.Assignment
	calendars   []string
	channels    []string
}

func load(t *testing.T, key string) parts {
	t.Helper()
	p := parts{forms: map[string]*form.Form{}, flows: map[string]*flow.Flow{}, roles: map[string]*role.Role{}, assignments: map[string]*assignment.Assignment{}}
	for name, doc := range documents(t, key) {
		var err error
		key := strings.TrimSuffix(path.Base(name), ".json")
		switch kindOf(name) {
		case definition.KindApp:
			p.app, err = app.Parse(doc)
		case definition.KindForm:
			p.forms[key], err = form.Parse(doc)
		case definition.KindFlow:
			p.flows[key], err = flow.Parse(doc)
		case definition.KindRole:
			p.roles[key], err = role.Parse(doc)
		case definition.KindCalendar:
			p.calendars = append(p.calendars, key)
		case definition.KindChannel:
			p.channels = append(p.channels, key)
		case definition.KindAssignment:
			p.assignments[key], err = assignment.Parse(doc)
		}
		require.NoError(t, err, name)
	}
	return p
}

func roleKeys(p parts) []string {
	var keys []string
	for k := range p.roles {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func none(t *testing.T, where string, problems []problem.Problem) {
	t.Helper()
	for _, p := range problems {
		t.Errorf("%s%s", where, p.Error())
	}
}

func shipped(t *testing.T) []string {
	t.Helper()
	keys, err := apps.Keys()
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	return keys
}

func TestOpen(t *testing.T) {
	t.Run("unknown_app_does_not_exist", func(t *testing.T) {
		_, err := apps.Open("bakery")
		require.ErrorIs(t, err, fs.ErrNotExist)
	})
}

func TestShippedDocuments(t *testing.T) {
	t.Run("have_the_strict_shape_and_lie_where_their_kind_and_key_say", func(t *testing.T) {
		for _, app := range shipped(t) {
			for name, doc := range documents(t, app) {
				kind := kindOf(name)
				require.NotEmpty(t, kind, "%s lies in no folder of a kind", name)
				problems, err := schemas.Validate(kind, doc, true)
				require.NoError(t, err)
				none(t, name, problems)

				var head definition.Head
				require.NoError(t, json.Unmarshal(doc, &head))
				key := strings.TrimSuffix(path.Base(name), ".json")
				if kind == definition.KindApp {
					key = app
				}
				require.Equal(t, kind, head.Kind, name)
				require.Equal(t, key, head.Key, name)
			}
		}
	})
	t.Run("speak_chinese_and_english_everywhere", func(t *testing.T) {
		for _, app := range shipped(t) {
			for name, doc := range documents(t, app) {
				var value any
				require.NoError(t, json.Unmarshal(doc, &value))
				bilingual(t, name, value)
			}
		}
	})
}

// texts are the members that hold a human text.
var texts = []string{
	"title", "description", "plural", "help", "label", "message", "text", "summary", "category", "author",
	"x-title", "x-help", "x-placeholder", "x-unit", "x-message",
}

func bilingual(t *testing.T, at string, value any) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			bilingual(t, at+problem.Pointer(strconv.Itoa(i)), item)
		}
	case map[string]any:
		for key, member := range v {
			here := at + problem.Pointer(key)
			// A field may be called "title"; then its member is its schema.
			if words, ok := member.(map[string]any); ok && words["x-field"] != nil || !slices.Contains(texts, key) {
				bilingual(t, here, member)
				continue
			}
			words, ok := member.(map[string]any)
			if !ok {
				require.NotContains(t, texts, key, "%s is a text in no language", here)
			}
			for _, lang := range []string{"zh-CN", "en"} {
				word, _ := words[lang].(string)
				require.NotEmpty(t, strings.TrimSpace(word), "%s lacks %s", here, lang)
			}
		}
	}
}

func TestShippedForms(t *testing.T) {
	t.Run("can_be_published", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for key, f := range p.forms {
				none(t, key, form.Check(f, p.forms))
				_, problems := form.Compile(f)
				none(t, key, problems)
			}
		}
	})
	t.Run("lay_out_every_field", func(t *testing.T) {
		for _, app := range shipped(t) {
			for key, f := range load(t, app).forms {
				fields, err := f.Fields()
				require.NoError(t, err)
				var placed []string
				for _, s := range f.Layout {
					placed = append(placed, s.Fields...)
				}
				for _, fd := range fields {
					require.Contains(t, placed, fd.Key, "form %s", key)
				}
			}
		}
	})
}

func TestShippedFlows(t *testing.T) {
	t.Run("can_run", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for key, f := range p.flows {
				require.Contains(t, p.forms, f.Form, "flow %s", key)
				none(t, key, f.Check(p.forms[f.Form], roleKeys(p)))
			}
		}
	})
	t.Run("name_calendars_and_channels_that_are_there", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for _, f := range p.flows {
				for b := range f.All() {
					sent := slices.Clone(b.Notify)
					if d := b.Deadline; d != nil {
						require.Contains(t, p.calendars, d.Calendar, b.ID)
						sent = append(sent, d.Notify...)
						for _, r := range d.Remind {
							sent = append(sent, r.Notify)
						}
					}
					for _, n := range sent {
						for _, c := range n.Channels {
							require.Contains(t, p.channels, c, b.ID)
						}
					}
				}
			}
		}
	})
}

func TestShippedAssignments(t *testing.T) {
	t.Run("can_be_published", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for key, a := range p.assignments {
				require.Contains(t, p.forms, a.Form, key)
				none(t, key, a.Check(p.forms, roleKeys(p)))
				if a.Pool != nil && a.Pool.TakeBack != nil {
					require.Contains(t, p.calendars, a.Pool.TakeBack.Calendar, key)
				}
			}
		}
	})
}

func TestShippedRoles(t *testing.T) {
	t.Run("grant_on_forms_and_fields_that_are_there", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for key, r := range p.roles {
				for _, inherited := range r.Inherits {
					require.Contains(t, p.roles, inherited, key)
				}
				for _, g := range r.Grants {
					target, ok := g.Form()
					if !ok || target == "*" {
						continue
					}
					require.Contains(t, p.forms, target, key)
					fields, err := p.forms[target].Fields()
					require.NoError(t, err)
					for field := range g.Fields {
						require.True(t, slices.ContainsFunc(fields, func(f form.Field) bool { return f.Key == field }), "%s: %s.%s", key, target, field)
					}
				}
			}
		}
	})
	t.Run("hide_no_field_that_a_step_asks_them_to_fill", func(t *testing.T) {
		for _, app := range shipped(t) {
			p := load(t, app)
			for _, f := range p.flows {
				for b := range f.All() {
					for _, who := range b.Who {
						if who.Type != flow.WhoRole || !b.Waits() {
							continue
						}
						for field, access := range b.Fields {
							if access == flow.Required {
								require.True(t, mayWrite(p.roles[who.Role], f.Form, field), "%s must fill %s in %s", who.Role, field, b.ID)
							}
						}
					}
				}
			}
		}
	})
}

// mayWrite reports whether a grant of the role leaves the field open; grants add up.
func mayWrite(r *role.Role, formKey, field string) bool {
	return slices.ContainsFunc(r.Grants, func(g role.Grant) bool {
		target, ok := g.Form()
		if !ok || target != "*" && target != formKey {
			return false
		}
		access, masked := g.Fields[field]
		return !masked || access == role.FieldWrite
	})
}

func TestShippedMenu(t *testing.T) {
	t.Run("opens_forms_that_are_there_and_boards_that_have_stages", func(t *testing.T) {
		for _, key := range shipped(t) {
			p := load(t, key)
			require.Contains(t, p.forms, p.app.Home)
			for _, item := range p.app.Menu {
				require.Contains(t, p.forms, item.Form)
				if item.View != app.BoardView {
					continue
				}
				staged := false
				for _, f := range p.flows {
					staged = staged || f.Form == item.Form && len(f.Stages()) > 0
				}
				require.True(t, staged, "%s has no stages for a board", item.Form)
			}
		}
	})
}

func TestSalesManufacturing(t *testing.T) {
	p := load(t, "sales-manufacturing")
	pipeline := p.flows["opportunityPipeline"]

	t.Run("has_the_eight_steps_each_with_deadline_required_fields_and_a_check_or_approval", func(t *testing.T) {
		want := []string{"① 线索初筛", "② 技术需求确认", "③ 样件申请", "④ 小批量试产", "⑤ 量产评审", "⑥ 合同签署", "⑦ 首单交付", "⑧ 复购触发"}
		var got []string
		for _, s := range pipeline.Stages() {
			got = append(got, s.Title.In("zh-CN"))
			require.NotNil(t, s.Deadline, s.ID)
			required, gates := 0, 0
			for b := range pipeline.All() {
				if b.Stage != s {
					continue
				}
				gates += len(b.Checks)
				for _, access := range b.Fields {
					if access == flow.Required {
						required++
					}
				}
			}
			require.Positive(t, required, s.ID)
			require.Positive(t, gates, s.ID)
		}
		require.Equal(t, want, got)
	})
	t.Run("wants_the_mould_drawing_as_pdf_named_with_the_customer_number_by_the_fifth_working_day_at_five", func(t *testing.T) {
		fields, err := p.forms["opportunity"].Fields()
		require.NoError(t, err)
		i := slices.IndexFunc(fields, func(f form.Field) bool { return f.Key == "moldDrawing" })
		require.Equal(t, []string{"application/pdf"}, fields[i].File.Types)
		require.Equal(t, "customer.code", fields[i].File.NameContains)

		task, ok := pipeline.Find("sampleRequest")
		require.True(t, ok)
		require.Equal(t, flow.Required, task.Fields["moldDrawing"])
		require.Equal(t, 5, task.Deadline.After)
		require.Equal(t, flow.WorkingDays, task.Deadline.Unit)
		require.Equal(t, "17:00", task.Deadline.At)
	})
}
