package draft

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"

	"github.com/stepwell/stepwell/builder/pack"
	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/problem"
)

// ErrDiffers refuses an installation over definitions that are not the package's.
var ErrDiffers = fault.Define(fault.Conflict, "package.differs", "{count} definitions of this app are here already and differ from the package. Look at them first; install with “overwrite” to replace them.", "系统中已有此应用的 {count} 个定义与应用包不同。请先查看差异；确认替换时请选择“覆盖安装”。")

// ErrDifferent is one definition that is not the package's.
var ErrDifferent = problem.Define("package.different", "The {kind} {key} is here already and differs.", "已有的{kind}“{key}”与应用包不同。")

// Standing is how a definition of a package stands to what is installed.
type Standing string

// The standings.
const (
	StandingNew       Standing = "new"       // not here yet
	StandingSame      Standing = "same"      // here, with the same content
	StandingDifferent Standing = "different" // here, with other content
)

// Comparison is one definition of a package beside what is installed.
type Comparison struct {
	Ref      definition.Ref `json:"ref"`
	Standing Standing       `json:"standing"`
}

// Compare says what installing a package would do.
func (s *Service) Compare(ctx context.Context, p *pack.Package) ([]Comparison, error) {
	out := make([]Comparison, 0, len(p.Documents))
	for _, d := range p.Documents {
		old, err := s.find(ctx, d.Ref)
		if err != nil {
			return nil, err
		}
		c := Comparison{Ref: d.Ref, Standing: StandingNew}
		switch {
		case old == nil || old.Deleted:
		case sameContent([]byte(old.Body), d.Body):
			c.Standing = StandingSame
		default:
			c.Standing = StandingDifferent
		}
		out = append(out, c)
	}
	return out, nil
}

// sameContent compares documents as JSON, not as text. The order of members counts only where it is kept: in the text
// of a form's schema; there a different order is a different form.
func sameContent(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y struct {
		Schema json.RawMessage `json:"schema"`
	}
	var v, w any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil || json.Unmarshal(a, &v) != nil || json.Unmarshal(b, &w) != nil {
		return false
	}
	return reflect.DeepEqual(v, w) && bytes.Equal(compact(x.Schema), compact(y.Schema))
}

func compact(text json.RawMessage) []byte {
	var b bytes.Buffer
	if len(text) == 0 || json.Compact(&b, text) != nil {
		return text
	}
	return b.Bytes()
}

// Install writes and publishes all definitions of a package. Those that are here with the same content stay as they are;
// others that are here refuse the installation with ErrDiffers, which names them, unless overwrite is set. What it replaces
// stays among the versions.
func (s *Service) Install(ctx context.Context, p *pack.Package, overwrite bool, note, actor string) ([]definition.Version, error) {
	standings, err := s.Compare(ctx, p)
	if err != nil {
		return nil, err
	}
	if differing := different(standings); len(differing) > 0 && !overwrite {
		return nil, ErrDiffers.With(problem.Params{"count": len(differing)}, differing...)
	}
	var changes []change
	for i, d := range p.Documents {
		old, err := s.find(ctx, d.Ref)
		if err != nil {
			return nil, err
		}
		next := s.edit(d.Ref, old, d.Body, actor)
		if standings[i].Standing == StandingSame {
			next.Body = old.Body
			unchanged, err := s.inForce(ctx, old, old.Body)
			if err != nil {
				return nil, err
			}
			if unchanged {
				continue
			}
		}
		changes = append(changes, change{old: old, next: next})
	}
	if len(changes) == 0 {
		return nil, nil
	}
	about := definition.Ref{App: p.App.Key, Kind: definition.KindApp, Key: p.App.Key}
	return s.putInForce(ctx, about, changes, note, actor)
}

func different(standings []Comparison) []problem.Problem {
	var out []problem.Problem
	for _, c := range standings {
		if c.Standing == StandingDifferent {
			out = append(out, ErrDifferent.At(problem.Pointer(string(c.Ref.Kind), c.Ref.Key), params(c.Ref)))
		}
	}
	return out
}
