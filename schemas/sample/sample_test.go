package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"image/png"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/schemas/flow"
	"github.com/stepwell/stepwell/schemas/form"
)

const (
	company = `{"name": "Bakery", "departments": [{"id": "shop", "name": "Shop", "head": "ann"}], "people": [
		{"username": "ann", "name": "Ann", "position": "head", "department": "shop", "email": "ann@bakery.example", "roles": ["baker"]},
		{"username": "bob", "name": "Bob", "position": "baker", "department": "shop", "manager": "ann", "email": "bob@bakery.example", "behaviour": "slow"}]}`
	script = `{"seed": 7, "weeks": 4, "calendar": "week", "opens": "08:00", "closes": "17:00", "behaviours": {"slow": {"pace": 2}},
		"setup": [{"form": "cake", "rows": "cakes.json", "set": {"price": {"number": [1, 5]}}}],
		"arrivals": [{"form": "cake", "count": 3, "by": {"role": "baker"}, "set": {"name": "Cake {n}", "size": {"pick": ["s", "l"]}}}],
		"plays": {"baking": {"bake": {"after": [1, 2, 3], "set": {"price": {"number": [1, 5]}}, "outcomes": [
			{"key": "done", "weight": 9, "do": "complete"}, {"key": "burnt", "weight": 1, "do": "complete", "only": true, "set": {"name": "Coal"}}]}}}}`
	cakes    = `[{"name": "Apple"}, {"name": "Plum", "size": "s"}]`
	cakeForm = `{"kind": "form", "key": "cake", "title": "Cake", "schema": {"type": "object", "required": ["name"], "properties": {
		"name": {"x-field": "text"}, "price": {"x-field": "money"}, "no": {"x-field": "autoNumber"},
		"size": {"x-field": "singleChoice", "x-options": [{"value": "s", "label": "S"}, {"value": "l", "label": "L"}]}}}}`
	baking = `{"kind": "flow", "key": "baking", "title": "Baking", "form": "cake", "blocks": [{"id": "kitchen", "type": "stage", "title": "Kitchen",
		"fields": {"size": "read"}, "blocks": [{"id": "bake", "type": "task", "title": "Bake", "who": [{"type": "owner"}], "fields": {"price": "required"}, "waive": "form.name == 'Coal'"}]}]}`
)

// folder is sample data on disk with some texts replaced.
func folder(replaced ...string) fstest.MapFS {
	r := strings.NewReplacer(replaced...)
	return fstest.MapFS{
		"company.json": {Data: []byte(r.Replace(company))},
		"script.json":  {Data: []byte(r.Replace(script))},
		"cakes.json":   {Data: []byte(r.Replace(cakes))},
	}
}

func bakery(t *testing.T) Parts {
	t.Helper()
	f, err := form.Parse([]byte(cakeForm))
	require.NoError(t, err)
	b, err := flow.Parse([]byte(baking))
	require.NoError(t, err)
	return Parts{
		Forms: map[string]*form.Form{"cake": f}, Flows: map[string]*flow.Flow{"baking": b},
		Roles: []string{"baker"}, Calendars: []string{"week"},
	}
}

func TestLoad(t *testing.T) {
	t.Run("reads_company_script_and_rows", func(t *testing.T) {
		s, err := Load(folder())
		require.NoError(t, err)
		require.Len(t, s.Company.People, 2)
		require.Len(t, s.Rows["cakes.json"], 2)
		require.Equal(t, Span{1, 2, 3}, s.Script.Plays["baking"]["bake"].After)
		require.Equal(t, "size", s.Rows["cakes.json"][1][1].Key, "the order is kept")
	})
	t.Run("a_folder_without_script_has_no_sample", func(t *testing.T) {
		_, err := Load(fstest.MapFS{})
		require.ErrorIs(t, err, ErrAbsent)
	})
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown_member":         {`"weeks"`, `"wekes": 1, "weeks"`, "wekes"},
		"unknown_generator":      {`{"pick": ["s", "l"]}`, `{"pikc": ["s", "l"]}`, `"pikc"`},
		"two_ways_at_once":       {`{"pick": ["s", "l"]}`, `{"pick": ["s"], "text": ["l"]}`, "exactly one way"},
		"field_set_twice":        {`"size": "s"}`, `"size": "s", "size": "l"}`, "set twice"},
		"span_that_goes_down":    {`[1, 2, 3]`, `[3, 2, 1]`, "goes up"},
		"range_that_goes_down":   {`[1, 5]`, `[5, 1]`, "goes up"},
		"missing_row_file":       {`cakes.json`, `pies.json`, "pies.json"},
		"unknown_generator_part": {`{"pick": ["s", "l"]}`, `{"date": {"days": [1, 2], "weeks": 3}}`, "weeks"},
	} {
		t.Run("refuses_"+name, func(t *testing.T) {
			_, err := Load(folder(c.old, c.new))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestCheck(t *testing.T) {
	t.Run("sound_data_passes", func(t *testing.T) {
		s, err := Load(folder())
		require.NoError(t, err)
		require.Empty(t, s.Check(bakery(t)))
	})
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown_department": {`"department": "shop", "manager"`, `"department": "mill", "manager"`, `/company/people/1/department: There is no department “mill”`},
		"unknown_manager":    {`"manager": "ann"`, `"manager": "eve"`, `/company/people/1/manager: There is no person “eve”`},
		"managers_in_a_loop": {`"roles": ["baker"]`, `"roles": ["baker"], "manager": "bob"`, `/company/people/0/manager: “ann” stands above itself`},
		"username_twice":     {`"username": "bob"`, `"username": "ann"`, `/company/people/1/username: “ann” is there twice`},
		"unknown_role":       {`"roles": ["baker"]`, `"roles": ["miller"]`, `/company/people/0/roles/0: There is no role “miller”`},
		"unknown_behaviour":  {`"behaviour": "slow"`, `"behaviour": "swift"`, `/company/people/1/behaviour: There is no behaviour “swift”`},
		"unknown_calendar":   {`"calendar": "week"`, `"calendar": "moon"`, `/script/calendar: There is no calendar “moon”`},
		"no_weeks":           {`"weeks": 4`, `"weeks": 0`, `/script/weeks: 0 is not possible here`},
		"required_field":     {`"name": "Cake {n}", `, ``, `/script/arrivals/0/set: “name” has to be filled in`},
		"required_in_a_row":  {`[{"name": "Apple"}`, `[{"size": "s"}`, `/cakes.json/0/set: “name” has to be filled in`},
		"unknown_field":      {`"size": {"pick"`, `"colour": {"pick"`, `/script/arrivals/0/set/colour: There is no field “cake.colour”`},
		"computed_field":     {`"size": {"pick"`, `"no": {"pick"`, `/script/arrivals/0/set/no: “no” cannot be written here`},
		"no_such_choice":     {`["s", "l"]`, `["s", "xl"]`, `/script/arrivals/0/set/size: “xl” is not a choice of “size”`},
		"wrong_kind":         {`{"pick": ["s", "l"]}`, `{"number": 3}`, `/script/arrivals/0/set/size: This makes a value for a field of type number`},
		"no_play":            {`{"bake": {"after"`, `{"fry": {"after"`, `/script/plays/baking/fry: There is no step “fry”`},
		"wrong_do":           {`"do": "complete"},`, `"do": "approve"},`, `“approve” cannot be done to a step of type task`},
		"return_no_reason":   {`"do": "complete"},`, `"do": "return", "to": "kitchen"},`, `A return or refusal needs a reason`},
		"return_nowhere":     {`"do": "complete"},`, `"do": "return", "to": "cellar", "comment": ["x"]},`, `There is no step “cellar”`},
		"locked_field":       {`"set": {"name": "Coal"}`, `"set": {"size": "s"}`, `/set/size: “size” cannot be written here`},
		"step_not_filled":    {`"set": {"price": {"number": [1, 5]}}, "outcomes"`, `"outcomes"`, `/outcomes/0/set: “price” has to be filled in`},
	} {
		t.Run("finds_"+name, func(t *testing.T) {
			s, err := Load(folder(c.old, c.new))
			require.NoError(t, err)
			var all []string
			for _, p := range s.Check(bakery(t)) {
				all = append(all, p.Error())
				require.NotEqual(t, p.Message("en"), p.Message("zh-CN"))
			}
			require.Contains(t, strings.Join(all, "\n"), c.want)
		})
	}
}

// shelf is a world with a few records.
type shelf struct{}

func (shelf) Records(form string, where map[string]any) ([]string, error) {
	if where["name"] == "none" {
		return nil, nil
	}
	return []string{form + "-1", form + "-2", form + "-3"}, nil
}

func (shelf) Read(on Subject, path string) (any, error) {
	switch path {
	case "customer.code":
		return "KH-0007", nil
	case "broken":
		return nil, errors.New("the shelf is broken")
	}
	return on.Data[path], nil
}

func (shelf) Eval(on Subject, cel string) (any, error) { return on.Data["size"] == cel, nil }

func (shelf) Holders(role string) []string {
	if role == "baker" {
		return []string{"u1", "u2"}
	}
	return nil
}

func (shelf) User(username string) string {
	if username == "ann" {
		return "u1"
	}
	return ""
}

func draw(t rapid.TB, fields string, salt uint64) (map[string]any, error) {
	var f Fields
	require.NoError(t, json.Unmarshal([]byte(fields), &f))
	values := map[string]Value{}
	require.NoError(t, json.Unmarshal([]byte(`{"word": {"text": ["red", "blue"]}, "self": {"use": "word"}, "loop": "{@loop}"}`), &values))
	dice := NewDice(&Script{Seed: 1, Values: values}, shelf{}, salt)
	zone := time.FixedZone("CST", 8*3600)
	return dice.Draw(f, Subject{Form: "cake", Data: map[string]any{}, Owner: "u1", Actor: "u2", Now: time.Date(2026, 3, 3, 7, 30, 0, 0, zone), Visit: 2})
}

func TestDraw(t *testing.T) {
	for name, c := range map[string]struct{ fields, want string }{
		"constants_stay":              {`{"a": 3, "b": true, "c": ["x"]}`, `{"a":3,"b":true,"c":["x"]}`},
		"null_leaves_the_field_out":   {`{"a": null, "b": 1}`, `{"b":1}`},
		"places_are_filled":           {`{"code": "K1", "a": "{code} V{n} {customer.code} {today}{nothing}"}`, `{"a":"K1 V2 KH-0007 20260303","code":"K1"}`},
		"dates_count_from_a_field":    {`{"a": {"date": {"days": 2}}, "b": {"date": {"from": "a", "days": -3}}}`, `{"a":"2026-03-05","b":"2026-03-02"}`},
		"moments_are_utc":             {`{"a": {"moment": {"hours": [-1.5, -1.5, 0.5]}}}`, `{"a":"2026-03-02T22:00:00.000Z"}`},
		"times_multiplies":            {`{"a": 10, "b": {"times": {"of": "a", "by": [0.5, 0.5, 0.1], "decimals": 1}}}`, `{"a":10,"b":5}`},
		"times_of_nothing_is_nothing": {`{"b": {"times": {"of": "a", "by": 2}}}`, `{}`},
		"link_to_nothing_is_left_out": {`{"a": {"link": {"form": "pie", "where": {"name": "none"}}}}`, `{}`},
		"person_by_name_and_actor":    {`{"a": {"person": {"user": "ann"}}, "b": {"person": {"actor": true}}}`, `{"a":"u1","b":"u2"}`},
		"rows_are_drawn":              {`{"a": {"rows": [{"x": 1}, {"x": 2, "y": null}]}, "b": {"repeat": {"count": 2, "set": {"z": 0}}}}`, `{"a":[{"x":1},{"x":2}],"b":[{"z":0},{"z":0}]}`},
		"if_takes_a_side":             {`{"size": "s", "a": {"if": {"when": "s", "then": 1, "else": 2}}, "b": {"if": {"when": "l", "then": 1}}}`, `{"a":1,"size":"s"}`},
		"weight_zero_never_comes":     {`{"a": {"pick": [{"weight": 0, "value": 1}, 2]}}`, `{"a":2}`},
		"never_is_never":              {`{"a": {"maybe": {"chance": 0, "value": 1}}}`, `{}`},
		"some_of_all_keeps_order":     {`{"a": {"some": {"of": ["x", "y", "z"], "count": 3}}}`, `{"a":["x","y","z"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			for salt := range uint64(20) {
				got, err := draw(t, c.fields, salt)
				require.NoError(t, err)
				doc, err := json.Marshal(got)
				require.NoError(t, err)
				require.JSONEq(t, c.want, string(doc))
			}
		})
	}
	t.Run("files_are_named_and_numbered", func(t *testing.T) {
		got, err := draw(t, `{"a": {"file": {"name": "{customer.code}-V{n}.pdf", "count": 2}}}`, 1)
		require.NoError(t, err)
		files := got["a"].([]any)
		require.Len(t, files, 2)
		require.Equal(t, "KH-0007-V2.pdf", files[0].(NewFile).Name)
		require.Equal(t, "KH-0007-V2 (2).pdf", files[1].(NewFile).Name)
		require.NotEqual(t, files[0].(NewFile).Content, files[1].(NewFile).Content)
	})
	for name, c := range map[string]struct{ fields, want string }{
		"unknown_named_value": {`{"a": {"use": "nothing"}}`, "no value called nothing"},
		"endless_value":       {`{"a": {"use": "loop"}}`, "leads back to itself"},
		"unknown_person":      {`{"a": {"person": {"user": "eve"}}}`, "nobody is called eve"},
		"empty_role":          {`{"a": {"person": {"role": "miller"}}}`, "nobody holds the role miller"},
		"open_place":          {`{"a": "{code"}`, "never closed"},
		"date_from_a_word":    {`{"size": "s", "a": {"date": {"from": "size", "days": 1}}}`, "neither a date nor a moment"},
		"file_of_no_type":     {`{"a": {"file": {"name": "a.exe"}}}`, "no sample file ends in"},
		"world_that_fails":    {`{"a": {"copy": "broken"}}`, "the shelf is broken"},
	} {
		t.Run("says_what_is_wrong_with_"+name, func(t *testing.T) {
			_, err := draw(t, c.fields, 1)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "draw cake.a")
		})
	}
}

func TestDice(t *testing.T) {
	everything := `{"a": {"number": [10, 90, 5]}, "b": {"log": [1000, 900000, 100]}, "c": {"pattern": "@@-####"}, "d": "{@word}",
		"e": {"some": {"of": ["x", "y", "z"], "count": [1, 2]}}, "f": {"link": {"form": "pie"}}, "g": {"person": {"role": "baker"}}, "h": {"use": "self"}}`
	rapid.Check(t, func(t *rapid.T) {
		salt := rapid.Uint64().Draw(t, "salt")
		one, err := draw(t, everything, salt)
		require.NoError(t, err)
		two, err := draw(t, everything, salt)
		require.NoError(t, err)
		require.Equal(t, one, two, "the same salt gives the same values")
		require.Zero(t, int(one["a"].(float64))%5)
		require.True(t, one["a"].(float64) >= 10 && one["a"].(float64) <= 90)
		require.True(t, one["b"].(float64) >= 1000 && one["b"].(float64) <= 900000)
		require.Regexp(t, `^[A-Z]{2}-[0-9]{4}$`, one["c"])
		require.Contains(t, []string{"red", "blue"}, one["d"])
		require.Contains(t, []string{"red", "blue"}, one["h"])
		require.Contains(t, []int{1, 2}, len(one["e"].([]any)))
	})
	rapid.Check(t, func(t *rapid.T) {
		dice := NewDice(&Script{Seed: rapid.Uint64().Draw(t, "seed")}, shelf{}, 1)
		lo := rapid.Float64Range(0, 100).Draw(t, "lo")
		mode := lo + rapid.Float64Range(0, 100).Draw(t, "up")
		hi := mode + rapid.Float64Range(0, 100).Draw(t, "more")
		h := dice.Hours(Span{lo, mode, hi})
		require.True(t, h >= lo-1e-9 && h <= hi+1e-9, "%v lies in [%v, %v]", h, lo, hi)
		weights := rapid.SliceOf(rapid.Float64Range(-1, 3)).Draw(t, "weights")
		if i := dice.Weighted(weights); i >= 0 {
			require.Positive(t, weights[i])
		} else {
			for _, w := range weights {
				require.LessOrEqual(t, w, 0.0)
			}
		}
	})
}

func TestContent(t *testing.T) {
	t.Run("pdf_says_what_it_is_and_where_its_parts_lie", func(t *testing.T) {
		doc, err := Content("KH-0001-模具图纸-V1.pdf", "模具图纸")
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(doc, []byte("%PDF-1.4")))
		require.True(t, bytes.HasSuffix(doc, []byte("%%EOF\n")))
		at := bytes.LastIndex(doc, []byte("xref\n0 "))
		require.Contains(t, string(doc), "startxref\n"+jsonNumber(bytes.Index(doc, []byte("\nxref\n"))+1), "the table is where the trailer says")
		require.Positive(t, at)
	})
	t.Run("png_decodes", func(t *testing.T) {
		doc, err := Content("photo.png", "")
		require.NoError(t, err)
		_, err = png.Decode(bytes.NewReader(doc))
		require.NoError(t, err)
	})
	t.Run("other_names_give_other_bytes", func(t *testing.T) {
		seen := map[string]bool{}
		for _, name := range []string{"a.pdf", "b.pdf", "a.png", "b.png"} {
			doc, err := Content(name, "")
			require.NoError(t, err)
			seen[string(doc)] = true
		}
		require.Len(t, seen, 4)
	})
}

func jsonNumber(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}
